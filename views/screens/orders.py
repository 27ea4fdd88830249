"""Ordinationer of a person, on the nurse's phone: what holds, what is paused, what is over."""

import flet as ft

from care.order_state import GOING
from views import dates
from views.components import Action, empty, frame, icon_block, info_line, pressable, thumb_bar
from views.components import button as plain_button
from views.model import ordering, reading
from views.model.ordering import Known
from views.model.shift import Shift
from views.places import Order, Orders, PauseOrder, WriteOrder
from views.screens.order_parts import in_words, named, state_signs
from views.screens.parts import ICONS, back_bar, header_of, local, receipt_of
from views.screens.sign import gone
from views.theme import Look, Radius, Space, use_look

SHOWN = 60


def orders(shift: Shift, place: Orders) -> ft.Control:
    look = use_look()
    t = look.t
    all_shown, show_all = ft.use_state(False)
    person = reading.person(shift, place.person)
    if person is None:
        return gone(look, shift)
    found = ordering.of_person(shift, person.id)
    going = [one for one in found if one.state in GOING]
    over = [one for one in found if one.state not in GOING]
    places = ordering.may_place(shift, person.unit)
    body: list[ft.Control] = [header_of(look, person), look.heading(t("console.orders.title"))]
    begun = ordering.begun(shift, ordering.key_of(person.id, "")) if places else None
    if begun:
        at = dates.moment(local(begun), shift.phone.now(), t)
        icon = ft.Icons.EDIT_NOTE_ROUNDED
        body.append(info_line(look, t("order.begun", at=at), icon=icon, tone="quiet"))
    body += [row(look, shift, one) for one in going[:SHOWN]]
    if not going:
        body.append(empty(look, t("console.person.no_orders")))
    if over and not all_shown:
        words = t.n("order.over", len(over))
        body.append(plain_button(look, words, lambda: show_all(True), kind="quiet", identifier="over"))
    body += [row(look, shift, one) for one in over[:SHOWN]] if all_shown else []
    bar = None
    if places:
        new = t("order.go_on" if begun else "order.new")
        write = lambda: shift.go(WriteOrder(person.id))  # noqa: E731
        rest = [away(look, shift, person.id, going)] if going else []
        bar = thumb_bar(look, Action(new, write, ft.Icons.ADD_ROUNDED, identifier="new-order"), rest)
    return frame(look, back_bar(look, shift, t("common.back")), body, bar, receipt=receipt_of(look, shift))


def away(look: Look, shift: Shift, person: str, going: list[Known]) -> Action:
    """*På sjukhus eller borta*, or *Personen är tillbaka*."""
    t = look.t
    own = [one for one in going if ordering.theirs(shift, one.order)]
    paused = [one.order for one in own if one.state == "paused"]

    async def back() -> None:
        await ordering.resume(shift, paused)
        shift.say_saved(t("order.resumed"), t.n("order.count", len(paused)))

    if paused:
        return Action(t("order.resume_all"), back, ft.Icons.HOME_ROUNDED, identifier="resume-all")
    go = lambda: shift.go(PauseOrder(person))  # noqa: E731
    return Action(t("order.pause_all"), go if own else None, ft.Icons.PAUSE_ROUNDED, identifier="pause-all")


def row(look: Look, shift: Shift, one: Known) -> ft.Control:
    p = look.palette
    words = ft.Column(
        [
            look.text(named(one.plan), "strong"),
            look.text(in_words(look, one.plan), "small", p.ink2),
            state_signs(look, one),
        ],
        spacing=4,
        tight=True,
        expand=1,
    )
    inside = [words] if look.large else [icon_block(look, ICONS[one.plan.form]), words]
    return pressable(
        look,
        ft.Row(inside, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START, expand=True),
        lambda: shift.go(Order(one.order.id)),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=f"order-{one.order.id}",
    )

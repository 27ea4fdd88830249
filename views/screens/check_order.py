"""Så här blir det: an order that is written, in words and as days, before it is stated."""

import flet as ft

from care.order import Plan
from care.order_state import ahead, as_if
from care.order_words import changes, rows
from care.person import PersonDocument
from views import dates
from views.components import (
    Action,
    banner,
    card,
    divider,
    dose_card,
    empty,
    frame,
    info_line,
    section_title,
    text_field,
    thumb_bar,
)
from views.model import ordering, reading
from views.model.ordering import Known
from views.model.shift import Shift
from views.places import CheckOrder
from views.screens.inbox_case import say_in_answer
from views.screens.order_parts import ahead_rows, change_words, facts, in_words, named
from views.screens.parts import ICONS, back_bar, header_of
from views.theme import Look, Space, use_look

IN_CARD = frozenset({"what", "strength", "amount", "when"})
"""What the card on top says already."""


def check_order(shift: Shift, place: CheckOrder) -> ft.Control:
    look = use_look()
    t = look.t
    key = ordering.key_of(place.person, place.order)
    written, set_written = ft.use_state(lambda: ordering.kept(shift, place.order, key))
    person = reading.person(shift, place.person)
    found = ordering.one(shift, place.order) if place.order else None
    head = back_bar(look, shift, t("order.write_on"))
    plan = ordering.read(shift, person, found, written)[0] if person else None
    if person is None or plan is None:
        return frame(look, head, [empty(look, t("order.gone"))])

    async def save() -> None:
        if found:
            await ordering.change(shift, found.order, plan, written.why, key)
        else:
            await ordering.place(shift, person, plan, key)
        if place.sbar:
            words = t("order.in_answer", what=named(plan), how=in_words(look, plan))
            await say_in_answer(shift, place.sbar, words)
        shift.back()
        shift.back()
        told = t("order.changed" if found else "order.placed", at=dates.clock(shift.phone.now()))
        shift.say_saved(f"{person.listed_first_name}, {named(plan)}", told)

    def why(text: str) -> None:
        set_written(ordering.Written(written.fields, written.who, written.base, text))

    body: list[ft.Control] = [header_of(look, person), look.heading(t("order.preview"))]
    if by := ordering.changed_meanwhile(found, written):
        name = reading.name_of(shift, by) or t("nurse.role")
        body.append(banner(look, "late", t("order.meanwhile", name=name), t("order.meanwhile_detail")))
    body += differs(look, found, plan) if found else says_all(look, plan)
    body += days(look, shift, person, found, plan)
    body += who_can(look, shift, plan, person)
    if found:
        body.append(
            text_field(look, t("order.why_changed"), written.why, why, length=500, identifier="why-changed")
        )
    same = found is not None and not changes(found.plan, plan, t)
    words = t("order.save_change" if found else "order.place")
    main = Action(words, None if same else save, ft.Icons.CHECK_ROUNDED, identifier="place-order")
    return frame(look, head, body, thumb_bar(look, main))


def says_all(look: Look, plan: Plan) -> list[ft.Control]:
    """All that a new order says, what matters most on top."""
    t = look.t
    after = [row for row in rows(plan, t) if row.field not in IN_CARD]
    top = dose_card(
        look,
        title=named(plan),
        amount=plan.amount,
        detail=in_words(look, plan).removeprefix(f"{plan.amount}, ").capitalize(),
        icon=ICONS[plan.form],
    )
    return [top, card(look, facts(look, after), spacing=Space.M)] if after else [top]


def differs(look: Look, found: Known, plan: Plan) -> list[ft.Control]:
    """What the new version says otherwise."""
    t = look.t
    told = changes(found.plan, plan, t)
    title = look.text(named(plan), "h2")
    if not told:
        return [title, info_line(look, t("order.nothing_changed"), tone="quiet")]
    lines: list[ft.Control] = []
    for one in told:
        lines += [divider(look)] if lines else []
        lines += change_words(look, one)
    return [title, card(look, [ft.Row([ft.Column(lines, spacing=Space.S, tight=True, expand=1)])])]


def days(
    look: Look, shift: Shift, person: PersonDocument, found: Known | None, plan: Plan
) -> list[ft.Control]:
    """What it plans in the next days."""
    if plan.as_needed:
        return []
    now = shift.phone.now()
    would = as_if(found.order if found else None, plan, person.id, person.unit, shift.me.staff, now)
    return [
        section_title(look, look.t("order.ahead"), None, icon=ft.Icons.CALENDAR_MONTH_ROUNDED),
        card(look, ahead_rows(look, ahead(would, now), plan.amount)),
    ]


def who_can(look: Look, shift: Shift, plan: Plan, person: PersonDocument) -> list[ft.Control]:
    """Who may do it as things stand: an order that nobody has the delegation for waits for the nurse."""
    t = look.t
    if plan.requires is None:
        return [info_line(look, t("order.able_all"), icon=ft.Icons.GROUPS_ROUNDED, tone="quiet")]
    able = [one.name for one in ordering.able(shift, plan, person.id)]
    if able:
        words = t("order.able", names=", ".join(able))
        return [info_line(look, words, icon=ft.Icons.VERIFIED_USER_ROUNDED)]
    return [banner(look, "late", t("order.able_none"), t("order.able_none_detail"))]

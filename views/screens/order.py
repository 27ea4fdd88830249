"""One order on the nurse's phone: what it says, its next days, its pauses and what has been changed."""

from datetime import datetime

import flet as ft

from care.order import Plan
from care.order_state import ahead, not_over
from care.order_words import changes, rows
from views import dates
from views.components import Action, card, empty, frame, info_line, section_title, thumb_bar
from views.model import ordering, reading
from views.model.ordering import Known
from views.model.shift import Shift
from views.places import Order, PauseOrder, StopOrder, WriteOrder
from views.screens.order_parts import ahead_rows, change_words, facts, named, state_signs
from views.screens.parts import back_bar, header_of, local, receipt_of
from views.theme import Look, Space, use_look


def order(shift: Shift, place: Order) -> ft.Control:
    look = use_look()
    t = look.t
    known = ordering.one(shift, place.order)
    head = back_bar(look, shift, t("common.back"))
    person = reading.person(shift, known.order.person) if known else None
    if known is None or person is None:
        return frame(look, head, [empty(look, t("order.gone"))])
    over = known.state in ("stopped", "ended")
    body: list[ft.Control] = [
        header_of(look, person),
        look.heading(named(known.plan)),
        state_signs(look, known),
    ]
    if known.state == "stopped" and known.order.stop_reason:
        body.append(info_line(look, known.order.stop_reason, icon=ft.Icons.CANCEL_ROUNDED, tone="quiet"))
    if source := known.plan.source:
        body.append(look.text(t("order.from", system=source.system), "small", look.palette.ink2))
    body.append(card(look, facts(look, rows(known.plan, t)), spacing=Space.M))
    if not known.plan.as_needed and not over:
        days = ahead(known.order, shift.phone.now())
        body += [
            section_title(look, t("order.ahead"), None, icon=ft.Icons.CALENDAR_MONTH_ROUNDED),
            card(look, ahead_rows(look, days, known.plan.amount)),
        ]
    body += [*pauses(look, known), *history(look, shift, known)]
    bar = None
    if not over and ordering.theirs(shift, known.order):
        bar = thumb_bar(look, *acts(look, shift, known, person.id))
    return frame(look, head, body, bar, receipt=receipt_of(look, shift))


def acts(look: Look, shift: Shift, known: Known, person: str) -> tuple[Action, list[Action]]:
    """Change it, pause it or take the pause away, stop it."""
    t, id = look.t, known.order.id

    async def resume() -> None:
        await ordering.resume(shift, [known.order])
        shift.say_saved(t("order.resumed"), named(known.plan))

    change = lambda: shift.go(WriteOrder(person, id))  # noqa: E731
    pause = lambda: shift.go(PauseOrder(person, id))  # noqa: E731
    stop = lambda: shift.go(StopOrder(id))  # noqa: E731
    if not_over(known.order, shift.phone.now()):
        second = Action(t("order.resume"), resume, ft.Icons.PLAY_ARROW_ROUNDED, identifier="resume")
    else:
        second = Action(t("order.pause"), pause, ft.Icons.PAUSE_ROUNDED, identifier="pause")
    return (
        Action(t("order.change"), change, ft.Icons.EDIT_ROUNDED, identifier="change"),
        [second, Action(t("order.stop"), stop, ft.Icons.BLOCK_ROUNDED, identifier="stop")],
    )


def pauses(look: Look, known: Known) -> list[ft.Control]:
    t = look.t
    if not known.order.pauses:
        return []
    lines: list[ft.Control] = []
    for one in known.order.pauses:
        end = moment(look, one.end) if one.end else t("order.until_further")
        why = t(f"order.cause.{one.cause}")
        lines.append(look.text(f"{moment(look, one.start)} – {end}", "strong"))
        lines.append(look.text(f"{why}: {one.reason}" if one.reason else why, "small", look.palette.ink2))
    return [
        section_title(look, t("order.pauses"), None, icon=ft.Icons.PAUSE_CIRCLE_ROUNDED),
        whole(look, lines),
    ]


def history(look: Look, shift: Shift, known: Known) -> list[ft.Control]:
    """Every version, the last first: by whom, when, and what it said otherwise than the one before."""
    t, p = look.t, look.palette
    told: list[list[ft.Control]] = []
    before: Plan | None = None
    for version in known.order.versions:
        by = reading.name_of(shift, version.by) or t("nurse.role")
        lines: list[ft.Control] = [look.text(f"{moment(look, version.effective)} · {by}", "strong")]
        if before is None:
            lines.append(look.text(t("order.first_version").capitalize(), "small", p.ink2))
        if version.what_changed:
            lines.append(look.text(version.what_changed, "body"))
        for change in changes(before, version.plan, t) if before else []:
            lines += change_words(look, change)
        told.append(lines)
        before = version.plan
    return [
        section_title(look, t("order.versions"), None, icon=ft.Icons.HISTORY_ROUNDED),
        whole(look, [line for lines in reversed(told) for line in lines]),
    ]


def whole(look: Look, lines: list[ft.Control]) -> ft.Control:
    """Lines on a card as wide as the page."""
    return card(look, [ft.Row([ft.Column(lines, spacing=2, tight=True, expand=1)])])


def moment(look: Look, at: datetime) -> str:
    here = local(at)
    return f"{dates.short_day(here.date(), look.t)} {here.year} {dates.clock(here)}"

"""Pausa and Sätt ut, on the nurse's phone."""

from typing import get_args

import flet as ft

from care.days_said import moment
from care.order import OrderPaused, PauseCause
from care.signing import local_day
from views.components import Action, Option, empty, frame, question, text_field, thumb_bar, title_block
from views.model import ordering, reading
from views.model.ordering import Known
from views.model.shift import Shift
from views.places import PauseOrder, StopOrder
from views.screens.order_parts import in_words, named
from views.screens.parts import back_bar, header_of
from views.theme import use_look

CAUSES: tuple[PauseCause, ...] = get_args(PauseCause)


def pause_order(shift: Shift, place: PauseOrder) -> ft.Control:
    """From now or from a moment, until further notice or until one. Without an order: all of a person's."""
    look = use_look()
    t = look.t
    cause, set_cause = ft.use_state("")
    start, set_start = ft.use_state("")
    end, set_end = ft.use_state("")
    reason, set_reason = ft.use_state("")
    tried, set_tried = ft.use_state(False)
    person = reading.person(shift, place.person)
    found = of_place(shift, place)
    head = back_bar(look, shift, t("common.back"))
    if person is None or not found:
        return frame(look, head, [empty(look, t("order.gone"))])
    now = shift.phone.now()
    begins = moment(start, local_day(now)) if start else now
    ends = moment(end, local_day(now)) if end else None
    wrong = bool(begins and end and (ends is None or ends <= begins))

    async def save() -> None:
        if wrong or begins is None:
            set_tried(True)
            return
        body = OrderPaused(start=begins, end=ends, cause=cause, reason=reason.strip())  # type: ignore[arg-type]
        await ordering.pause(shift, [one.order for one in found], body)
        shift.back()
        what = named(found[0].plan) if place.order else t.n("order.count", len(found))
        shift.say_saved(f"{person.listed_first_name}, {what}", t("order.paused_now"))

    options = [Option(one, t(f"order.cause.{one}")) for one in CAUSES]
    title = named(found[0].plan) if place.order else t("order.pause_all")
    problem = t("order.fault.pause_said")
    at_start = problem if tried and begins is None else ""
    at_end = problem if tried and wrong else ""
    body: list[ft.Control] = [
        header_of(look, person),
        title_block(look, t("order.pause"), title),
        look.text(t("order.pause_what"), "body"),
        question(look, t("order.pause_why"), options, cause, set_cause, shape="row", columns=1),
        text_field(look, t("order.pause_start"), start, set_start, problem=at_start),
        text_field(look, t("order.pause_end"), end, set_end, problem=at_end),
        look.text(t("order.help.moment"), "small", look.palette.ink2),
        text_field(look, t("order.pause_reason"), reason, set_reason, length=500),
    ]
    press = save if cause else None
    main = Action(t("order.pause"), press, ft.Icons.PAUSE_ROUNDED, identifier="save-pause")
    return frame(look, head, body, thumb_bar(look, main, says=None if cause else t("order.pause_why")))


def of_place(shift: Shift, place: PauseOrder) -> list[Known]:
    """Those that are to be paused and are theirs to pause."""
    if place.order:
        known = ordering.one(shift, place.order)
        return [known] if known and ordering.theirs(shift, known.order) else []
    known_ = ordering.of_person(shift, place.person)
    return [one for one in known_ if one.state == "active" and ordering.theirs(shift, one.order)]


def stop_order(shift: Shift, place: StopOrder) -> ft.Control:
    look = use_look()
    t = look.t
    why, set_why = ft.use_state("")
    known = ordering.one(shift, place.order)
    head = back_bar(look, shift, t("common.back"))
    person = reading.person(shift, known.order.person) if known else None
    if known is None or person is None or not ordering.theirs(shift, known.order):
        return frame(look, head, [empty(look, t("order.gone"))])

    async def save() -> None:
        await ordering.stop(shift, known.order, why)
        shift.back()
        shift.say_saved(f"{person.listed_first_name}, {named(known.plan)}", t("order.stopped_now"))

    body: list[ft.Control] = [
        header_of(look, person),
        title_block(look, t("order.stop"), named(known.plan)),
        look.text(in_words(look, known.plan), "strong"),
        look.text(t("order.stop_what"), "body"),
        text_field(look, t("order.stop_why"), why, set_why, lines=2, length=500, identifier="why-stop"),
    ]
    press = save if why.strip() else None
    main = Action(t("order.stop"), press, ft.Icons.BLOCK_ROUNDED, identifier="save-stop")
    return frame(look, head, body, thumb_bar(look, main))

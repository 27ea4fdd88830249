"""Uppföljning efter ett fall: what to look at, how it was, and what has been looked at before."""

from collections.abc import Awaitable, Callable
from typing import cast

import flet as ft

from care.follow_up import Found, Why, missed_days
from care.forms import Answers, Coding
from care.rights import Act
from views import dates
from views.components import Action, Option, Part, banner, card, choices, empty, frame, text_field, thumb_bar
from views.model import answering, filling, follow_ups, reading
from views.model.dial import dial
from views.model.follow_ups import Due
from views.model.phone import SBAR
from views.model.shift import Shift
from views.places import FollowUp
from views.screens.parts import back_bar, header_of, local, receipt_of
from views.theme import Look, use_look

ICONS = {
    "as_usual": ft.Icons.CHECK_ROUNDED,
    "changed": ft.Icons.WARNING_ROUNDED,
    "not_done": ft.Icons.BLOCK_ROUNDED,
}
SHOWN = 10
Save = Callable[[], Awaitable[None]]
ENDS: tuple[Why, ...] = ("nurse", "moved", "died", "mistake")


def follow_up(shift: Shift, place: FollowUp) -> ft.Control:
    look = use_look()
    t = look.t
    found, set_found = ft.use_state("")
    text, set_text = ft.use_state("")
    ending, set_ending = ft.use_state(False)
    due = follow_ups.one(shift, place.task)
    if due is None:
        return frame(look, back_bar(look, shift, t("today.title")), [empty(look, t("follow_up.gone"))])
    task, person = due.task, due.person
    what = t(f"follow_up.{task.what}")

    async def save() -> None:
        assert due is not None
        assert due.day is not None
        fact = await follow_ups.say(shift, task, due.day, cast(Found, found), text)

        async def undo() -> None:
            await follow_ups.take_back(shift, task, fact)
            shift.dismiss()

        if found != "changed":
            shift.home()
        name = person.listed if person else what
        at = dates.clock(local(shift.phone.now()))
        shift.say_saved(f"{name}, {what.lower()}", t(f"follow_up.saved_{found}", at=at), undo)

    body: list[ft.Control] = [
        *([header_of(look, person)] if person else []),
        look.heading(what),
        look.text(t(f"follow_up.{task.what}_look"), "body"),
    ]
    if due.day is not None and not ending:
        options = [
            Option(key, t(f"follow_up.{key}"), icon, danger=key == "changed") for key, icon in ICONS.items()
        ]
        ask = t("follow_up.how")
        body.append(choices(look, options, found, set_found, question=ask, shape="row", columns=1))
        if found in ("changed", "not_done"):
            body.append(text_field(look, t("follow_up.text"), text, set_text, lines=2, length=500))
    if ending:
        body += _ends(look, shift, due)
    body += _before(look, shift, due)
    bar = _bar(look, shift, due, found, save, ending, lambda: set_ending(not ending))
    return frame(look, back_bar(look, shift, t("today.title")), body, bar, receipt=receipt_of(look, shift))


def _bar(
    look: Look, shift: Shift, due: Due, found: str, save: Save, ending: bool, toggle: Callable[[], None]
) -> Part | None:
    t = look.t
    if ending:
        return thumb_bar(look, Action(t("common.cancel"), toggle, ft.Icons.CLOSE_ROUNDED))
    said = due.task.standing[-1].found if due.task.standing and due.day is None else found
    if said == "changed":
        return _alarm(look, shift, due, save)
    rest = []
    if answering.may_do(shift, Act.NURSE_INBOX_READ) and not due.task.ended:
        rest = [Action(t("follow_up.end"), toggle, ft.Icons.STOP_CIRCLE_ROUNDED, identifier="end-follow-up")]
    if due.day is None:
        return thumb_bar(look, rest[0]) if rest else None
    press = save if found else None
    main = Action(t("common.save"), press, ft.Icons.CHECK_ROUNDED, identifier="save-follow-up")
    return thumb_bar(look, main, rest)


def _alarm(look: Look, shift: Shift, due: Due, save: Save) -> Part:
    """Something is different after a fall: the nurse now, and the SBAR is begun for it."""
    t = look.t
    nurse = reading.nurse(shift)
    call = dial(look, nurse.phone) if nurse else None

    async def make_sbar() -> None:
        if due.day is not None:
            await save()
        answers: Answers = {"s.problem": [Coding("fall")], "b.recent": [Coding("fall")]}
        await filling.begin(shift, SBAR, due.person, answers=answers)

    words = t("fill.call", name=nurse.name) if nurse else ""
    detail = t("follow_up.changed_detail")
    shown = banner(look, "danger", t("nurse.contact_now"), detail, on_press=call, action=words)
    rest = [Action(t("fill.make_sbar"), make_sbar, ft.Icons.ASSIGNMENT_ROUNDED, identifier="make-sbar")]
    if due.day is not None:
        rest.append(Action(t("common.save"), save, ft.Icons.CHECK_ROUNDED, identifier="save-follow-up"))
    return thumb_bar(look, None, rest, instead=shown)


def _ends(look: Look, shift: Shift, due: Due) -> list[ft.Control]:
    t = look.t

    async def end(why: str) -> None:
        await follow_ups.end(shift, due.task, cast(Why, why))
        shift.home()
        shift.say_saved(due.person.listed if due.person else "", t("follow_up.ended"))

    options = [Option(why, t(f"follow_up.end_{why}")) for why in ENDS]
    return [choices(look, options, "", end, question=t("follow_up.why_end"), shape="row", columns=1)]


def _before(look: Look, shift: Shift, due: Due) -> list[ft.Control]:
    """What has been looked at, the last first, and the days on which nobody has said anything."""
    t = look.t
    rows: list[ft.Control] = []
    for one in reversed(due.task.standing[-SHOWN:]):
        at = dates.moment(local(one.at), shift.phone.now(), t)
        by = reading.name_of(shift, one.by)
        rows.append(look.text(t(f"follow_up.{one.found}"), "strong"))
        rows.append(look.text(", ".join(part for part in (at, by) if part), "small", look.palette.ink2))
        if one.text:
            rows.append(look.text(one.text, "body"))
    missed = missed_days(due.task, follow_ups.today(shift))
    if missed:
        days = ", ".join(dates.month_day(day, t) for day in missed[-SHOWN:])
        rows.append(look.text(t("follow_up.missed", days=days), "body", look.palette.late))
    return [card(look, rows)] if rows else []

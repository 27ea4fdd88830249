"""Not yours to sign: why in one sentence, who can, and a way to tell that it has already been done."""

import flet as ft

from care.order import Plan
from care.signing import Refusal
from care.staff import StaffDocument
from views import dates
from views.components import Action, colleague_row, colleagues_card, frame, reason_card, thumb_bar
from views.model import reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import Place
from views.screens.parts import back_bar, local
from views.theme import Look


def not_mine(
    look: Look,
    shift: Shift,
    plan: Plan,
    person: str,
    refusal: Refusal,
    about: list[ft.Control],
    already: Place,
) -> ft.Control:
    """`about` is the person and the task, as on the signing screen; `already` is where it is told that it has
    been done."""
    t = look.t
    able = reading.who_else_can(shift, plan, person)

    rest = [
        Action(
            t("not_mine.already"),
            lambda: shift.go(already),
            ft.Icons.EDIT_NOTE_ROUNDED,
            identifier="already",
        )
    ]
    main = ask(look, able)
    why = reason(look, shift, plan, refusal)
    # Where not all is seen at once, why comes before what.
    first = 1 if look.short or look.large else len(about)
    body = [*about[:first], why, *about[first:], *colleagues(look, able)]
    bar = thumb_bar(look, main, rest) if main else thumb_bar(look, rest[0])
    return frame(look, back_bar(look, shift, t("today.title")), body, bar)


def reason(look: Look, shift: Shift, plan: Plan, refusal: Refusal) -> ft.Control:
    """Why, in one sentence, with the day it ended. Never blames."""
    t = look.t
    what = t(f"task.{plan.requires}").lower() if plan.requires else t("not_mine.this")
    day = ""
    if refusal.at:
        on = local(refusal.at).date()
        near = dates.relative_day(on, shift.phone.now().date(), t)
        day = (
            near
            if any(c.isdigit() for c in near)
            else t("not_mine.day", near=near, date=dates.month_day(on, t))
        )
    at = dates.moment(local(refusal.at), shift.phone.now(), t) if refusal.at else ""
    words = t(f"not_mine.{refusal.why}", what=what, day=day, at=at)
    return reason_card(look, t("not_mine.title", what=what), words)


def colleagues(look: Look, able: list[StaffDocument]) -> list[ft.Control]:
    """Who may do it now, with a way to call them."""
    if not able:
        return [look.text(look.t("not_mine.nobody"), "body")]
    rows = [
        colleague_row(look, one.name, look.t(f"title.{one.title}"), dial(look, one.phone)) for one in able[:6]
    ]
    return [look.text(look.t("not_mine.who_can"), "label", look.palette.ink2), colleagues_card(look, rows)]


def ask(look: Look, able: list[StaffDocument]) -> Action | None:
    """*Be Lena ta över*: calls the first who can."""
    first = next((one for one in able if one.phone), None)
    if first is None:
        return None
    words = look.t("not_mine.ask", name=first.name.split()[0])
    return Action(words, dial(look, first.phone), ft.Icons.SWAP_HORIZ_ROUNDED, identifier="ask")

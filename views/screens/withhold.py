"""Varför inte given? Closed reasons with icons; the nurse is told in the same tap. And the other outcomes."""

from typing import Any

import flet as ft

from care.dose import Reason
from care.today import Task
from views import dates
from views.components import Action, Option, choices, frame, says, thumb_bar
from views.model import prefilled, reading, signing
from views.model.dial import dial
from views.model.shift import Shift
from views.places import Details, OtherOutcome, PartOfNarcotic, Withhold
from views.screens.giving import go_on, sign_given
from views.screens.parts import back_bar, header_of, local
from views.screens.sign import gone
from views.screens.signed import say_signed
from views.theme import Look, use_look

REASONS: tuple[tuple[Reason, ft.IconData], ...] = (
    ("declined", ft.Icons.DO_NOT_TOUCH_ROUNDED),
    ("asleep", ft.Icons.BEDTIME_ROUNDED),
    ("nausea", ft.Icons.SICK_ROUNDED),
    ("cannot_swallow", ft.Icons.NO_FOOD_ROUNDED),
    ("not_home", ft.Icons.HOME_ROUNDED),
    ("hospital", ft.Icons.LOCAL_HOSPITAL_ROUNDED),
    ("missing", ft.Icons.INVENTORY_2_ROUNDED),
    ("paused_by_nurse", ft.Icons.PAUSE_CIRCLE_ROUNDED),
    ("forgotten", ft.Icons.HISTORY_ROUNDED),
    ("other", ft.Icons.MORE_HORIZ_ROUNDED),
)


def withhold(shift: Shift, place: Withhold) -> ft.Control:
    look = use_look()
    t = look.t
    reason, set_reason = ft.use_state("")
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)
    nurse = reading.nurse(shift)

    async def save(calls: bool) -> None:
        try:
            fact = await signing.withhold(shift, task, reason, calls)  # type: ignore[arg-type]
            go_on(shift, task)
            say_signed(look, shift, task, fact, "sign.receipt_withheld")
            if kind := prefilled.OF_REASON.get(reason):  # type: ignore[call-overload]
                await prefilled.of_task(shift, task, kind)
        finally:
            if calls and nurse:
                await dial(look, nurse.phone)()

    plan = task.dose.plan
    second = ", ".join(part for part in (plan.what, plan.amount, dates.clock(local(task.dose.at))) if part)
    options = [Option(key, t(f"reason.{key}"), icon) for key, icon in REASONS]
    body = [
        header_of(look, task.person, second, flags=False),
        look.heading(t("withhold.why")),
        choices(look, options, reason, set_reason, question=t("withhold.why"), shape="tile", columns=2),
    ]
    ready = bool(reason)
    bar = thumb_bar(
        look,
        Action(
            t("withhold.save_send"),
            (lambda: save(False)) if ready else None,
            ft.Icons.SEND_ROUNDED,
            identifier="save-send",
        ),
        [Action(t("withhold.save_call"), (lambda: save(True)) if ready else None, ft.Icons.CALL_ROUNDED)],
        says=says(look, t("withhold.nurse_needs")),
    )
    return frame(look, back_bar(look, shift, name_in_bar(look, task)), body, bar)


def other_outcome(shift: Shift, place: OtherOutcome) -> ft.Control:
    look = use_look()
    t = look.t
    chosen, choose = ft.use_state("")
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)

    async def save() -> None:
        if chosen == "partly_given":
            counted = task.dose.plan.narcotic is not None
            shift.replace(PartOfNarcotic(place.dose) if counted else Details(place.dose, chosen))
            return
        await sign_given(look, shift, task, outcome="sent_along")

    options: list[Any] = [
        Option("partly_given", t("today.partly_given"), ft.Icons.TIMELAPSE_ROUNDED),
        Option("sent_along", t("today.sent_along"), ft.Icons.BACKPACK_ROUNDED),
    ]
    body: list[ft.Control] = [
        header_of(look, task.person, task.dose.plan.what, flags=False),
        look.heading(t("other.what")),
        choices(look, options, chosen, choose, question=t("other.what"), shape="row", columns=1),
    ]
    words = t("common.next" if chosen == "partly_given" else "common.save")
    main = Action(words, save if chosen else None, ft.Icons.CHECK_ROUNDED, identifier="save-other")
    return frame(look, back_bar(look, shift, name_in_bar(look, task)), body, thumb_bar(look, main))


def name_in_bar(look: Look, task: Task) -> str:
    """Whose task the way back leads to, on one line."""
    return task.person.first_name if look.large else task.person.name

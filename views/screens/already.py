"""När gav du den? What was done before anybody asked is recorded at the time it was done."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import flet as ft

from care.person import PersonDocument
from care.signing import Refusal
from views import dates
from views.components import Action, Option, choices, frame, info_line, thumb_bar
from views.model import needed, prefilled, reading, signing
from views.model.shift import Shift
from views.places import AlreadyAsNeeded, AlreadyGiven
from views.screens.parts import back_bar, header_of, local
from views.screens.sign import gone
from views.screens.signed import say_given, say_signed
from views.theme import Look, use_look

AGO = (0, 15, 30, 60)
"""Minutes ago that can be chosen, beside the planned time."""


def already(shift: Shift, place: AlreadyGiven) -> ft.Control:
    look = use_look()
    chosen, choose = ft.use_state("")
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)
    times = offered(look, task.dose.at, shift.phone.now())

    async def save() -> None:
        # Before it is signed: a delegation for one occasion has been used afterwards.
        right = reading.right_at(shift, task, times[chosen][1])
        fact, *_ = await signing.give(shift, task, already=True, performed=times[chosen][1])
        shift.home()
        say_signed(look, shift, task, fact, "sign.receipt_already")
        if isinstance(right, Refusal):
            await prefilled.of_task(shift, task, "no-delegation", fact.id)

    return when_given(look, shift, task.person, task.dose.plan.what, times, save, chosen, choose)


def already_as_needed(shift: Shift, place: AlreadyAsNeeded) -> ft.Control:
    """The same of what is given as needed: recorded whatever the limits say, which then show it."""
    look = use_look()
    chosen, choose = ft.use_state("")
    found = needed.one(shift, place.order)
    if found is None:
        return gone(look, shift)
    person, order, plan = found
    times = offered(look, None, shift.phone.now())

    async def save() -> None:
        right = reading.right_of(shift, plan, person.id, times[chosen][1])
        fact, *_ = await needed.give(shift, order, plan, None, performed=times[chosen][1])
        shift.home()
        say_given(look, shift, person, plan, fact, "sign.receipt_already")
        if isinstance(right, Refusal):
            await prefilled.begin(shift, person, "no-delegation", plan.what, prompted_by=fact.id)

    return when_given(look, shift, person, plan.what, times, save, chosen, choose)


def when_given(
    look: Look,
    shift: Shift,
    person: PersonDocument,
    what: str,
    times: dict[str, tuple[str, datetime]],
    save: Callable[[], Awaitable[None]],
    chosen: str,
    choose: Callable[[str], None],
) -> ft.Control:
    t = look.t
    options = [Option(key, words) for key, (words, _) in times.items()]
    body: list[ft.Control] = [
        header_of(look, person, what, flags=False),
        look.heading(t("already.when")),
        choices(look, options, chosen, choose, question=t("already.when"), shape="row", columns=1),
        info_line(look, t("already.kept"), icon=ft.Icons.INFO_ROUNDED, tone="quiet"),
    ]
    main = Action(
        t("common.save"), save if chosen else None, ft.Icons.CHECK_ROUNDED, identifier="save-already"
    )
    return frame(look, back_bar(look, shift, person.name), body, thumb_bar(look, main))


def offered(look: Look, planned: datetime | None, now: datetime) -> dict[str, tuple[str, datetime]]:
    """(words, moment) by key: just now, some time ago, and the planned time when it has passed."""
    t = look.t
    found = {
        str(ago): (
            t("already.just_now")
            if not ago
            else t("already.ago", length=dates.duration(timedelta(minutes=ago), t)),
            now.astimezone(UTC) - timedelta(minutes=ago),
        )
        for ago in AGO
    }
    if planned and planned < now:
        found["planned"] = (t("already.planned", at=dates.clock(local(planned))), planned)
    return found

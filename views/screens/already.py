"""När gav du den? What was done before anybody asked is recorded at the time it was done."""

from datetime import UTC, datetime, timedelta

import flet as ft

from care.today import Task
from views import dates
from views.components import Action, Option, choices, frame, info_line, thumb_bar
from views.model import reading, signing
from views.model.shift import Shift
from views.places import AlreadyGiven
from views.screens.parts import back_bar, header_of, local
from views.screens.sign import gone
from views.screens.signed import say_signed
from views.theme import Look, use_look

AGO = (0, 15, 30, 60)
"""Minutes ago that can be chosen, beside the planned time."""


def already(shift: Shift, place: AlreadyGiven) -> ft.Control:
    look = use_look()
    t = look.t
    chosen, choose = ft.use_state("")
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)
    times = offered(look, task, shift.phone.now())

    async def save() -> None:
        fact = await signing.give(shift, task, already=True, performed=times[chosen][1])
        shift.home()
        say_signed(look, shift, task, fact, "sign.receipt_already")

    options = [Option(key, words) for key, (words, _) in times.items()]
    body: list[ft.Control] = [
        header_of(look, task.person, task.dose.plan.what, flags=False),
        look.heading(t("already.when")),
        choices(look, options, chosen, choose, question=t("already.when"), shape="row", columns=1),
        info_line(look, t("already.kept"), icon=ft.Icons.INFO_ROUNDED, tone="quiet"),
    ]
    main = Action(
        t("common.save"), save if chosen else None, ft.Icons.CHECK_ROUNDED, identifier="save-already"
    )
    return frame(look, back_bar(look, shift, task.person.name), body, thumb_bar(look, main))


def offered(look: Look, task: Task, now: datetime) -> dict[str, tuple[str, datetime]]:
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
    if task.dose.at < now:
        found["planned"] = (t("already.planned", at=dates.clock(local(task.dose.at))), task.dose.at)
    return found

"""Until somebody has been reached: what to read out, who else to call; and afterwards, how it went."""

from collections.abc import Callable
from typing import Any

import flet as ft

from care.sbar import Outcome, SbarDocument
from views import dates
from views.components import Action, banner, choices, script_card, section_title
from views.model import answering
from views.model.answering import Case
from views.model.shift import Shift
from views.screens.case_parts import clock_of, outcome_options
from views.screens.script import lettered, no_coverage, others, spoken
from views.theme import Look

Caller = Callable[..., Callable[[], Any]]


def reaching(look: Look, shift: Shift, case: Case) -> list[ft.Control]:
    """The script stays on the screen through the call, and so do other ways to a nurse."""
    document = case.document
    if not isinstance(document, SbarDocument) or case.state not in ("waiting", "acknowledged"):
        return []
    parts: list[ft.Control] = []
    if case.reading.form is not None:
        said = spoken(shift, case.reading.form, case.reading.answers, case.person, case.urgency.score)
        parts.append(script_card(look, lettered(said)))
    if case.state == "acknowledged":
        return parts
    without = no_coverage(look, shift)
    if not without and document.calls and (rows := others(look, shift)):
        without = [
            section_title(look, look.t("case.nobody_answers"), None, icon=ft.Icons.CALL_ROUNDED),
            *rows,
        ]
    return [*without, *parts] if case_is_late(shift, case) else [*parts, *without]


def case_is_late(shift: Shift, case: Case) -> bool:
    return answering.stage_of(shift, case) in ("instead", "chief")


def unread(look: Look, shift: Shift, case: Case) -> ft.Control | None:
    """Nobody has read it in the unit's time, and this is who to call; None: it is not that late."""
    if not case_is_late(shift, case):
        return None
    t = look.t
    call = answering.to_call(shift, case)
    title = t("inbox.instead", length=dates.duration(shift.phone.now() - case.since, t))
    detail = t("case.instead_do", name=call.name) if call else t("case.instead_nobody")
    return banner(look, "late", title, detail, icon=ft.Icons.NOTIFICATIONS_ACTIVE_ROUNDED)


def call_instead(look: Look, shift: Shift, case: Case, caller: Caller) -> list[Action]:
    """*Ring Hemtjänst Norr*: whom nobody has to look up at that moment."""
    call = answering.to_call(shift, case)
    if call is None:
        return []
    press = caller(look, shift, case.document, call)
    words = look.t("case.call", name=call.name)
    return [Action(words, press, ft.Icons.CALL_ROUNDED, identifier="call-instead")]


def check_due(shift: Shift, document: SbarDocument) -> bool:
    """Whether the new check is to be done now, and nobody has said how it went."""
    said = document.read_back
    if said is None or said.check_again is None or document.state != "read_back":
        return False
    return shift.phone.now() >= said.check_again and all(one.at < said.at for one in document.follow_ups)


def follow_up(look: Look, shift: Shift, document: SbarDocument) -> list[ft.Control]:
    """How is it now? Asked when the new check is due; what was answered is shown."""
    t = look.t
    done: list[ft.Control] = []
    for one in document.follow_ups:
        worse = one.outcome == "worse"
        known = f"sbar.outcome.{one.outcome}"
        words = t(known) if t.has(known) else one.outcome
        title = t("case.followed_up", how=words, at=clock_of(look, shift, one.at))
        detail = t("case.worse_do") if worse and document.state != "closed" else one.text
        done.append(banner(look, "late" if worse else "done", title, detail))
    if not check_due(shift, document):
        return done

    async def say(outcome: Outcome) -> None:
        await answering.follow_up(shift, document, outcome)

    asked = t("case.how_now")
    return [
        *done,
        section_title(look, asked, None, icon=ft.Icons.ALARM_ROUNDED, tone="late"),
        choices(look, outcome_options(look), None, say, question=asked, columns=3),
    ]

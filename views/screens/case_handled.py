"""What has become of a deviation, to read: how far it has come, its risk, the investigation and the actions.

It is handled on the console. Whoever reported it sees none of this, only what they are told.
"""

import flet as ft

from care.case_due import due
from care.deviation import DeviationDocument
from care.handling import Action
from care.risk import band, product
from views import dates
from views.components import info_line
from views.model import reading
from views.model.shift import Shift
from views.theme import Look, Tone

_QUESTIONS = ("happened", "why", "prevent")


def handled(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """Nothing where nobody has done more than receive it."""
    found = case.handling
    if case.step in (None, "received"):
        return []
    return [
        *_state(look, shift, case),
        *_risk(look, shift, case),
        *_investigation(look, shift, case),
        *(_action(look, shift, one) for one in found.standing),
    ]


def _state(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    t, waits = look.t, due(case)
    words = ""
    if waits:
        late = waits[0].overdue(shift.phone.now().date())
        key = f"handling.overdue.{waits[0].what}" if late else f"handling.due.{waits[0].what}"
        words = t(key, day=dates.day(waits[0].day, t))
    title = t(f"handling.state.{case.step}")
    return [info_line(look, title, words, icon=ft.Icons.FLAG_ROUNDED, tone="quiet")]


def _risk(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    said, t = case.assessment, look.t
    if said is None:
        return []
    grade = band(said.severity, said.probability)
    title = t("risk.is", product=product(said.severity, said.probability), band=t(f"risk.band.{grade}"))
    by = t("handling.by", name=reading.name_of(shift, said.by), at=_moment(look, shift, case))
    tone: Tone = "late" if grade == "high" else "quiet"
    return [info_line(look, title, by, icon=ft.Icons.WARNING_AMBER_ROUNDED, tone=tone)]


def _moment(look: Look, shift: Shift, case: DeviationDocument) -> str:
    assert case.assessment is not None
    return dates.moment(case.assessment.at, shift.phone.now(), look.t)


def _investigation(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    analysis = case.handling.analysis
    if analysis is None:
        return []
    told = [(name, getattr(analysis.body, name)) for name in _QUESTIONS]
    return [
        info_line(look, look.t(f"handling.ask.{name}"), text, icon=ft.Icons.SEARCH_ROUNDED, tone="quiet")
        for name, text in told
        if text
    ]


def _action(look: Look, shift: Shift, action: Action) -> ft.Control:
    t = look.t
    late = action.open and action.due < shift.phone.now().date()
    if action.done:
        words = t("handling.action.is_done", day=dates.day(action.done, t))
    else:
        key = "handling.overdue.action" if late else "handling.due.action"
        words = t(key, day=dates.day(action.due, t))
    owner = t("handling.action.owner", name=reading.name_of(shift, action.owner))
    icon = ft.Icons.CHECK_ROUNDED if action.done else ft.Icons.SCHEDULE_ROUNDED
    tone: Tone = "done" if action.done else "late" if late else "quiet"
    return info_line(look, action.text, f"{words}. {owner}.", icon=icon, tone=tone)

"""What has become of a deviation, to read: who reads it, how far it has come, what was found and done.

It is handled on the console. Whoever reported it sees none of this, only what they are told.
"""

from datetime import datetime

import flet as ft

from care.case_due import due
from care.deviation import DeviationDocument, ReportDocument
from care.deviation_case import Track
from care.handling import Action, tree
from care.risk import product
from care.signing import local_day
from care.streams import Stream, law_of, readers_of
from views import dates
from views.components import Step, card, divider, info_line, section_title, timeline
from views.model import cases, reading
from views.model.shift import Shift
from views.screens.before_sending import named
from views.screens.case_parts import clock_of
from views.theme import Look, Space, Tone

_QUESTIONS = ("happened", "why", "prevent")
_TRACKS: tuple[Track, ...] = ("lex_maria", "lex_sarah")


def readers(look: Look, shift: Shift, case: DeviationDocument) -> ft.Control:
    """Who reads it, and under which law whoever has the phone does."""
    mine = cases.read_as(shift, case)
    detail = look.t(
        "cases.read_as", reader=look.t(f"fill.reader.{mine}"), law=law_of(Stream(mine, case.unit))
    )
    title = look.t("fill.who_reads", readers=named(look, frozenset(readers_of(case))))
    return info_line(look, title, detail, icon=ft.Icons.VISIBILITY_ROUNDED, tone="quiet")


def handled(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """The way that it has come, and what was found and decided on it."""
    return [
        section_title(look, look.t("case.steps"), None, icon=ft.Icons.FLAG_ROUNDED),
        *_next(look, shift, case),
        timeline(look, _way(look, shift, case)),
        *_risk(look, shift, case),
        *_investigation(look, shift, case),
        *_actions(look, shift, case),
        *_tracks(look, shift, case),
        *_told(look, shift, case),
    ]


def _next(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """What is to be done next, and whether it is late; who leads it."""
    t, waits, lead = look.t, due(case), case.handling.lead
    if not waits:
        return []
    late = waits[0].overdue(local_day(shift.phone.now()))
    key = f"handling.overdue.{waits[0].what}" if late else f"handling.due.{waits[0].what}"
    title = t(key, day=dates.day(waits[0].day, t))
    by = t("handling.led_by", name=_who(look, shift, lead.lead)) if lead else ""
    tone: Tone = "late" if late else "quiet"
    return [info_line(look, title, by, icon=ft.Icons.SCHEDULE_ROUNDED, tone=tone)]


def _way(look: Look, shift: Shift, case: DeviationDocument) -> list[Step]:
    """Mottagen, Bedömd, Utreds, Åtgärd, Återkoppling: by whom and when; what is to come stands empty.

    A case that is closed has nothing to come: what was not needed is left out.
    """
    found = case.handling
    begun = [(one.by, one.at) for one in (*found.begun, *found.analyses)]
    closed = found.closed
    reached: dict[str, list[tuple[str, datetime]]] = {
        "received": [(one.by, one.at) for one in case.received],
        "assessed": [(one.by, one.at) for one in case.assessments],
        "investigated": sorted(begun, key=lambda one: one[1]),
        "action": [(one.by, one.at) for one in found.standing],
        "closed": [(closed.by, closed.at)] if closed else [],
    }
    rows = []
    for step, times in reached.items():
        title = look.t(f"report.step_{step}")
        if times:
            by, at = times[0]
            rows.append(Step(title, clock_of(look, shift, at), _who(look, shift, by)))
        elif not closed:
            rows.append(Step(title, done=False))
    return rows


def _risk(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    said, t = case.assessment, look.t
    if said is None:
        return []
    title = t("risk.is", product=product(said.severity, said.probability), band=t(f"risk.band.{said.band}"))
    parts = [
        f"{t('risk.severity')}: {t(f'risk.severity.{said.severity}').lower()}.",
        f"{t('risk.probability')}: {t(f'risk.probability.{said.probability}').lower()}.",
        said.reason,
        _by(look, shift, said.by, said.at),
    ]
    tone: Tone = "late" if said.band == "high" else "quiet"
    words = " ".join(part for part in parts if part)
    return [info_line(look, title, words, icon=ft.Icons.WARNING_AMBER_ROUNDED, tone=tone)]


def _investigation(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    analysis, t = case.handling.analysis, look.t
    if analysis is None:
        return []
    told = [(t(f"handling.ask.{name}"), getattr(analysis.body, name)) for name in _QUESTIONS]
    parts = [_asked(look, title, look.text(words, "body")) for title, words in told if words]
    causes = [_cause(look, depth, one.text) for depth, one in tree(analysis.body.causes)]
    if causes:
        parts.append(_asked(look, t("handling.causes"), *causes))
    parts.append(look.text(_by(look, shift, analysis.by, analysis.at), "small", look.palette.ink2))
    return [
        section_title(look, t("handling.investigation"), None, icon=ft.Icons.SEARCH_ROUNDED),
        card(look, parts, spacing=Space.M),
    ]


def _asked(look: Look, title: str, *words: ft.Control) -> ft.Control:
    return ft.Column([look.text(title, "label", look.palette.ink2), *words], spacing=2, tight=True)


def _cause(look: Look, depth: int, text: str) -> ft.Control:
    """What lay behind it stands further in."""
    return ft.Container(look.text(text, "body"), padding=ft.Padding.only(left=(depth - 1) * Space.L))


def _actions(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """What is overdue first, then what is to be done, by day; then what is done."""
    found = sorted(case.handling.standing, key=lambda one: (not one.open, one.due, one.id))
    if not found:
        return []
    rows: list[ft.Control] = []
    for one in found:
        rows += [divider(look), _action(look, shift, one)] if rows else [_action(look, shift, one)]
    title = section_title(look, look.t("handling.actions"), len(found), icon=ft.Icons.BUILD_ROUNDED)
    return [title, card(look, rows, spacing=Space.M)]


def _action(look: Look, shift: Shift, action: Action) -> ft.Control:
    t = look.t
    late = action.open and action.due < local_day(shift.phone.now())
    if action.done:
        words = t("handling.action.is_done", day=dates.day(action.done, t))
    else:
        key = "handling.overdue.action" if late else "handling.due.action"
        words = t(key, day=dates.day(action.due, t))
    owner = t("handling.action.owner", name=_who(look, shift, action.owner))
    effect = f" {t(f'handling.effect.{action.effect}')}." if action.effect else ""
    icon = ft.Icons.CHECK_ROUNDED if action.done else ft.Icons.SCHEDULE_ROUNDED
    tone: Tone = "done" if action.done else "late" if late else "quiet"
    return info_line(look, action.text, f"{words}. {owner}.{effect}", icon=icon, tone=tone)


def _tracks(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """Lex Maria and lex Sarah, where somebody has asked for it or decided."""
    t = look.t
    rows = []
    for track in _TRACKS:
        asked = next((one for one in case.escalations if one.track == track), None)
        decision, name = case.decided(track), t(f"handling.track.{track}")
        if decision:
            words = [
                f"{t(f'handling.finding.{track}.{decision.finding}')}.",
                t("handling.decided_on", day=dates.day(decision.decided, t)),
                decision.reason,
                _by(look, shift, decision.by, decision.at),
            ]
            title = f"{name}: {t.within(f'handling.outcome.{decision.outcome}')}"
            rows.append(_track(look, title, words, decision.outcome == "to_report"))
        elif asked:
            words = [asked.text, _by(look, shift, asked.by, asked.at)]
            rows.append(_track(look, f"{name}: {t.within('handling.track.asked')}", words, True))
    return rows


def _track(look: Look, title: str, words: list[str], waits: bool) -> ft.Control:
    tone: Tone = "late" if waits else "quiet"
    told = " ".join(one for one in words if one)
    return info_line(look, title, told, icon=ft.Icons.GAVEL_ROUNDED, tone=tone)


def _told(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """What was written to whoever reported it."""
    told = reading.one(shift, ReportDocument, case.id)
    said = [one for one in told.steps if one.text] if told else []
    if not said:
        return []
    lines = [
        _asked(look, _by(look, shift, one.by, one.at), look.text(one.text, "body")) for one in reversed(said)
    ]
    title = section_title(look, look.t("cases.told"), None, icon=ft.Icons.MARK_CHAT_READ_ROUNDED)
    return [title, card(look, lines, spacing=Space.M)]


def _by(look: Look, shift: Shift, by: str, at: datetime) -> str:
    return look.t("handling.by", name=_who(look, shift, by), at=clock_of(look, shift, at))


def _who(look: Look, shift: Shift, staff: str) -> str:
    return reading.name_of(shift, staff) or look.t("handling.nobody")

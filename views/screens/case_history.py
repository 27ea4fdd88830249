"""Allt som har gjorts: every line of a case, by whom and when, for whoever opens it."""

from collections.abc import Callable
from datetime import date

import flet as ft

from care.case_history import Entry, of_deviation
from care.deviation import DeviationDocument
from care.forms import changed
from views import dates
from views.components import Step, button, info_line, section_title, timeline
from views.model import reading
from views.model.answers_read import read
from views.model.shift import Shift
from views.screens.case_parts import clock_of
from views.theme import Look


def history(
    look: Look, shift: Shift, case: DeviationDocument, is_open: bool, show: Callable[[], None]
) -> list[ft.Control]:
    """A button until it is pressed, then the lines. Nothing where nothing has been done."""
    found = of_deviation(case)
    if not found:
        return []
    icon, title = ft.Icons.HISTORY_ROUNDED, look.t("handling.all")
    if not is_open:
        return [button(look, title, show, kind="quiet", icon=icon, start=True, identifier="all-done")]
    rows = [_line(look, shift, one) for one in found]
    return [section_title(look, title, None, icon=icon), timeline(look, rows)]


def amended(look: Look, shift: Shift, case: DeviationDocument) -> list[ft.Control]:
    """What whoever reported has answered otherwise since, the last first: *Skada: Ingen → Lindrig*."""
    person, lines = reading.person(shift, case.person), []
    name = person.first_name if person else ""
    for at, was, now in reversed(case.amended):
        differs = changed(read(shift, was, name).lines, read(shift, now, name).lines)
        none = look.t("report.no_answer")
        words = ". ".join(f"{one.label}: {one.was or none} → {one.now or none}" for one in differs)
        by = reading.name_of(shift, case.reporter)
        title = look.t("cases.amended", name=by, at=clock_of(look, shift, at))
        lines.append(info_line(look, title, words, icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="accent"))
    return lines


def _line(look: Look, shift: Shift, entry: Entry) -> Step:
    by = reading.name_of(shift, entry.by) or look.t("handling.nobody")
    detail = f"{by}. {entry.words}" if entry.words else by
    return Step(_said(look, shift, entry), clock_of(look, shift, entry.at), detail)


def _said(look: Look, shift: Shift, entry: Entry) -> str:
    """The line in words, as it stands on the console too."""
    t, values = look.t, entry.values
    match entry.key:
        case "handling.said.assessed":
            grades = {name: t(f"risk.{name}.{grade}").lower() for name, grade in values.items()}
            return t(entry.key, **grades)
        case "handling.said.category":
            was, now = (t(f"category.{values[name]}") for name in ("was", "category"))
            return t(entry.key, was=was, now=now)
        case "handling.said.lead":
            return t(entry.key, name=reading.name_of(shift, str(values["lead"])))
        case "handling.said.begun":
            due = values["due"]
            by = f" {t('handling.due.analysed', day=dates.day(due, t))}." if isinstance(due, date) else ""
            return t(entry.key) + by
        case "handling.said.effect":
            return t(entry.key, text=values["text"], effect=t(f"handling.effect.{values['effect']}").lower())
        case _:
            return t(entry.key, text=values["text"]) if "text" in values else t(entry.key)

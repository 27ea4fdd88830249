"""Avvikelser, for those who answer for them: what has been reported, and how far each has come."""

import flet as ft

from care.case_due import due
from care.deviation import DeviationDocument
from care.signing import local_day
from views import dates
from views.components import empty, frame, sign
from views.model import cases, reading
from views.model.shift import Shift
from views.places import Cases, InboxDeviation
from views.screens.case_parts import clock_of
from views.screens.my_reports import CATEGORY_ICONS, row
from views.screens.parts import back_bar
from views.theme import Look, use_look

SHOWN = 60


def case_list(shift: Shift, place: Cases) -> ft.Control:
    look = use_look()
    t = look.t
    found = cases.all_of(shift)
    body: list[ft.Control] = [look.heading(t("cases.title"))]
    if not found:
        body.append(empty(look, t("cases.nothing")))
    body += [case_row(look, shift, one) for one in found[:SHOWN]]
    return frame(look, back_bar(look, shift, t("common.back")), body)


def case_row(look: Look, shift: Shift, case: DeviationDocument) -> ft.Control:
    """One case: what, whom, where when it was elsewhere, and how far it has come."""
    t = look.t
    person = reading.person(shift, case.person)
    reported = t("reports.reported", at=clock_of(look, shift, case.reported))
    what, waits = t(f"category.{case.category}"), due(case)
    if case.step is None:
        state = sign(look, t("cases.new"), icon=ft.Icons.MARK_EMAIL_UNREAD_ROUNDED, tone="accent")
    elif waits and waits[0].overdue(local_day(shift.phone.now())):
        late = t("cases.late", day=dates.month_day(waits[0].day, t))
        state = sign(look, late, icon=ft.Icons.SCHEDULE_ROUNDED, tone="late")
    else:
        state = sign(look, t(f"handling.state.{case.step}"), icon=ft.Icons.CHECK_ROUNDED)
    return row(
        look,
        CATEGORY_ICONS.get(case.category, ft.Icons.ASSIGNMENT_ROUNDED),
        f"{what}, {person.listed}" if person else what,
        ". ".join(one for one in (reading.unit_name(shift, case.unit), reported) if one),
        state,
        lambda: shift.go(InboxDeviation(case.id)),
        f"case-{case.id}",
    )

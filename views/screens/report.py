"""One report of one's own: what came of it first, then the steps as proof, then what one wrote."""

import flet as ft

from care.deviation import ReportDocument
from views.components import (
    Action,
    Step,
    case_header,
    feedback_card,
    frame,
    info_line,
    section_title,
    text_field,
    thumb_bar,
    timeline,
)
from views.model import amending, answering, reading, reports
from views.model.answers_read import read as read_answers
from views.model.reports import Reported
from views.model.shift import Shift
from views.places import Report
from views.screens.brought import incomplete, not_here, use_brought
from views.screens.case_parts import clock_of, lines_card
from views.screens.my_reports import CATEGORY_ICONS, category, report_title, since
from views.screens.parts import back_bar, receipt_of
from views.screens.photos import of_report
from views.theme import Look, use_look

ORDER = ("received", "assessed", "investigated", "action", "closed")
"""Mottagen, Bedömd, Utreds, Åtgärd, Återkoppling: the way that a report goes."""
REACHED = {**{step: at for at, step in enumerate(ORDER)}, "followed_up": ORDER.index("action")}


def report(shift: Shift, place: Report) -> ft.Control:
    look = use_look()
    t = look.t
    adding, set_adding = ft.use_state(False)
    text, set_text = ft.use_state("")
    found = reports.one(shift, place.deviation)
    asking = use_brought(shift, ReportDocument.kind, place.deviation, found is not None)
    if found is None:
        nothing = not_here(look, asking, t("report.gone"))
        return frame(look, back_bar(look, shift, t("reports.title")), [nothing])
    icon = CATEGORY_ICONS.get(category(found), ft.Icons.ASSIGNMENT_ROUNDED)
    second = since(look, shift, found, "report.reported")
    body: list[ft.Control] = [case_header(look, title=report_title(look, found), second=second, icon=icon)]
    body += incomplete(look, shift, ReportDocument.kind, found.id)
    body += feedback(look, shift, found)
    body.append(timeline(look, steps(look, shift, found)))
    if not found.steps:
        body.append(look.text(t("report.who_reads"), "small", look.palette.ink2))
    body += written(look, shift, found)
    over = bool(found.steps) and found.steps[-1].step == "closed"
    if found.deviation and (found.deviation.photos or not over):
        body.append(section_title(look, t("photo.title"), None, icon=ft.Icons.PHOTO_CAMERA_ROUNDED))
        body += of_report(look, shift, found.deviation, over)

    async def read() -> None:
        await reports.have_read(shift, found)
        shift.back()

    async def add() -> None:
        await reports.add(shift, found, text)
        set_text("")
        set_adding(False)
        shift.say_saved(report_title(look, found), t("report.added_saved"))

    own = found.deviation if not over and amending.may(shift, found.deviation) else None

    async def amend() -> None:
        if own:
            await amending.begin(shift, own)

    if adding:
        body.append(text_field(look, t("report.add_label"), text, set_text, lines=3, autofocus=True))
        main = Action(
            t("common.save"), add if text.strip() else None, ft.Icons.CHECK_ROUNDED, identifier="save-added"
        )
        rest = [Action(t("common.cancel"), lambda: set_adding(False), ft.Icons.CLOSE_ROUNDED)]
        bar = thumb_bar(look, main, rest)
    else:
        more = Action(t("report.add"), lambda: set_adding(True), ft.Icons.EDIT_ROUNDED, identifier="add")
        seen = Action(t("report.have_read"), read, ft.Icons.CHECK_ROUNDED, identifier="have-read")
        again = Action(t("report.amend"), amend, ft.Icons.EDIT_NOTE_ROUNDED, identifier="amend")
        rest = [again] if own else []
        unread = reports.unread(shift, found)
        bar = thumb_bar(look, seen, [more, *rest]) if unread else thumb_bar(look, more, rest)
    return frame(look, back_bar(look, shift, t("reports.title")), body, bar, receipt=receipt_of(look, shift))


def feedback(look: Look, shift: Shift, found: Reported) -> list[ft.Control]:
    """The last words to whoever reported, as they were written."""
    said = found.feedback
    if said is None:
        return []
    staff = answering.staff_of(shift, said.by)
    name = staff.name if staff else look.t("report.somebody")
    by = ", ".join([name, *([look.t.within(f"title.{staff.title}")] if staff else [])])
    line = f"{by} · {clock_of(look, shift, said.at)}"
    return [feedback_card(look, look.t("report.feedback"), line, said.text, name=name)]


def steps(look: Look, shift: Shift, found: Reported) -> list[Step]:
    """What has been done, and what is still to come."""
    t = look.t
    rows: list[Step] = []
    if found.reported:
        of = found.deviation or found.complaint
        unsent = of is not None and shift.me.unsent & set(of.facts[:1])
        detail = t("case.step_unsent") if unsent else ""
        rows.append(Step(t("case.step_saved"), clock_of(look, shift, found.reported), detail))
    for step in found.steps:
        words = step.text if step is not found.feedback else ""
        detail = words or who(look, shift, step.by)
        rows.append(Step(t(f"report.step_{step.step}"), clock_of(look, shift, step.at), detail))
    reached = max((REACHED[step.step] for step in found.steps), default=-1)
    for at, coming in enumerate(ORDER[reached + 1 :]):
        rows.append(Step(t(f"report.step_{coming}"), detail="" if at else t("report.next"), done=False))
    return rows


def who(look: Look, shift: Shift, id: str) -> str:
    staff = answering.staff_of(shift, id)
    return f"{staff.name}, {look.t.within(f'title.{staff.title}')}" if staff else ""


def written(look: Look, shift: Shift, found: Reported) -> list[ft.Control]:
    """What was written, where this phone has it, and what was added."""
    of = found.deviation or found.complaint
    if of is None:
        return [look.text(look.t("report.elsewhere"), "small", look.palette.ink2)]
    person = reading.person(shift, of.person)
    told = read_answers(shift, of.answers, person.first_name if person else "")
    parts: list[ft.Control] = []
    if told.lines:
        parts.append(section_title(look, look.t("case.written"), None, icon=ft.Icons.NOTES_ROUNDED))
        parts.append(lines_card(look, list(told.lines)))
    for added in of.amendments:
        title = look.t(
            "inbox.added", name=reading.name_of(shift, added.by), at=clock_of(look, shift, added.at)
        )
        parts.append(info_line(look, title, added.text, icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="quiet"))
    return parts

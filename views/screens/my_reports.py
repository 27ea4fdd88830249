"""Mina rapporter: what I have asked and reported, and where each of them stands."""

import flet as ft

from care.complaint import ComplaintDocument
from care.sbar import SbarDocument
from views.components import empty, frame, icon_block, pressable, section_title, sign
from views.components.press import OnPress
from views.model import reading, reports
from views.model.reports import Reported
from views.model.shift import Shift
from views.places import Case, MyReports, Report
from views.screens.case_parts import clock_of
from views.screens.choose import REPORTS
from views.screens.parts import back_bar, receipt_of
from views.theme import Look, Radius, Space, Tone, use_look

SHOWN = 40
CATEGORY_ICONS: dict[str, ft.IconData] = {key: icon for key, _, icon in REPORTS}
SBAR_SIGNS: dict[str, tuple[Tone, ft.IconData]] = {
    "waiting": ("late", ft.Icons.SCHEDULE_ROUNDED),
    "acknowledged": ("quiet", ft.Icons.VISIBILITY_ROUNDED),
    "answered": ("accent", ft.Icons.MARK_CHAT_UNREAD_ROUNDED),
    "read_back": ("done", ft.Icons.CHECK_CIRCLE_ROUNDED),
    "closed": ("quiet", ft.Icons.CHECK_ROUNDED),
}


def my_reports(shift: Shift, place: MyReports) -> ft.Control:
    look = use_look()
    t = look.t
    asked, reported = reports.asked(shift), reports.mine(shift)
    body: list[ft.Control] = [look.heading(t("reports.title"))]
    if not asked and not reported:
        body.append(empty(look, t("reports.nothing"), t("reports.nothing_detail")))
    if reported:
        body.append(
            section_title(look, t("reports.deviations"), len(reported), icon=ft.Icons.ASSIGNMENT_ROUNDED)
        )
        body += [report_row(look, shift, one) for one in reported[:SHOWN]]
    if asked:
        body.append(
            section_title(look, t("reports.questions"), len(asked), icon=ft.Icons.SUPPORT_AGENT_ROUNDED)
        )
        body += [case_row(look, shift, one) for one in asked[:SHOWN]]
    return frame(look, back_bar(look, shift, t("common.back")), body, receipt=receipt_of(look, shift))


def report_row(look: Look, shift: Shift, found: Reported) -> ft.Control:
    words, tone, icon = report_state(look, shift, found)
    return row(
        look,
        CATEGORY_ICONS.get(category(found), ft.Icons.ASSIGNMENT_ROUNDED),
        report_title(look, found),
        since(look, shift, found, "reports.reported"),
        sign(look, words, icon=icon, tone=tone),
        lambda: shift.go(Report(found.id)),
        f"report-{found.id}",
    )


def since(look: Look, shift: Shift, found: Reported, key: str) -> str:
    """When it was reported; on a phone that has only what was told of it, the first of that."""
    if found.reported is None and found.steps:
        first = found.steps[0]
        step = look.t(f"report.step_{first.step}")
        return look.t("reports.step", step=step, at=clock_of(look, shift, first.at))
    return look.t(key, at=clock_of(look, shift, found.at))


def category(found: Reported) -> str:
    if found.complaint:
        return ComplaintDocument.kind
    return found.deviation.category if found.deviation else ""


def report_title(look: Look, found: Reported) -> str:
    """*Fall, Sune Öberg*."""
    key = category(found)
    what = look.t(f"category.{key}") if key else look.t("report.deviation")
    return f"{what}, {found.person.listed}" if found.person else what


def report_state(look: Look, shift: Shift, found: Reported) -> tuple[str, Tone, ft.IconData]:
    t = look.t
    if reports.unread(shift, found):
        return t("reports.feedback"), "accent", ft.Icons.MARK_CHAT_UNREAD_ROUNDED
    if found.steps:
        step = found.steps[-1]
        words = t("reports.step", step=t(f"report.step_{step.step}"), at=clock_of(look, shift, step.at))
        return words, "done", ft.Icons.CHECK_CIRCLE_ROUNDED
    of = found.deviation or found.complaint
    if of and shift.me.unsent & set(of.facts):
        return t("reports.unsent"), "offline", ft.Icons.SCHEDULE_SEND_ROUNDED
    return t("reports.not_read"), "quiet", ft.Icons.SCHEDULE_ROUNDED


def case_row(look: Look, shift: Shift, case: SbarDocument) -> ft.Control:
    t = look.t
    person = reading.person(shift, case.person)
    tone, icon = SBAR_SIGNS[case.state]
    words = t(f"reports.sbar_{case.state}")
    if case.state == "waiting" and shift.me.unsent & set(case.facts):
        words, tone, icon = t("reports.sbar_unsent"), "late", ft.Icons.SCHEDULE_SEND_ROUNDED
    return row(
        look,
        ft.Icons.SUPPORT_AGENT_ROUNDED,
        person.listed if person else t("waiting.no_person"),
        t("reports.asked", at=clock_of(look, shift, case.recorded)),
        sign(look, words, icon=icon, tone=tone),
        lambda: shift.go(Case(case.id)),
        f"case-{case.id}",
    )


def row(
    look: Look,
    icon: ft.IconData,
    title: str,
    second: str,
    state: ft.Control,
    on_press: OnPress,
    identifier: str,
) -> ft.Control:
    """One report or question. The whole card is the button."""
    p = look.palette
    words = ft.Column(
        [
            look.text(title, "strong"),
            look.text(second, "small", p.ink2),
            ft.Row([state], wrap=look.large),
        ],
        spacing=4,
        tight=True,
        expand=1,
    )
    inside: list[ft.Control] = [words] if look.large else [icon_block(look, icon), words]
    return pressable(
        look,
        ft.Row(inside, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START, expand=True),
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=identifier,
    )

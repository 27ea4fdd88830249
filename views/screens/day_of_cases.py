"""Idag for those who answer for quality and have no part in the care, on an office phone: cases alone."""

import flet as ft

from views.components import button, empty, frame, section_title, thumb_bar, title_row
from views.model import cases
from views.model.shift import Shift
from views.places import Cases
from views.screens.cases import case_row
from views.screens.outranks import outranks
from views.screens.parts import chip, receipt_of
from views.screens.today_head import bar_of, report_action, told_and_asked
from views.screens.waiting import waiting_rows
from views.screens.warnings import warnings
from views.theme import Look

SHOWN = 5
"""Cases on this page; all of them are one tap away."""


def day_of_cases(look: Look, shift: Shift) -> ft.Control:
    t = look.t
    first = [*outranks(look, shift), *warnings(look, shift)]
    body: list[ft.Control] = [title_row(look, t("today.title"), chip(look, shift, short=False)), *first]
    body += [*told_and_asked(look, shift), *waiting_rows(look, shift)]
    found = [one for one in cases.all_of(shift) if one.step != "closed"]
    body.append(section_title(look, t("cases.title"), len(found) or None, icon=ft.Icons.FLAG_ROUNDED))
    body += [case_row(look, shift, one) for one in found[:SHOWN]] or [empty(look, t("cases.nothing"))]
    icon, go = ft.Icons.FLAG_ROUNDED, lambda: shift.go(Cases())
    body.append(button(look, t("cases.all"), go, kind="outlined", icon=icon, identifier="all-cases"))
    return frame(
        look,
        bar_of(look, shift),
        body,
        thumb_bar(look, report_action(look, shift)),
        receipt=receipt_of(look, shift),
        moved_at=1 + len(first),
    )

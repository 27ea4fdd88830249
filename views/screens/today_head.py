"""What Idag has for everybody, with residents or without: its bar, what was told, the way to report."""

import flet as ft

from views import dates
from views.components import Action, app_bar_person, banner
from views.components.app_bar import Part
from views.components.buttons import Kind
from views.model import reading
from views.model.shift import Shift
from views.places import ChooseReport, Menu, SignIn
from views.screens.told import told_lines
from views.theme import Look


def bar_of(look: Look, shift: Shift) -> Part:
    """Who has the phone, and where it belongs: known by the enrolment alone before the first fetch."""
    unit, device = reading.unit(shift), shift.phone.store.device
    place = unit.name if unit else device.unit_name if device else ""
    return app_bar_person(look, shift.me.name, place, lambda: shift.go(Menu()))


def told_and_asked(look: Look, shift: Shift) -> list[ft.Control]:
    """What the watch has told, and that a new sign-in is needed soon."""
    t = look.t
    found = [line for role in ("chief", "mas", "sas") for line in told_lines(look, shift, role)]
    if before := shift.sign_in_before:
        words = t("signin.before", day=dates.month_day(before, t))
        go = lambda: shift.go(SignIn())  # noqa: E731
        found.append(banner(look, "late", words, t("signin.before_detail"), on_press=go))
    return found


def report_action(look: Look, shift: Shift, kind: Kind = "outlined") -> Action:
    words, go = look.t("deviation.report"), lambda: shift.go(ChooseReport())
    return Action(words, go, ft.Icons.ASSIGNMENT_LATE_ROUNDED, kind, identifier="report")

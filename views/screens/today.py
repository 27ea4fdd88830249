"""Idag: the nurse's answer, then late before now before later. Nothing else."""

import flet as ft

from care.today import Day
from views import dates
from views.components import (
    Action,
    banner,
    button,
    empty,
    frame,
    loading,
    section_title,
    thumb_bar,
    title_row,
)
from views.model import reading
from views.model.shift import Shift
from views.places import (
    AsNeededList,
    ChoosePerson,
    Today,
)
from views.screens.day_of_cases import day_of_cases
from views.screens.delegations import delegation_rows
from views.screens.effect import effect_rows
from views.screens.end_shift import handed_over
from views.screens.outranks import outranks
from views.screens.parts import chip, local, receipt_of, still_coming
from views.screens.today_head import bar_of, report_action, told_and_asked
from views.screens.today_tasks import SHOWN, card, grouping_choice, section
from views.screens.waiting import waiting_rows
from views.screens.warnings import warnings
from views.theme import Look, use_look

FEW = 8
"""Cards of what is later or done, until somebody asks for more."""


def today(shift: Shift, place: Today) -> ft.Control:
    look = use_look()
    t = look.t
    later_shown, show_later = ft.use_state(FEW)
    done_shown, show_done = ft.use_state(FEW)
    if not reading.cares_here(shift):
        return day_of_cases(look, shift)
    day = reading.day(shift)
    body: list[ft.Control] = [title_row(look, t("today.title"), chip(look, shift, short=False))]
    first = [*outranks(look, shift), *warnings(look, shift), *delegation_rows(look, shift)]
    body += first
    body += told_and_asked(look, shift)
    if reading.me(shift) is None:
        body += [look.text(t("today.first_time"), "body"), loading(look)]
    twice = [task for task in day.done if task.state == "double_signed"]
    body += section(look, shift, "today.twice", twice, ft.Icons.ERROR_ROUNDED, "late")
    body += handed_over(look, shift)
    body += effect_rows(look, shift)
    body += grouping_choice(look, shift, [*day.late, *day.now])
    body += section(look, shift, "today.late", day.late, ft.Icons.ALARM_ROUNDED, "late")
    if reading.me(shift) and reading.coming(shift):
        body.append(still_coming(look))
        body += section(look, shift, "today.coming", day.now, ft.Icons.DOWNLOADING_ROUNDED, "quiet")
    else:
        body += section(look, shift, "today.now", day.now, ft.Icons.PLAY_CIRCLE_ROUNDED, "accent")
        if reading.me(shift) and not day.late and not day.now:
            body.append(nothing_now(look, day))
    if day.faulty:
        body.append(banner(look, "late", t("today.faulty"), t("today.faulty_detail")))
    body += waiting_rows(look, shift)
    body += section(
        look,
        shift,
        "today.later",
        day.later[:later_shown],
        ft.Icons.SCHEDULE_ROUNDED,
        "quiet",
        len(day.later),
    )
    if len(day.later) > later_shown:
        body.append(button(look, t("common.more"), lambda: show_later(later_shown + SHOWN), kind="quiet"))
    if day.done:
        body += [
            section_title(
                look, t("today.done"), len(day.done), icon=ft.Icons.CHECK_CIRCLE_ROUNDED, tone="done"
            )
        ]
        body += [card(look, shift, task) for task in reversed(day.done[-done_shown:])]
    if len(day.done) > done_shown:
        body.append(button(look, t("common.more"), lambda: show_done(done_shown + SHOWN), kind="quiet"))
    rest = [
        report_action(look, shift, "soft"),
        Action(
            t("today.as_needed"),
            lambda: shift.go(AsNeededList()),
            ft.Icons.MEDICAL_SERVICES_ROUNDED,
            "soft",
            identifier="as-needed",
        ),
    ]
    main = Action(
        t("nurse.contact"),
        lambda: shift.go(ChoosePerson("sbar")),
        ft.Icons.SUPPORT_AGENT_ROUNDED,
        identifier="contact",
    )
    return frame(
        look,
        bar_of(look, shift),
        body,
        thumb_bar(look, main, rest),
        receipt=receipt_of(look, shift),
        moved_at=1 + len(first),
    )


def nothing_now(look: Look, day: Day) -> ft.Control:
    if not day.later:
        return empty(look, look.t("today.nothing"))
    first = day.later[0]
    at = dates.clock(local(first.dose.at))
    return empty(look, look.t("today.nothing_now", at=at, name=first.person.listed_first_name))

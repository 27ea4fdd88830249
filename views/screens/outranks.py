"""What outranks the list of Idag: an answer, the nurse's inbox, a check that is due, what was begun."""

from collections.abc import Callable
from datetime import datetime

import flet as ft

from care.sbar import SbarDocument
from views import dates
from views.components import banner, section_title, task_card
from views.model import answering, drafts, follow_ups, reading, reports
from views.model.shift import Shift
from views.places import Case, Fill, FollowUp, Inbox, Place, Report, SignIn
from views.screens.my_reports import report_title
from views.screens.parts import local
from views.theme import Look

NEWS = 3
"""What came of reports, on Idag; the rest is among one's reports."""


def outranks(look: Look, shift: Shift) -> list[ft.Control]:
    """The nurse's answer, what nobody reads, her inbox, no coverage, sign in, due checks, what came of a
    report, follow-up, begun forms."""
    return [
        *answers(look, shift),
        *unread(look, shift),
        *inbox(look, shift),
        *offline(look, shift),
        *sign_in_again(look, shift),
        *checks(look, shift),
        *news(look, shift),
        *looked_after(look, shift),
        *begun(look, shift),
    ]


def opener(shift: Shift, place: Place) -> Callable[[], None]:
    """A handler that opens a place; made by a function so that each card keeps its own."""
    return lambda: shift.go(place)


def answers(look: Look, shift: Shift) -> list[ft.Control]:
    """The nurse has answered: it outranks all else until it has been repeated back."""
    t = look.t
    found: list[ft.Control] = []
    for case in reading.all_of(shift, SbarDocument):
        if case.state == "answered" and shift.me.staff in case.askers:
            person = reading.person(shift, case.person)
            about = t("today.answer_about", name=person.listed_first_name) if person else t("today.answer")
            press = opener(shift, Case(case.id))
            found.append(banner(look, "answer", t("today.nurse_answered"), about, on_press=press))
    return found


def unread(look: Look, shift: Shift) -> list[ft.Control]:
    """What I have asked and nobody has read in time: call somebody else."""
    t = look.t
    found: list[ft.Control] = []
    for document in reading.all_of(shift, SbarDocument):
        if document.state != "waiting" or shift.me.staff not in document.askers:
            continue
        case = answering.case_of(shift, document)
        if answering.stage_of(shift, case) not in ("instead", "chief"):
            continue
        call = answering.to_call(shift, case)
        name = case.person.listed_first_name if case.person else t("waiting.no_person")
        detail = t("case.instead_do", name=call.name) if call else t("case.instead_nobody")
        press = opener(shift, Case(document.id))
        title = t("today.unread", name=name)
        found.append(
            banner(look, "late", title, detail, on_press=press, icon=ft.Icons.NOTIFICATIONS_ACTIVE_ROUNDED)
        )
    return found


def inbox(look: Look, shift: Shift) -> list[ft.Control]:
    """For whoever answers here: how many wait, falls among them, as the first thing on the page."""
    if not reading.reads(shift, "nurse"):
        return []
    waits = answering.waiting(shift)
    title = look.t.n("nurse.waiting", waits) if waits else look.t("nurse.inbox_empty")
    return [
        banner(
            look,
            "answer" if waits else "done",
            title,
            look.t("nurse.open_inbox"),
            on_press=opener(shift, Inbox()),
            icon=ft.Icons.INBOX_ROUNDED,
        )
    ]


def offline(look: Look, shift: Shift) -> list[ft.Control]:
    """Calm, and says what to do: as usual."""
    if shift.phone.sync.state.phase != "offline":
        return []
    return [banner(look, "offline", look.t("sync.no_network"), look.t("sync.work_as_usual"))]


def sign_in_again(look: Look, shift: Shift) -> list[ft.Control]:
    """The endpoint wants to see who it is. What is saved meanwhile is still sent."""
    if shift.me.staff not in shift.phone.sync.state.sign_in:
        return []
    press = opener(shift, SignIn())
    return [banner(look, "late", look.t("signin.needed"), look.t("signin.needed_detail"), on_press=press)]


def checks(look: Look, shift: Shift) -> list[ft.Control]:
    """New checks that were promised when the nurse's orders were repeated."""
    due = answering.checks_due(shift)
    if not due:
        return []
    now = shift.phone.now()
    cards = [
        task_card(
            look,
            name=check.person.listed if check.person else look.t("waiting.no_person"),
            what=look.t("today.check"),
            icon=ft.Icons.MONITOR_HEART_ROUNDED,
            time=check_time(look, check.at, now),
            time_tone="late" if now > check.at else "accent",
            room=(check.person.room or None) if check.person else None,
            on_press=opener(shift, Case(check.sbar)),
        )
        for check in due
    ]
    title = section_title(look, look.t("today.checks"), len(due), icon=ft.Icons.ALARM_ROUNDED, tone="accent")
    return [title, *cards]


def check_time(look: Look, at: datetime, now: datetime) -> str:
    if now > at:
        return look.t("common.late_by", length=dates.duration(now - at, look.t))
    return dates.clock(local(at))


def news(look: Look, shift: Shift) -> list[ft.Control]:
    """Words to whoever reported, until they have read them."""
    found = [one for one in reports.mine(shift) if reports.unread(shift, one)]
    return [
        banner(
            look,
            "done",
            look.t("today.feedback"),
            report_title(look, one),
            on_press=opener(shift, Report(one.id)),
            icon=ft.Icons.MARK_CHAT_UNREAD_ROUNDED,
        )
        for one in found[:NEWS]
    ]


def looked_after(look: Look, shift: Shift) -> list[ft.Control]:
    """What is to be looked at after a fall, and what of it has been done today."""
    t = look.t
    waiting, done = follow_ups.due(shift), follow_ups.done_today(shift)
    if not waiting and not done:
        return []
    title = section_title(
        look, t("today.follow_ups"), len(waiting), icon=ft.Icons.VISIBILITY_ROUNDED, tone="accent"
    )
    return [title, *(_follow_up(look, shift, one) for one in [*waiting, *done])]


def _follow_up(look: Look, shift: Shift, due: follow_ups.Due) -> ft.Control:
    person, t = due.person, look.t
    late = due.day is not None and due.day < follow_ups.today(shift)
    words = t("follow_up.late") if late else t("follow_up.today") if due.day else t("follow_up.done")
    return task_card(
        look,
        name=person.listed if person else t("waiting.no_person"),
        what=t(f"follow_up.{due.task.what}"),
        icon=ft.Icons.VISIBILITY_ROUNDED,
        time=words,
        time_tone="late" if late else "accent" if due.day else "done",
        room=(person.room or None) if person else None,
        on_press=opener(shift, FollowUp(due.task.id)),
        identifier=f"follow-up-{due.task.id}",
    )


def begun(look: Look, shift: Shift) -> list[ft.Control]:
    """Forms that were left half-filled, also by a lock or a crash: one tap and they go on."""
    found = drafts.begun(shift)
    if not found:
        return []
    now = shift.phone.now()
    cards = [
        task_card(
            look,
            name=person.listed if person else look.t("waiting.no_person"),
            what=look.t("today.go_on", form=form_words(look, one.form, one.category)),
            icon=ft.Icons.EDIT_NOTE_ROUNDED,
            time=dates.moment(local(one.saved_at), now, look.t),
            room=(person.room or None) if person else None,
            on_press=opener(shift, Fill(one.key)),
        )
        for one in found
        for person in [reading.person(shift, one.person)]
    ]
    title = section_title(
        look, look.t("today.begun"), len(found), icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="quiet"
    )
    return [title, *cards]


def form_words(look: Look, form: str, category: str) -> str:
    """What a form is called in a sentence: SBAR, or the kind of report."""
    return look.t("today.form_sbar") if form == "sbar" else look.t(f"category.{category or 'fall'}")

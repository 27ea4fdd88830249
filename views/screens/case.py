"""One SBAR as its author sees it: where it stands in words, the nurse's answer, and what to do now."""

from collections.abc import Callable
from typing import Any

import flet as ft

from care.rights import Act
from care.sbar import Answer, SbarDocument
from care.sbar import ReadBack as Said
from care.unanswered import needless
from care.unit import OnCall
from views.components import (
    Action,
    Step,
    banner,
    frame,
    info_line,
    note,
    section_title,
    thumb_bar,
    timeline,
)
from views.model import answering, filling, reading
from views.model.dial import dial
from views.model.phone import SBAR
from views.model.shift import Shift
from views.places import Case, ReadBack
from views.screens.brought import incomplete, not_here, use_brought
from views.screens.case_parts import clock_of, first_of, orders_text, summary_card
from views.screens.case_reach import call_instead, follow_up, reaching, unread
from views.screens.parts import back_bar, header_of, receipt_of
from views.theme import Look, use_look

EMERGENCY = OnCall("112", "112")


def case(shift: Shift, place: Case) -> ft.Control:
    look = use_look()
    t = look.t
    document = reading.one(shift, SbarDocument, place.sbar)
    asking = use_brought(shift, SbarDocument.kind, place.sbar, document is not None)
    if document is None:
        nothing = not_here(look, asking, t("case.gone"))
        return frame(look, back_bar(look, shift, t("common.back")), [nothing])
    person = reading.person(shift, document.person)
    found = answering.case_of(shift, document)
    body: list[ft.Control] = [header_of(look, person) if person else look.heading(t("case.title"))]
    body += life_first(look, found)
    body.append(unread(look, shift, found) or standing(look, shift, document))
    body += incomplete(look, shift, document.kind, document.id)
    body += [answer_note(look, shift, reply) for reply in reversed(document.replies)]
    body += repeated(look, shift, document)
    body += follow_up(look, shift, document)
    body += reaching(look, shift, found)
    told = len(body)
    body += [
        section_title(look, t("case.steps"), None, icon=ft.Icons.HISTORY_ROUNDED),
        timeline(look, steps(look, shift, document)),
    ]
    if found.reading.lines:
        body += [
            section_title(look, t("case.written"), None, icon=ft.Icons.NOTES_ROUNDED),
            summary_card(look, found.reading),
        ]
    main, rest = actions(look, shift, found, document)
    bar = thumb_bar(look, main, rest) if main else None
    head = back_bar(look, shift, t("common.back"))
    return frame(look, head, body, bar, receipt=receipt_of(look, shift), moved_at=told)


def to_112(found: answering.Case) -> str:
    """Why 112 comes first, as the script has it ("emergency", "high"); "" when it does not.

    It stands until 112 has been called from here or a nurse has the case: that she was called is not that she
    answered. A person's own plan goes before it.
    """
    document = found.document
    if not isinstance(document, SbarDocument) or document.state != "waiting":
        return ""
    if any(call.number == EMERGENCY.phone for call in document.calls) or (found.person and found.person.plan):
        return ""
    score = found.urgency.score
    return "emergency" if found.urgency.emergencies else "high" if score and score.band == "high" else ""


def life_first(look: Look, found: answering.Case) -> list[ft.Control]:
    """*Hög risk. Ring 112 först*: what the script said goes on being said after the nurse has been called."""
    why = to_112(found)
    if not why:
        return []
    words = look.t(f"news2.{why}"), look.t(f"news2.{why}_do")
    return [info_line(look, *words, tone="danger", icon=ft.Icons.WARNING_ROUNDED)]


def standing(look: Look, shift: Shift, document: SbarDocument) -> ft.Control:
    """Where it stands. Until the nurse has read it the word is *Ring*: saved is not the same as heard."""
    t = look.t
    match document.state:
        case "waiting":
            unsent = bool(shift.me.unsent & set(document.facts))
            detail = t("case.unsent" if unsent else "case.unread")
            if document.calls:
                last = document.calls[-1]
                called = t("case.called", name=first_of(last), at=clock_of(look, shift, last.at))
                only_112 = all(call.number == "112" for call in document.calls)
                then = t("case.nurse_too" if only_112 else "case.no_answer")
                return banner(look, "late", called, f"{detail} {then}")
            return banner(look, "late", t("case.call_now"), detail, icon=ft.Icons.CALL_ROUNDED)
        case "acknowledged":
            by = titled(look, shift, document.acknowledged_by)
            at = clock_of(look, shift, document.acknowledged)
            return banner(look, "done", t("case.read_by", name=by, at=at), t("case.read_detail"))
        case "answered":
            return banner(look, "answer", t("case.answered"), t("case.answered_detail"))
        case "read_back":
            return banner(look, "done", t("case.read_back"), t("case.read_back_detail"))
        case _:
            return banner(look, "done", t("case.closed", at=clock_of(look, shift, document.closed)))


def titled(look: Look, shift: Shift, staff: str) -> str:
    """*sjuksköterska Karin Ström*."""
    found = answering.staff_of(shift, staff)
    return f"{look.t.within(f'title.{found.title}')} {found.name}" if found else look.t("nurse.role")


def answer_note(look: Look, shift: Shift, reply: Answer) -> ft.Control:
    """The nurse's answer, in her words."""
    words = orders_text(look, reply.orders, reply.text)
    if reply.check_again:
        words = f"{words} {look.t('inbox.check_at', at=clock_of(look, shift, reply.check_again))}".strip()
    by = reading.name_of(shift, reply.by) or look.t("nurse.role").capitalize()
    return note(look, words, look.t("inbox.reply_by", name=by, at=clock_of(look, shift, reply.at)))


def repeated(look: Look, shift: Shift, document: SbarDocument) -> list[ft.Control]:
    """What was repeated, and the new check."""
    t, said = look.t, document.read_back
    if said is None:
        return []
    title = t("case.repeated_for", name=said.nurse, at=clock_of(look, shift, said.at))
    parts: list[ft.Control] = [
        info_line(look, title, repeated_words(look, shift, said), icon=ft.Icons.RECORD_VOICE_OVER_ROUNDED)
    ]
    if said.check_again:
        due = said.check_again <= shift.phone.now()
        parts.append(
            info_line(
                look,
                t("inbox.check_at", at=clock_of(look, shift, said.check_again)),
                icon=ft.Icons.ALARM_ROUNDED,
                tone="late" if due else "accent",
            )
        )
    return parts


def repeated_words(look: Look, shift: Shift, said: Said) -> str:
    """What is to be done, and when it is to be done by."""
    words = orders_text(look, said.orders, said.text)
    if said.done_by:
        words = f"{words} {look.t('case.done_by', at=clock_of(look, shift, said.done_by))}".strip()
    return words


def steps(look: Look, shift: Shift, document: SbarDocument) -> list[Step]:
    """What has happened, in order; what the nurse has not done yet stands empty."""
    t = look.t
    rows = []
    if document.recorded:
        unsent = bool(shift.me.unsent & set(document.facts[:1]))
        rows.append((document.recorded, t("case.step_saved"), t("case.step_unsent") if unsent else ""))
    rows += [(call.at, t("case.step_called", name=first_of(call)), "") for call in document.calls]
    for one in document.escalations:
        key = "case.step_needless" if one in needless(document) else "case.step_unread"
        rows.append((one.at, t(key), t("case.instead_do", name=one.to) if one.to else ""))
    if document.acknowledged:
        by = reading.name_of(shift, document.acknowledged_by)
        rows.append((document.acknowledged, t("case.step_read"), by))
    rows += [
        (reply.at, t("case.step_answered"), reading.name_of(shift, reply.by)) for reply in document.replies
    ]
    if document.read_back:
        rows.append((document.read_back.at, t("case.step_read_back"), document.read_back.nurse))
    rows += [
        (after.at, t("case.step_followed_up"), reading.name_of(shift, after.by))
        for after in document.follow_ups
    ]
    done = [
        Step(title, clock_of(look, shift, at), detail)
        for at, title, detail in sorted(rows, key=lambda r: r[0])
    ]
    if not document.acknowledged and not document.replies and not document.read_back:
        done.append(Step(t("case.step_not_read"), done=False))
    return done


def actions(
    look: Look, shift: Shift, found: answering.Case, document: SbarDocument
) -> tuple[Action | None, list[Action]]:
    """The one thing to do now is filled: 112 if the nurse says so, call, repeat, measure again."""
    t = look.t
    nurse = reading.nurse(shift)
    call = None
    if nurse:
        words = t("case.call", name=nurse.name)
        call = Action(
            words, caller(look, shift, document, nurse), ft.Icons.CALL_ROUNDED, identifier="call-nurse"
        )
    repeat = Action(
        t("case.repeat" if document.replies else "case.repeat_call"),
        lambda: shift.go(ReadBack(document.id)),
        ft.Icons.RECORD_VOICE_OVER_ROUNDED,
        identifier="repeat",
    )
    may_repeat = answering.may_do(shift, Act.SBAR_READ_BACK, document.unit)
    calls = [call] if call else []
    if document.state == "closed":
        return None, []
    if document.state == "answered" and may_repeat:
        if "call_112" in document.replies[-1].orders:
            first = Action(
                t("common.call_112"),
                look.call_112,
                ft.Icons.CALL_ROUNDED,
                "danger",
                identifier="call-112-now",
            )
            return first, [repeat, *calls]
        return repeat, calls
    if document.state == "read_back":
        again = Action(t("case.again"), starter(shift, document), ft.Icons.MONITOR_HEART_ROUNDED)
        person = reading.person(shift, document.person)
        return (again, calls) if person else (call, [])
    repeats = [repeat] if may_repeat else []
    instead = call_instead(look, shift, found, caller)
    if to_112(found):
        press = caller(look, shift, document, EMERGENCY)
        words, icon = t("common.call_112"), ft.Icons.CALL_ROUNDED
        first = Action(words, press, icon, "danger", identifier="case-112")
        return first, [*instead, *calls, *repeats]
    if instead:
        return instead[0], [*calls, *repeats]
    return (call, repeats) if call else (repeats[0] if repeats else None, [])


def caller(look: Look, shift: Shift, document: SbarDocument, nurse: OnCall) -> Callable[[], Any]:
    """Opens the dialler first; that it was pressed is told after, and never stands in its way."""

    async def call() -> None:
        await dial(look, nurse.phone)()
        if document.state in ("waiting", "acknowledged"):
            await answering.called(shift, document, nurse)

    return call


def starter(shift: Shift, document: SbarDocument) -> Callable[[], Any]:
    """A new SBAR about the same person: the new check is recorded with what was measured."""

    async def start() -> None:
        await filling.begin(shift, SBAR, reading.person(shift, document.person))

    return start

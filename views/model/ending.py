"""Ending a shift: what is left, for whom, and the word to those who come."""

import os
from datetime import timedelta

from msgspec import Struct

from care.facts import Ref
from care.handover import HandoverDocument, HandoverLeft, Left, What
from care.ids import uuid7
from care.person import PersonDocument
from care.retention import note_of
from care.today import Task, by_person
from storage import Statement
from views.model import needed, reading, stock
from views.model.shift import Shift

NEW_FOR = timedelta(hours=12)
"""So long a handover is shown to those who come (p): a shift later it is history."""


class Open(Struct, frozen=True):
    """One thing that is not done, and whom it is about. `task`: of an unsigned dose; `preparation`: to be
    counted."""

    left: Left
    person: PersonDocument
    task: Task | None = None
    preparation: str = ""


def left(shift: Shift) -> list[Open]:
    """What is unsigned now, person by person, the effects that nobody has asked for, and counts that are
    late."""
    today, now = reading.day(shift), shift.phone.now()
    tasks = [task for group in by_person([*today.late, *today.now]) for task in group]
    found = [_unsigned("late" if task.state == "late" else "now", task) for task in tasks]
    for document, _, due in needed.asked(shift):
        person = reading.person(shift, document.person)
        if person and due <= now + timedelta(hours=1):
            found.append(Open(Left("effect", document.id, person.id), person))
    for person, drug, ledger in stock.kept(shift):
        if stock.due_of(shift, ledger) == "late":
            id = stock.about(person.id, drug.preparation, now).id
            found.append(Open(Left("count", id, person.id), person, preparation=drug.preparation))
    return found


def _unsigned(what: What, task: Task) -> Open:
    return Open(Left(what, task.dose.id, task.person.id), task.person, task)


async def end(shift: Shift, note: str) -> None:
    """Leave word of what is open: saved before the phone locks."""
    now = shift.phone.now()
    body = HandoverLeft(open=tuple(one.left for one in left(shift)), note=note.strip())
    about = Ref("handover", uuid7(int(now.timestamp() * 1000), os.urandom(10)))
    await shift.save(Statement(body, about, shift.me.unit))


def received(shift: Shift) -> list[HandoverDocument]:
    """What others have left to whoever has the phone now, latest first."""
    since = shift.phone.now() - NEW_FOR
    found = [
        one
        for one in reading.all_of(shift, HandoverDocument)
        if one.at and one.at > since and one.unit == shift.me.unit and one.by != shift.me.staff
    ]
    return sorted(found, key=lambda one: (one.at or since, one.id), reverse=True)


def unread(shift: Shift) -> list[HandoverDocument]:
    """Those not opened yet that have something to say."""
    return [
        one
        for one in received(shift)
        if (one.open or one.note)
        and reading.remembered(shift, note_of(HandoverDocument.kind, one.id)) is None
    ]


def have_read(shift: Shift) -> None:
    for one in unread(shift):
        shift.me.remember(note_of(HandoverDocument.kind, one.id), b"1")


def still_open(shift: Shift, document: HandoverDocument) -> list[Open]:
    """What of a handover is not done yet: as it is now, not as it was left."""
    now_left = {one.left.id: one for one in left(shift)}
    return [now_left[one.id] for one in document.open if one.id in now_left]

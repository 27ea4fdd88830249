"""What the unit looks at after a fall: due now, done today, and saying how it was."""

from dataclasses import dataclass
from datetime import date

from care.facts import Ref
from care.follow_up import (
    FollowUpCorrected,
    FollowUpDocument,
    FollowUpDone,
    FollowUpEnded,
    Found,
    Why,
    due_day,
    looked_on,
)
from care.person import PersonDocument
from care.schedule import STOCKHOLM
from storage import Statement
from views.model import reading
from views.model.shift import Shift


@dataclass(frozen=True)
class Due:
    """One task, whom it is about, and the day for which it is due; None: nothing more today."""

    task: FollowUpDocument
    person: PersonDocument | None
    day: date | None


def today(shift: Shift) -> date:
    return shift.phone.now().astimezone(STOCKHOLM).date()


def due(shift: Shift) -> list[Due]:
    """What is to be looked at now, late first, then by room."""
    found = [_due(shift, one) for one in _tasks(shift)]
    waiting = [one for one in found if one.day is not None]
    return sorted(waiting, key=lambda one: (one.day, one.person.room if one.person else "", one.task.id))


def done_today(shift: Shift) -> list[Due]:
    """What somebody has looked at for today."""
    tasks = dict.fromkeys(task.id for task, _ in looked_on(_tasks(shift), today(shift)))
    return [_due(shift, task) for task in _tasks(shift) if task.id in tasks]


def one(shift: Shift, id: str) -> Due | None:
    task = reading.one(shift, FollowUpDocument, id)
    return _due(shift, task) if task else None


async def say(shift: Shift, task: FollowUpDocument, day: date, found: Found, text: str) -> str:
    """Somebody has looked. Returns the id of what was said, for undo."""
    said = FollowUpDone(day=day, found=found, text=text.strip())
    return (await shift.save(_about(task, said)))[0].id


async def take_back(shift: Shift, task: FollowUpDocument, fact: str) -> None:
    await shift.save(_about(task, FollowUpCorrected(corrects=fact)))


async def end(shift: Shift, task: FollowUpDocument, why: Why) -> None:
    """No more of it is to be done."""
    await shift.save(_about(task, FollowUpEnded(why=why)))


def _tasks(shift: Shift) -> list[FollowUpDocument]:
    return [one for one in reading.all_of(shift, FollowUpDocument) if one.unit == shift.me.unit]


def _due(shift: Shift, task: FollowUpDocument) -> Due:
    return Due(task, reading.person(shift, task.person), due_day(task, today(shift)))


def _about(task: FollowUpDocument, body: FollowUpDone | FollowUpCorrected | FollowUpEnded) -> Statement:
    return Statement(body, Ref("task", task.id), task.unit, task.person)

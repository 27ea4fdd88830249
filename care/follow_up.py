"""Follow-up tasks: what is to be looked at after a fall, by whoever is at work then.

The report of the fall is not for colleagues; this is, and says no more than what to look at. Follow-up the
day after, and after a blow to the head a month of extra watch for bleeding in the brain (Växjö kommun, *Rutin
vid fall*; both (p), for the MAS to approve).
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

What = Literal["after_fall", "head_watch"]
"""How the person is after a fall · signs of bleeding in the brain after a blow to the head."""
Found = Literal["as_usual", "changed", "not_done"]
"""As usual · something is different: the nurse is called · could not be looked at, such as in hospital."""
Why = Literal["nurse", "moved", "died", "mistake"]
"""Why a task is over before its time: the nurse says so, the person is not here any more, it was wrong."""

WATCH_DAYS = 30
LATE_DAYS = 3
"""For so long what was to be done on one day alone is asked for until it is done."""


@states("task.planned")
class FollowUpPlanned(Body, frozen=True, kw_only=True):
    """To be done once each local day from ``first`` to and including ``last``. ``prompted_by``: a report."""

    what: What
    first: date
    last: date
    prompted_by: str = ""


@states("task.done")
class FollowUpDone(Body, frozen=True, kw_only=True):
    day: date
    found: Found
    text: str = ""


@states("task.corrected")
class FollowUpCorrected(Body, frozen=True, kw_only=True):
    """Takes one ``task.done`` back. Both stay readable."""

    corrects: str


@states("task.ended")
class FollowUpEnded(Body, frozen=True, kw_only=True):
    why: Why


class Looked(Struct, frozen=True):
    """Somebody has looked. ``fact`` says so; ``day``: the day that it was due."""

    fact: str
    day: date
    found: Found
    text: str
    by: str
    at: datetime


@documents("task")
class FollowUpDocument(Document):
    what: What = "after_fall"
    first: date | None = None
    last: date | None = None
    prompted_by: str = ""
    planned_by: str = ""
    looked: list[Looked] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    ended: datetime | None = None
    why: Why | None = None

    @property
    def standing(self) -> list[Looked]:
        """What has been looked at and not been taken back."""
        return [one for one in self.looked if one.fact not in self.corrected]

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case FollowUpPlanned() if self.first is None:
                self.what, self.first, self.last = body.what, body.first, body.last
                self.prompted_by, self.planned_by = body.prompted_by, fact.author or ""
            case FollowUpPlanned():
                pass
            case FollowUpDone():
                said = Looked(fact.id, body.day, body.found, body.text, fact.author or "", fact.time)
                self.looked.append(said)
            case FollowUpCorrected():
                self.corrected.append(body.corrects)
            case FollowUpEnded():
                self.ended, self.why = self.ended or fact.time, self.why or body.why
            case _:
                self.unreadable += 1


def task_id(report: str, what: What) -> str:
    """The identity of a report's task: the same however often it is planned."""
    return str(uuid.uuid5(uuid.UUID(report), what))


def after_fall(report: str, dangers: Collection[str], head: bool, day: date) -> list[FollowUpPlanned]:
    """What is to be looked at after a fall on a local day. `dangers`: the answers that call for the nurse;
    `head`: the head was hit, or that is not known of somebody who takes blood thinners."""
    if not dangers:
        return []
    tomorrow = day + timedelta(days=1)
    planned = [FollowUpPlanned(what="after_fall", first=tomorrow, last=tomorrow, prompted_by=report)]
    if head:
        last = day + timedelta(days=WATCH_DAYS)
        planned.append(FollowUpPlanned(what="head_watch", first=tomorrow, last=last, prompted_by=report))
    return planned


def due_day(task: FollowUpDocument, today: date) -> date | None:
    """The day for which it is to be done now; None: nothing is to be done today."""
    if task.first is None or task.last is None or task.ended or today < task.first:
        return None
    day = min(today, task.last)
    if (today - day).days > (LATE_DAYS if task.first == task.last else 0) or _done(task, day):
        return None
    return day


def missed_days(task: FollowUpDocument, today: date) -> list[date]:
    """Days before today on which it was to be done and nobody has said anything."""
    if task.first is None or task.last is None:
        return []
    until = min(today - timedelta(days=1), task.last)
    if task.ended:
        until = min(until, task.ended.date())
    days = [task.first + timedelta(days=n) for n in range((until - task.first).days + 1)]
    return [day for day in days if not _done(task, day)]


def looked_on(tasks: Iterable[FollowUpDocument], today: date) -> list[tuple[FollowUpDocument, Looked]]:
    """What was looked at for today, the last first."""
    found = [(task, one) for task in tasks for one in task.standing if one.day == today]
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].fact), reverse=True)


def _done(task: FollowUpDocument, day: date) -> bool:
    return any(one.day == day for one in task.standing)

"""Self-checks (egenkontroll, SOSFS 2011:9 5 kap. 2 §): what is checked how often, and what came of it.

A plan (kind "check") says which form, which units, how often and who answers for it. What was found is a
"check-result" of its own for each unit and due date; its id follows from these, so that two who do the same
check at the same time write in one place. When a check is due is in `care.check_calendar`.
"""

import uuid
from datetime import date, datetime

from msgspec import Struct, field

from care.deviation import Side
from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.published import Answered
from care.rights import Role


class Start(Struct, frozen=True):
    """A unit of a plan, and the day of its first check."""

    unit: str
    first: date


@states("check.planned")
class CheckPlanned(Body, frozen=True, kw_only=True):
    """The whole of a plan, anew. What was due before ``effective`` stays as it was planned then."""

    title: str
    form: str
    """Address of the form that is filled in; "" when `page` says where the check is done."""
    rule: str
    """How often: an RFC 5545 rule of FREQ and INTERVAL (`care.check_calendar.step`)."""
    role: Role
    starts: tuple[Start, ...]
    effective: date
    remind: int = 14
    """Days before the due date from which the check waits on the page of whoever answers for it (p)."""
    sides: tuple[Side, ...] = ("hsl",)
    about: str = ""
    """Why it is checked and where that is said."""
    page: str = ""
    """The console's page on which it is done, such as "log_control"; then there is no form."""

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(start.unit for start in self.starts)


@states("check.paused")
class CheckPaused(Body, frozen=True, kw_only=True):
    """Nothing is due from `start` until the plan is resumed."""

    start: date


@states("check.resumed")
class CheckResumed(Body, frozen=True, kw_only=True):
    """From `day` on it is due again."""

    day: date


@states("check.ended")
class CheckEnded(Body, frozen=True, kw_only=True):
    """Nothing is due after `day`. What was done stays."""

    day: date


class Pause(Struct, frozen=True):
    """Days on which nothing is due: from `start`, up to but not including `end`."""

    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@documents("check")
class CheckDocument(Document):
    versions: list[CheckPlanned] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    ended: date | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case CheckPlanned():
                self.versions.append(body)
            case CheckPaused():
                if not self.paused:
                    self.pauses.append(Pause(body.start))
            case CheckResumed():
                if self.paused:
                    self.pauses[-1] = Pause(self.pauses[-1].start, body.day)
            case CheckEnded():
                self.ended = min(self.ended or body.day, body.day)
            case _:
                self.unreadable += 1

    @property
    def plan(self) -> CheckPlanned | None:
        """What was planned last."""
        return self.versions[-1] if self.versions else None

    @property
    def paused(self) -> bool:
        """Whether it is paused until further notice."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def units(self) -> frozenset[str]:
        """Every unit that it has been planned for."""
        return frozenset(unit for version in self.versions for unit in version.units)

    @property
    def sides(self) -> frozenset[Side]:
        return frozenset(side for version in self.versions for side in version.sides)

    def on(self, day: date) -> CheckPlanned | None:
        """The version that says what is due on a day; None: nothing is planned, or it is paused or ended."""
        if (self.ended and day > self.ended) or any(pause.holds(day) for pause in self.pauses):
            return None
        return next((one for one in reversed(self.versions) if one.effective <= day), None)


def result_id(plan: str, unit: str, due: date) -> str:
    """The identity of what comes of one check: the same wherever it is done."""
    return str(uuid.uuid5(uuid.UUID(plan), f"{unit}/{due.isoformat()}"))


@states("check-result.recorded")
class CheckRecorded(Body, frozen=True, kw_only=True):
    """``role`` is the one in which it was done, ``done`` the local day."""

    plan: str
    due: date
    done: date
    role: Role
    sides: tuple[Side, ...] = ("hsl",)
    answers: Answered


@states("check-result.corrected")
class CheckCorrected(Body, frozen=True, kw_only=True):
    """The answers anew. Those that they correct stay readable."""

    role: Role
    answers: Answered
    reason: str = ""


class Given(Struct, frozen=True):
    """One set of answers, as it was signed."""

    by: str
    role: Role
    at: datetime
    answers: Answered
    reason: str = ""


@documents("check-result")
class CheckResultDocument(Document):
    """What came of one check in one unit. The last answers count; all of them stay."""

    plan: str = ""
    due: date | None = None
    done: date | None = None
    sides: list[Side] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case CheckRecorded():
                self.plan, self.due = body.plan, body.due
                self.done = min(self.done or body.done, body.done)
                self.sides = sorted({*self.sides, *body.sides})
                self.given.append(Given(fact.author or "", body.role, fact.time, body.answers))
            case CheckCorrected():
                given = Given(fact.author or "", body.role, fact.time, body.answers, body.reason)
                self.given.append(given)
            case _:
                self.unreadable += 1

    @property
    def current(self) -> Given | None:
        return self.given[-1] if self.given else None

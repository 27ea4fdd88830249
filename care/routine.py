"""Routines (rutiner, SOSFS 2011:9 4 kap.): what has been decided about how work is done, and by whom."""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.rights import Role

TEXT_MOST = 20_000
"""Characters that a routine may have. It is read standing."""

REVIEW_SOON = timedelta(days=30)
"""So long before its review date a routine is listed as soon to be reviewed (p)."""

State = Literal["in_force", "review_soon", "review_overdue", "coming", "withdrawn"]


@states("routine.published")
class RoutinePublished(Body, frozen=True, kw_only=True):
    """One version of a routine, whole. ``text``: the small subset in `care.routine_text`.

    ``units`` are named one by one, so that the streams follow from the document alone.
    """

    title: str
    area: str
    text: str
    owner: str
    """Staff id of whoever answers for it; `owner_name` is how it is written."""
    owner_name: str
    owner_role: Role
    decided: date
    decided_by: str
    valid_from: date
    review_by: date
    units: tuple[str, ...]
    changes: str = ""
    """What is new since the version before."""


@states("routine.reviewed")
class RoutineReviewed(Body, frozen=True, kw_only=True):
    """Read through and found to hold as it is: to be reviewed again by another day."""

    reviewed: date
    review_by: date


@states("routine.withdrawn")
class RoutineWithdrawn(Body, frozen=True, kw_only=True):
    """It holds no more, until it is published anew. It stays readable on the console."""

    day: date
    reason: str = ""


class Version(Struct, frozen=True):
    """One version, and when it was published by whom. ``number`` counts from 1."""

    number: int
    fact: str
    by: str
    at: datetime
    body: RoutinePublished


@documents("routine")
class RoutineDocument(Document):
    versions: list[Version] = field(default_factory=list)
    reviewed: date | None = None
    review_by: date | None = None
    withdrawn: date | None = None
    withdrawn_reason: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case RoutinePublished():
                number = len(self.versions) + 1
                self.versions.append(Version(number, fact.id, fact.author or "", fact.time, body))
                self.review_by, self.withdrawn, self.withdrawn_reason = body.review_by, None, ""
            case RoutineReviewed():
                self.reviewed, self.review_by = body.reviewed, body.review_by
            case RoutineWithdrawn():
                self.withdrawn, self.withdrawn_reason = body.day, body.reason
            case _:
                self.unreadable += 1

    @property
    def units(self) -> frozenset[str]:
        """Every unit that it has ever been for: those who were given it are told when it changes or ends."""
        return frozenset(unit for version in self.versions for unit in version.body.units)

    @property
    def latest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    def on(self, day: date) -> Version | None:
        """The version in force on a day; None: none yet, or it has been withdrawn."""
        if self.withdrawn and self.withdrawn <= day:
            return None
        return next((one for one in reversed(self.versions) if one.body.valid_from <= day), None)

    def holds_in(self, unit: str, day: date) -> Version | None:
        """The version in force in a unit."""
        version = self.on(day)
        return version if version and unit in version.body.units else None

    def state(self, day: date) -> State:
        if self.withdrawn and self.withdrawn <= day:
            return "withdrawn"
        if self.on(day) is None:
            return "coming"
        if self.review_by and self.review_by < day:
            return "review_overdue"
        return "review_soon" if self.review_by and self.review_by - REVIEW_SOON <= day else "in_force"

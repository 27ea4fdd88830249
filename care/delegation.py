"""Delegations (SOSFS 1997:14; läkemedel HSLF-FS 2017:37): from one named licensed person to one named person.

Written, for clearly defined tasks, for one occasion or at most a year, revoked at once if unsafe.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import field

from care.documents import Document, documents
from care.facts import Body, Fact, states

LONGEST_DAYS = 366
"""At most one year (SOSFS 1997:14); 366 so that a year with a leap day is a year."""

State = Literal["issued", "accepted", "declined", "revoked"]


@states("delegation.issued")
class DelegationIssued(Body, frozen=True, kw_only=True):
    holder: str
    tasks: tuple[str, ...]
    units: tuple[str, ...]
    persons: tuple[str, ...] = ()
    """Named persons; empty: all in the units."""
    start: datetime
    end: datetime
    knowledge_tested: bool = False
    practice_seen: bool = False


@states("delegation.accepted")
class DelegationAccepted(Body, frozen=True, kw_only=True):
    pass


@states("delegation.declined")
class DelegationDeclined(Body, frozen=True, kw_only=True):
    reason: str = ""


@states("delegation.revoked")
class DelegationRevoked(Body, frozen=True, kw_only=True):
    at: datetime
    reason: str = ""


@documents("delegation")
class DelegationDocument(Document):
    issuer: str = ""
    holder: str = ""
    tasks: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    start: datetime | None = None
    end: datetime | None = None
    knowledge_tested: bool = False
    practice_seen: bool = False
    accepted: datetime | None = None
    declined: datetime | None = None
    revoked: datetime | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DelegationIssued() if not self.issuer:
                self.issuer, self.holder = fact.author or "", body.holder
                self.tasks, self.units, self.persons = list(body.tasks), list(body.units), list(body.persons)
                self.start, self.end = body.start, body.end
                self.knowledge_tested, self.practice_seen = body.knowledge_tested, body.practice_seen
            case DelegationAccepted() if fact.author == self.holder:
                self.accepted = self.accepted or fact.time
            case DelegationDeclined() if fact.author == self.holder:
                self.declined = self.declined or fact.time
            case DelegationRevoked():
                self.revoked = min(self.revoked, body.at) if self.revoked else body.at
            case _:
                self.unreadable += 1

    @property
    def state(self) -> State:
        if self.revoked:
            return "revoked"
        if self.declined:
            return "declined"
        return "accepted" if self.accepted else "issued"

    def covers(self, task: str, person: str, unit: str) -> bool:
        """Whether its scope holds the task for the person in the unit, whenever."""
        return task in self.tasks and unit in self.units and (not self.persons or person in self.persons)

    def valid(self, at: datetime) -> bool:
        """Whether it was in force at a moment: accepted at any time, begun, not ended, not yet revoked."""
        if self.start is None or self.end is None or not self.accepted or self.declined:
            return False
        if at > self.start + timedelta(days=LONGEST_DAYS):
            return False
        return self.start <= at <= self.end and not (self.revoked and at >= self.revoked)

"""Delegations (SOSFS 1997:14; läkemedel HSLF-FS 2017:37): from one named licensed person to one named person.

Written, for clearly defined tasks, for one occasion or at most a year, revoked at once if unsafe.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

LONGEST_DAYS = 366
"""At most one year (SOSFS 1997:14); 366 so that a year with a leap day is a year."""

ONCE = timedelta(days=1)
"""So long at most a delegation for one occasion waits for its signature (p)."""

WARNED_DAYS = (1, 14, 30)
"""So many days before the end its holder and its issuer are told."""

State = Literal["issued", "accepted", "declined", "revoked"]
StateAt = Literal["issued", "coming", "valid", "used", "expired", "declined", "revoked"]
"""Utfärdad men inte accepterad, börjar senare, gäller, använd, har gått ut, avböjd, återkallad."""


@states("delegation.issued")
class DelegationIssued(Body, frozen=True, kw_only=True):
    holder: str
    tasks: tuple[str, ...]
    units: tuple[str, ...]
    persons: tuple[str, ...] = ()
    """Named persons; empty: all in the units."""
    start: datetime
    end: datetime
    once: bool = False
    """For one occasion: one signature, within a day at most (care.occasion)."""
    knowledge_tested: bool = False
    knowledge_result: str = ""
    """As it was written down: "28 av 30", "godkänd"."""
    knowledge_on: date | None = None
    practice_seen: bool = False
    practice_on: date | None = None
    note: str = ""
    """The issuer's words to the holder: what to mind, when to call."""
    renews: str = ""
    """The delegation that this one follows."""
    source: str = ""
    """Where it was read from: "file", an import that names the issuer; empty: typed in."""


@states("delegation.accepted")
class DelegationAccepted(Body, frozen=True, kw_only=True):
    pass


@states("delegation.declined")
class DelegationDeclined(Body, frozen=True, kw_only=True):
    reason: str = ""


@states("delegation.reviewed")
class DelegationReviewed(Body, frozen=True, kw_only=True):
    """The yearly review (uppföljning): the holder has been seen and asked, and the delegation goes on."""

    on: date
    practice_seen: bool = False
    note: str = ""


@states("delegation.revoked")
class DelegationRevoked(Body, frozen=True, kw_only=True):
    at: datetime
    reason: str = ""


class Review(Struct, frozen=True, omit_defaults=True):
    """One review: on which day, by whom, what was said."""

    on: date
    by: str
    practice_seen: bool = False
    note: str = ""


@documents("delegation")
class DelegationDocument(Document):
    issuer: str = ""
    holder: str = ""
    tasks: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    start: datetime | None = None
    end: datetime | None = None
    once: bool = False
    knowledge_tested: bool = False
    knowledge_result: str = ""
    knowledge_on: date | None = None
    practice_seen: bool = False
    practice_on: date | None = None
    note: str = ""
    renews: str = ""
    issued: datetime | None = None
    accepted: datetime | None = None
    declined: datetime | None = None
    decline_reason: str = ""
    revoked: datetime | None = None
    revoke_reason: str = ""
    revoked_by: str = ""
    revoke_stated: datetime | None = None
    """When the revocation was said; it may count from an earlier moment."""
    reviews: list[Review] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DelegationIssued() if not self.issuer:
                self.issuer, self.holder = fact.author or "", body.holder
                self.tasks, self.units, self.persons = list(body.tasks), list(body.units), list(body.persons)
                self.start, self.end, self.once = body.start, body.end, body.once
                self.knowledge_tested, self.practice_seen = body.knowledge_tested, body.practice_seen
                self.knowledge_result, self.knowledge_on = body.knowledge_result, body.knowledge_on
                self.practice_on, self.note, self.renews = body.practice_on, body.note, body.renews
                self.issued = fact.time
            case DelegationAccepted() if fact.author == self.holder:
                self.accepted = self.accepted or fact.time
            case DelegationDeclined() if fact.author == self.holder:
                if not self.declined:
                    self.declined, self.decline_reason = fact.time, body.reason
            case DelegationReviewed():
                by = fact.author or ""
                self.reviews.append(Review(body.on, by, body.practice_seen, body.note))
            case DelegationRevoked():
                if self.revoked is None or body.at < self.revoked:
                    self.revoked, self.revoke_reason = body.at, body.reason
                    self.revoked_by, self.revoke_stated = fact.author or "", fact.time
            case _:
                self.unreadable += 1

    @property
    def state(self) -> State:
        if self.revoked:
            return "revoked"
        if self.declined:
            return "declined"
        return "accepted" if self.accepted else "issued"

    def state_at(self, at: datetime, used: bool = False) -> StateAt:
        """How it stands at a moment, as a register shows it. `used`: that its one occasion has been
        (care.occasion)."""
        if self.revoked and at >= self.revoked:
            return "revoked"
        if self.declined:
            return "declined"
        if used:
            return "used"
        if self.end is None or at > self.end:
            return "expired"
        if not self.accepted:
            return "issued"
        return "coming" if self.start and at < self.start else "valid"

    def days_left(self, at: datetime) -> int | None:
        """Whole days until it ends; None when it is not in force then."""
        if self.end is None or self.state_at(at) not in ("valid", "issued"):
            return None
        return max(0, (self.end - at).days)

    def warned(self, at: datetime) -> int | None:
        """Which of `WARNED_DAYS` its end has come within; None: there is time."""
        left = self.days_left(at)
        if left is None or self.once:
            return None
        return next((days for days in WARNED_DAYS if left < days), None)

    def covers(self, task: str, person: str, unit: str) -> bool:
        """Whether its scope holds the task for the person in the unit, whenever."""
        return task in self.tasks and unit in self.units and (not self.persons or person in self.persons)

    def valid(self, at: datetime) -> bool:
        """Whether it was in force at a moment: accepted at any time, begun, not ended, not yet revoked."""
        if self.start is None or self.end is None or not self.accepted or self.declined:
            return False
        if at > self.start + (ONCE if self.once else timedelta(days=LONGEST_DAYS)):
            return False
        return self.start <= at <= self.end and not (self.revoked and at >= self.revoked)

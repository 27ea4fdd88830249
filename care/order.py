"""Orders (ordinationer): a health task for a person, with its days, its times and who may do it.

A change is a new version that names what it replaces; the earlier ones stay readable. Each time of day is
a *slot* whose id survives new versions, so that re-timing never makes a second dose of one.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

Form = Literal[
    "pouch", "tablet", "injection", "drops", "inhalation", "liquid", "plaster", "measure", "look", "care"
]
"""What the task looks like; chooses its icon and its words."""


class Slot(Struct, frozen=True, omit_defaults=True):
    """One time of day. ``time`` is local "HH:MM"; the window is minutes before and after it."""

    id: str
    time: str
    before: int = 60
    after: int = 60


class Content(Struct, frozen=True):
    """One line of a pouch or dosett, for counting."""

    name: str
    amount: str


class AsNeeded(Struct, frozen=True):
    """Limits of a PRN (vid behov) order: hours between doses and the most in any rolling 24 hours."""

    indication: str
    min_hours: float
    max_per_24h: float
    unit: str


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an order, whole."""

    what: str
    """The task as it is called: "Dospåse morgon", "Insulin NovoRapid"."""
    short: str = ""
    """The word used in sentences: "insulinet", "dospåsen"; empty: ``what``."""
    form: Form
    amount: str
    """What is given each time, as it is read aloud: "5 tabletter", "8 enheter"."""
    route: str = ""
    contents: tuple[Content, ...] = ()
    days: str = "FREQ=DAILY"
    """RFC 5545 rule, days only; times are slots."""
    slots: tuple[Slot, ...] = ()
    start: date
    end: date | None = None
    requires: str | None = None
    """Task type of the delegation that an unlicensed performer needs; None: part of ordinary care."""
    as_needed: AsNeeded | None = None
    note: str = ""
    """The nurse's words to whoever does it; Swedish as written."""
    reason: str = ""


class Version(Struct, frozen=True):
    """A plan and the moment from which it counts."""

    plan: Plan
    effective: datetime
    by: str
    fact: str


class Pause(Struct, omit_defaults=True):
    """No doses are due meanwhile: hospital, växelvård."""

    start: datetime
    end: datetime | None = None
    reason: str = ""


@states("order.placed")
class OrderPlaced(Body, frozen=True, kw_only=True):
    plan: Plan
    effective: datetime


@states("order.changed")
class OrderChanged(Body, frozen=True, kw_only=True):
    plan: Plan
    effective: datetime
    what_changed: str = ""


@states("order.paused")
class OrderPaused(Body, frozen=True, kw_only=True):
    start: datetime
    end: datetime | None = None
    reason: str = ""


@states("order.stopped")
class OrderStopped(Body, frozen=True, kw_only=True):
    at: datetime
    reason: str = ""


@documents("order")
class OrderDocument(Document):
    versions: list[Version] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    stopped: datetime | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case OrderPlaced() | OrderChanged():
                self.versions.append(Version(body.plan, body.effective, fact.author or "", fact.id))
            case OrderPaused():
                self.pauses.append(Pause(body.start, body.end, body.reason))
            case OrderStopped():
                self.stopped = min(self.stopped, body.at) if self.stopped else body.at
            case _:
                self.unreadable += 1

    @property
    def plan(self) -> Plan | None:
        """The last version; what a screen shows."""
        return self.versions[-1].plan if self.versions else None

    @property
    def by(self) -> str:
        """Who wrote the last version."""
        return self.versions[-1].by if self.versions else ""

    def paused_at(self, at: datetime) -> Pause | None:
        """The pause that covers a moment, if any."""
        return next((p for p in self.pauses if p.start <= at and (p.end is None or at < p.end)), None)

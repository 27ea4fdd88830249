"""Orders (ordinationer): a health task for a person, with its days, its times and who may do it.

A change is a new version that names what it replaces; the earlier ones stay readable. Each time of day is
a *slot* whose id survives new versions, so that re-timing never makes a second dose of one.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from care.documents import Document, documents
from care.facts import Body, Fact, states

Form = Literal[
    "pouch", "tablet", "injection", "drops", "inhalation", "liquid", "plaster", "measure", "look", "care"
]
"""What the task looks like; chooses its icon and its words."""


class Slot(Struct, frozen=True, omit_defaults=True):
    """One time of day. ``time`` is local "HH:MM"; the window is minutes before and after it.

    ``amount``, and ``quantity`` of a narcotic: where this time has others than the plan.
    """

    id: str
    time: str
    before: int = 60
    after: int = 60
    amount: str = ""
    quantity: float = 0


class Content(Struct, frozen=True):
    """One line of a pouch or dosett, for counting."""

    name: str
    amount: str


class Step(Struct, frozen=True, omit_defaults=True):
    """A stretch of a plan whose amount changes by itself (nedtrappning, upptrappning): from a day on, until
    the next step begins. It outranks the plan's amount and the slots' own."""

    start: date
    amount: str
    quantity: float = 0


class AsNeeded(Struct, frozen=True, omit_defaults=True):
    """Limits of a PRN (vid behov) order: hours between doses and the most in any rolling 24 hours."""

    indication: str
    min_hours: float
    max_per_24h: float
    unit: str
    dose: float = 0.0
    """How much of `unit` one giving of the order's amount is: two tablets of 500 mg are 1000. 0: not said,
    and the most in 24 hours cannot be worked out."""
    effect_minutes: int = 60
    """When it is asked how it helped (p): 30 to 60 minutes afterwards."""


class Narcotic(Struct, frozen=True, omit_defaults=True):
    """What a narcotic order takes from its ledger: the preparation counted there, and how much each time."""

    preparation: str
    """As on the package: "Oxynorm 5 mg". Orders of one preparation share its ledger."""
    unit: str
    """What is counted: "kapslar", "tabletter", "ml"."""
    per_dose: float = 1.0


class Measured(Struct, frozen=True, omit_defaults=True):
    """A value that is asked for when the task is signed, such as blood sugar."""

    what: str
    unit: str = ""
    least: float | None = None
    """Outside these it is asked whether the value is right; never refused."""
    most: float | None = None
    call_below: float | None = None
    """Outside these the nurse is to be called."""
    call_above: float | None = None


class Source(Struct, frozen=True, omit_defaults=True):
    """Where an order has its master, when that is not here: which system, its id there, how old it is."""

    system: str
    id: str = ""
    at: datetime | None = None
    """When it was last changed or read there."""


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an order, whole."""

    what: str
    """The task as it is called: "Dospåse morgon", "Insulin NovoRapid"."""
    short: str = ""
    """The word used in sentences: "insulinet", "dospåsen"; empty: ``what``."""
    form: Form
    strength: str = ""
    """Of a medicine: "500 mg", where it is not part of ``what``."""
    substance: str = ""
    """ATC code of its substance (WHO, fifth level): "N02BE01", paracetamol. Empty: not said."""
    amount: str
    """What is given each time, as it is read aloud: "5 tabletter", "8 enheter"."""
    route: str = ""
    contents: tuple[Content, ...] = ()
    days: str = "FREQ=DAILY"
    """RFC 5545 rule, days only; times are slots."""
    slots: tuple[Slot, ...] = ()
    start: date
    end: date | None = None
    steps: tuple[Step, ...] = ()
    """Nedtrappning: by their first days. Before the first one the plan's own amount holds."""
    requires: str | None = None
    """Task type of the delegation that an unlicensed performer needs; None: part of ordinary care."""
    as_needed: AsNeeded | None = None
    narcotic: Narcotic | None = None
    witness: bool = False
    """Whether a second person signs that they saw it."""
    value: Measured | None = None
    note_asked: bool = False
    """Whether whoever signs is asked to write something, such as how a wound looks."""
    note: str = ""
    """The nurse's words to whoever does it; Swedish as written."""
    reason: str = ""
    """Why it is given or done: the indication."""
    source: Source | None = None

    def on(self, day: date, slot: Slot) -> "Plan":
        """The plan as it is for one dose: with the amount of that day's step, or of the time of day."""
        steps = [step for step in self.steps if step.start <= day]
        own = max(steps, key=lambda step: step.start) if steps else slot
        if not own.amount:
            return self
        narcotic = self.narcotic
        if narcotic and own.quantity:
            narcotic = replace(narcotic, per_dose=own.quantity)
        return replace(self, amount=own.amount, narcotic=narcotic)


class Version(Struct, frozen=True, omit_defaults=True):
    """A plan and the moment from which it counts."""

    plan: Plan
    effective: datetime
    by: str
    fact: str
    what_changed: str = ""
    stated: datetime | None = None


PauseCause = Literal["hospital", "away", "nurse", "other"]
"""På sjukhus, växelvård eller annan bortavaro, sjuksköterskan har pausat, annat."""


class Pause(Struct, omit_defaults=True):
    """No doses are due meanwhile: hospital, växelvård. ``fact``: what a resumption names."""

    start: datetime
    end: datetime | None = None
    reason: str = ""
    cause: PauseCause = "other"
    fact: str = ""


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
    cause: PauseCause = "other"


@states("order.resumed")
class OrderResumed(Body, frozen=True, kw_only=True):
    """A pause ends at a moment, or never begins. ``pause`` is the id of the fact that paused."""

    pause: str
    at: datetime


@states("order.stopped")
class OrderStopped(Body, frozen=True, kw_only=True):
    at: datetime
    reason: str = ""


@documents("order")
class OrderDocument(Document):
    versions: list[Version] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    stopped: datetime | None = None
    stop_reason: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case OrderPlaced() | OrderChanged():
                what = body.what_changed if isinstance(body, OrderChanged) else ""
                by = fact.author or ""
                self.versions.append(Version(body.plan, body.effective, by, fact.id, what, fact.time))
            case OrderPaused():
                self.pauses.append(Pause(body.start, body.end, body.reason, body.cause, fact.id))
            case OrderResumed():
                self._resume(body)
            case OrderStopped():
                if self.stopped is None or body.at < self.stopped:
                    self.stopped, self.stop_reason = body.at, body.reason
            case _:
                self.unreadable += 1

    def _resume(self, body: OrderResumed) -> None:
        for pause in self.pauses:
            if pause.fact == body.pause and (pause.end is None or body.at < pause.end):
                pause.end = max(pause.start, body.at)

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

"""Narcotics: what came in, was used, wasted, counted and adjusted of one person's preparation in one month.

An aggregate is a person's preparation in a month, with an id that every phone works out alike. Balances are
not stored in it: they follow from all the months (care.ledger), whatever arrives late.
"""

from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

Kind = Literal["received", "used", "wasted", "counted", "adjusted"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
"""Of what was stated in one moment, what was used comes before what was left of it."""
Waste = Literal["dropped", "spat_out", "expired", "left_over", "returned", "other"]
"""Tappad, spottades ut, för gammal, blev över, tillbaka till apotek, annat."""


class _Entry(Body, frozen=True, kw_only=True):
    preparation: str
    unit: str
    """What is counted: "kapslar"."""
    month: str
    """"2026-03", in Sweden, of `at`."""
    at: datetime


@states("stock.received")
class StockReceived(_Entry, frozen=True, kw_only=True):
    amount: float
    note: str = ""
    """Such as the pharmacy's delivery."""


@states("stock.used")
class StockUsed(_Entry, frozen=True, kw_only=True):
    amount: float
    dose: str
    """The dose's or the giving's aggregate."""


@states("stock.wasted")
class StockWasted(_Entry, frozen=True, kw_only=True):
    amount: float
    reason: Waste
    note: str = ""
    dose: str = ""
    """The dose's aggregate, where it is what was left of a broken one that was given in part."""


@states("stock.counted")
class StockCounted(_Entry, frozen=True, kw_only=True):
    counted: float
    expected: float
    """The balance that the phone showed whoever counted: what is known later may be another."""


@states("stock.adjusted")
class StockAdjusted(_Entry, frozen=True, kw_only=True):
    """A nurse changes the balance, and says why: the only thing that does so beside what happened."""

    change: float
    reason: str
    count: str = ""
    """The fact of the count that it follows."""


@states("stock.corrected")
class StockCorrected(Body, frozen=True, kw_only=True):
    """Takes back one entry."""

    corrects: str
    reason: str = ""


@states("stock.witnessed")
class StockWitnessed(Body, frozen=True, kw_only=True):
    """A second person was there. Stated with their own key."""

    witnesses: str


class Entry(Struct, omit_defaults=True):
    """One line of the ledger. ``change`` is what it does to the balance; a count does nothing to it."""

    fact: str
    author: str
    device: str
    stated: datetime
    at: datetime
    kind: Kind
    change: float = 0.0
    counted: float | None = None
    expected: float | None = None
    dose: str = ""
    count: str = ""
    reason: str = ""
    note: str = ""
    witnesses: list[str] = field(default_factory=list)
    withdrawn: str | None = None
    why_withdrawn: str = ""

    @property
    def order(self) -> tuple[datetime, datetime, int, str]:
        return self.at, self.stated, _KINDS.index(self.kind), self.fact


@documents("stock")
class StockDocument(Document):
    preparation: str = ""
    counted_in: str = ""
    month: str = ""
    entries: list[Entry] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case _Entry():
                self.preparation = self.preparation or body.preparation
                self.counted_in = self.counted_in or body.unit
                self.month = self.month or body.month
                self.entries.append(_entry(fact, body))
            case StockCorrected():
                for entry in self.entries:
                    if entry.fact == body.corrects and entry.withdrawn is None:
                        entry.withdrawn, entry.why_withdrawn = fact.id, body.reason
            case StockWitnessed():
                self._witness(body.witnesses, fact.author or "")
            case _:
                self.unreadable += 1

    def _witness(self, of: str, by: str) -> None:
        for entry in self.entries:
            if entry.fact == of and by and by != entry.author and by not in entry.witnesses:
                entry.witnesses.append(by)


def _entry(fact: Fact, body: _Entry) -> Entry:
    made = Entry(fact.id, fact.author or "", fact.device, fact.time, body.at, "received")
    match body:
        case StockReceived():
            made.change, made.note = body.amount, body.note
        case StockUsed():
            made.kind, made.change, made.dose = "used", -body.amount, body.dose
        case StockWasted():
            made.kind, made.change, made.dose = "wasted", -body.amount, body.dose
            made.reason, made.note = body.reason, body.note
        case StockCounted():
            made.kind, made.counted, made.expected = "counted", body.counted, body.expected
        case StockAdjusted():
            made.kind, made.change, made.reason, made.count = "adjusted", body.change, body.reason, body.count
    return made

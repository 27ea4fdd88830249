"""What locks and dispensers report: a medicine cabinet was opened, a dose was handed out or not taken.

One event is one aggregate. It says what a machine saw, never that a dose was given: a person signs that.
"""

from datetime import datetime
from typing import Literal

from care.documents import Document, documents
from care.facts import Body, Fact, states

Outcome = Literal["handed_out", "not_taken", "reminded"]
"""Utlämnad, inte tagen, påmind."""


@states("cabinet.opened")
class CabinetOpened(Body, frozen=True, kw_only=True):
    at: datetime
    cabinet: str
    """What the lock is called: "Skåp rum 12"."""
    by: str = ""
    """Staff id of whoever opened it; empty: nobody that is known here."""
    named: str = ""
    """Who the lock says it was, where that is nobody known here."""


@states("dispenser.reported")
class DispenserReported(Body, frozen=True, kw_only=True):
    at: datetime
    dispenser: str
    outcome: Outcome
    planned: datetime | None = None
    """The time that it was set for."""


@documents("cabinet")
class CabinetDocument(Document):
    at: datetime | None = None
    cabinet: str = ""
    by: str = ""
    named: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case CabinetOpened() if self.at is None:
                self.at, self.cabinet, self.by, self.named = body.at, body.cabinet, body.by, body.named
            case _:
                self.unreadable += 1


@documents("dispenser")
class DispenserDocument(Document):
    at: datetime | None = None
    dispenser: str = ""
    outcome: Outcome = "handed_out"
    planned: datetime | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DispenserReported() if self.at is None:
                self.at, self.dispenser = body.at, body.dispenser
                self.outcome, self.planned = body.outcome, body.planned
            case _:
                self.unreadable += 1

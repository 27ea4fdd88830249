"""Handing over: somebody ends their shift, has seen what is unsigned, and leaves word to those who come."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

What = Literal["late", "now", "effect", "count"]
"""An unsigned dose that is late or to be given now, an effect to ask for, a narcotics count that is late."""


class Left(Struct, frozen=True):
    """One thing that was open. `id` is the dose's, the giving's or the ledger's aggregate."""

    what: What
    id: str
    person: str


@states("handover.left")
class HandoverLeft(Body, frozen=True, kw_only=True):
    open: tuple[Left, ...] = ()
    note: str = ""


@documents("handover")
class HandoverDocument(Document):
    by: str = ""
    at: datetime | None = None
    open: list[Left] = field(default_factory=list)
    note: str = ""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case HandoverLeft() if self.at is None:
                self.by, self.at = fact.author or "", fact.time
                self.open, self.note = list(body.open), body.note
            case _:
                self.unreadable += 1

"""SBAR cases: what the carer saw, what the nurse answered, and that it was repeated back."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.published import Answered

State = Literal["waiting", "acknowledged", "answered", "read_back", "closed"]

COMMON_ORDERS = (
    "call_112",
    "ambulance",
    "measure_again",
    "sit_up",
    "give_as_needed",
    "look_in",
    "coming",
)
"""What nurses most often say to an SBAR, as keys: ring 112, ambulansen kommer, mät igen, låt sitta upp, ge
vid behov, titta till, jag kommer. Another key may come from a newer app; it is shown, never dropped."""


@states("sbar.recorded")
class SbarRecorded(Body, frozen=True, kw_only=True):
    """``claimed`` is the name given by somebody who recorded without signing in."""

    answers: Answered
    claimed: str = ""
    prompted_by: str = ""
    """The deviation that it was filled from, if any."""


@states("sbar.called")
class SbarCalled(Body, frozen=True, kw_only=True):
    """The call button was pressed. Whether anybody answered is said by the read-back."""

    to: str
    number: str


@states("sbar.acknowledged")
class SbarAcknowledged(Body, frozen=True, kw_only=True):
    """The nurse has it before her and takes it."""


@states("sbar.answered")
class SbarAnswered(Body, frozen=True, kw_only=True):
    """What the nurse wants done. ``orders`` are keys of common orders; ``text`` is her own words."""

    orders: tuple[str, ...] = ()
    text: str = ""
    check_again: datetime | None = None


@states("sbar.read_back")
class SbarReadBack(Body, frozen=True, kw_only=True):
    """The carer has repeated the orders and the nurse has said yes: the loop is closed."""

    nurse: str
    orders: tuple[str, ...] = ()
    text: str = ""
    check_again: datetime | None = None


@states("sbar.closed")
class SbarClosed(Body, frozen=True, kw_only=True):
    reason: str = ""


class Answer(Struct, frozen=True):
    """One answer of a nurse. ``fact`` is its id, which a phone remembers as seen."""

    fact: str
    by: str
    at: datetime
    orders: tuple[str, ...]
    text: str
    check_again: datetime | None


class Call(Struct, frozen=True):
    """The call button was pressed: to whom, at which number. Not that anybody answered."""

    to: str
    number: str
    at: datetime


class ReadBack(Struct, frozen=True):
    by: str
    at: datetime
    nurse: str
    orders: tuple[str, ...]
    text: str
    check_again: datetime | None


@documents("sbar")
class SbarDocument(Document):
    askers: list[str] = field(default_factory=list)
    """Who recorded it; nobody when it was recorded without signing in."""
    claimed: str = ""
    recorded: datetime | None = None
    recorded_on: str = ""
    """The device of whoever recorded it first."""
    answers: Answered | None = None
    prompted_by: str = ""
    calls: list[Call] = field(default_factory=list)
    acknowledged: datetime | None = None
    acknowledged_by: str = ""
    replies: list[Answer] = field(default_factory=list)
    read_back: ReadBack | None = None
    closed: datetime | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case SbarRecorded():
                self.answers, self.claimed = body.answers, body.claimed
                self.prompted_by = body.prompted_by
                self.recorded = self.recorded or fact.time
                self.recorded_on = self.recorded_on or fact.device
                if fact.author and fact.author not in self.askers:
                    self.askers.append(fact.author)
            case SbarCalled():
                self.calls.append(Call(body.to, body.number, fact.time))
            case SbarAcknowledged():
                if not self.acknowledged:
                    self.acknowledged, self.acknowledged_by = fact.time, fact.author or ""
            case SbarAnswered():
                self.replies.append(
                    Answer(fact.id, fact.author or "", fact.time, body.orders, body.text, body.check_again)
                )
            case SbarReadBack():
                self.read_back = ReadBack(
                    fact.author or "", fact.time, body.nurse, body.orders, body.text, body.check_again
                )
            case SbarClosed():
                self.closed = self.closed or fact.time
            case _:
                self.unreadable += 1

    @property
    def state(self) -> State:
        if self.closed:
            return "closed"
        if self.read_back and (not self.replies or self.read_back.at >= self.replies[-1].at):
            return "read_back"
        if self.replies:
            return "answered"
        return "acknowledged" if self.acknowledged else "waiting"

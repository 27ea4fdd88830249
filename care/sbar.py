"""SBAR cases: what the carer saw, what the nurse answered, and that it was repeated back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import ENDPOINT, Body, Fact, states
from care.published import Answered

State = Literal["waiting", "acknowledged", "answered", "read_back", "closed"]
Outcome = Literal["better", "same", "worse"]
"""How the person is once what was ordered has been done."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

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


CHECK_MINUTES = (15, 30, 60)
"""How soon a new check is most often wanted (p)."""
EVEN = 5


def orders_of(keys: Iterable[str]) -> list[str]:
    """The common orders among them in their order, then those that this app does not know.

    Earlier consoles said the time in the key ("measure_again_15"): it is the order that it begins with.
    """
    plain = [next((one for one in COMMON_ORDERS if key.startswith(one)), key) for key in keys]
    known = [one for one in COMMON_ORDERS if one in plain]
    return known + [one for one in dict.fromkeys(plain) if one not in known]


def check_at(now: datetime, minutes: int) -> datetime:
    """A time that can be said: so many minutes from now, up to the next even five."""
    at = (now.astimezone(UTC) + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return (at + timedelta(minutes=-at.minute % EVEN)).astimezone(now.tzinfo)


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
    """The carer has repeated the orders and the nurse has said yes: the loop is closed.

    ``done_by``: when what was ordered is to have been done; None: nothing was said of that.
    """

    nurse: str
    orders: tuple[str, ...] = ()
    text: str = ""
    check_again: datetime | None = None
    done_by: datetime | None = None


@states("sbar.followed_up")
class SbarFollowedUp(Body, frozen=True, kw_only=True):
    """How it went: ``outcome`` is a key of `OUTCOMES`; one of a newer app is shown, never dropped."""

    outcome: str
    text: str = ""


@states("sbar.escalated")
class SbarEscalated(Body, frozen=True, kw_only=True):
    """Nobody had read it in time, and this is who is to be called instead. The endpoint alone says so.

    ``step`` counts from 1 (care/unanswered.py). Without a ``number`` nobody is set who could be called.
    """

    step: int
    to: str = ""
    number: str = ""


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
    done_by: datetime | None = None


class FollowUp(Struct, frozen=True):
    by: str
    at: datetime
    outcome: str
    text: str


class Escalation(Struct, frozen=True):
    """Who was to be called instead, from when on."""

    step: int
    at: datetime
    to: str
    number: str


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
    follow_ups: list[FollowUp] = field(default_factory=list)
    escalations: list[Escalation] = field(default_factory=list)
    closed: datetime | None = None
    closed_by: str = ""

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
                    fact.author or "",
                    fact.time,
                    body.nurse,
                    body.orders,
                    body.text,
                    body.check_again,
                    body.done_by,
                )
            case SbarFollowedUp():
                self.follow_ups.append(FollowUp(fact.author or "", fact.time, body.outcome, body.text))
            case SbarEscalated():
                if fact.author == ENDPOINT:  # it names a number to call: nobody else may put one there
                    self.escalations.append(Escalation(body.step, fact.time, body.to, body.number))
            case SbarClosed():
                if not self.closed:
                    self.closed, self.closed_by = fact.time, fact.author or ""
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

    @property
    def reached(self) -> datetime | None:
        """When somebody who can help first had it: a nurse read or answered it, or said yes on the phone."""
        times = [self.acknowledged, self.read_back and self.read_back.at, self.closed]
        times += [reply.at for reply in self.replies]
        return min((at for at in times if at), default=None)

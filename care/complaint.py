"""Complaints and views (klagomål och synpunkter): any employee takes them down for whoever speaks.

Whoever took it down follows the "report" with the same id, as the reporter of a deviation does. They are
counted apart from deviations. Answered within four weeks (Malmö, *Ledningssystem* 2025); that they are
received and investigated: SOSFS 2011:9 5 kap. 3 §, PSL 2010:659 3 kap. 8 a §.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from care.complaint_case import ComplaintAcknowledged, ComplaintAnswered, Way
from care.deviation import Instead, Note, Outside, Side, Step
from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.handling import Handling
from care.published import Answered

ANSWER_WITHIN = timedelta(weeks=4)

Kind = Literal["complaint", "suggestion", "praise"]
Sender = Literal["resident", "relative", "board", "other"]
"""Whose it is: of the one who is cared for, a relative, the patientnämnd, somebody else. "": not known."""


SIDES_ABOUT: dict[str, tuple[Side, ...]] = {
    **dict.fromkeys(("health", "rehab"), ("hsl",)),
    **dict.fromkeys(("help", "food", "staff", "home", "conduct"), ("sol",)),
}
"""What complaints are about, by the law that answers for it; the rest is for both (p)."""


def sides_about(about: str) -> tuple[Side, ...]:
    """By the code of what it is about (``complaint.about`` of the form)."""
    return SIDES_ABOUT.get(about, ("hsl", "sol"))


@states("complaint.received")
class ComplaintReceived(Body, frozen=True, kw_only=True):
    """What was said, as it was taken down. ``reply_to``: whom to answer, and how; "": no answer is wanted."""

    kind: Kind
    answers: Answered
    sides: tuple[Side, ...] = ("hsl", "sol")
    sender: Sender | Literal[""] = ""
    reply_to: str = ""
    instead: Instead = ""
    outside: Outside | None = None


@states("complaint.amended")
class ComplaintAmended(Body, frozen=True, kw_only=True):
    text: str


class Reached(Struct, frozen=True):
    """Whoever complained was told something: on which day, how, in which words, and who says so."""

    by: str
    at: datetime
    on: date
    way: Way
    text: str = ""


@documents("complaint")
class ComplaintDocument(Document):
    what: Kind = "complaint"
    reporter: str = ""
    """Who took it down."""
    reported: datetime | None = None
    sides: list[Side] = field(default_factory=list)
    sender: Sender | Literal[""] = ""
    reply_to: str = ""
    instead: Instead = ""
    outside: Outside | None = None
    answers: Answered | None = None
    amendments: list[Note] = field(default_factory=list)
    acknowledged: list[Reached] = field(default_factory=list)
    answered: list[Reached] = field(default_factory=list)
    handling: Handling = field(default_factory=Handling)

    @property
    def step(self) -> Step | None:
        """How far it has come; None: nobody has acknowledged it or begun with it."""
        found = self.handling
        reached: dict[Step, bool] = {
            "closed": found.closed is not None,
            "followed_up": bool(self.answered),
            "action": bool(found.standing),
            "investigated": bool(found.begun or found.analyses),
            "received": bool(self.acknowledged),
        }
        return next((step for step, is_so in reached.items() if is_so), None)

    @property
    def answer_by(self) -> datetime | None:
        """When whoever complained is to have had an answer."""
        return self.reported + ANSWER_WITHIN if self.reported else None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case ComplaintReceived() if self.answers is None:
                self.what, self.answers = body.kind, body.answers
                self.reporter, self.reported = fact.author or "", fact.time
                self.sides, self.sender = sorted(set(body.sides)), body.sender
                self.reply_to, self.instead, self.outside = body.reply_to, body.instead, body.outside
            case ComplaintReceived():
                pass  # taken down twice, it is one
            case ComplaintAmended():
                self.amendments.append(Note(fact.author or "", fact.time, body.text))
            case ComplaintAcknowledged():
                said = Reached(fact.author or "", fact.time, body.on, body.way, body.text)
                self.acknowledged.append(said)
            case ComplaintAnswered():
                self.answered.append(Reached(fact.author or "", fact.time, body.on, body.way, body.text))
            case _ if self.handling.take(fact, body):
                pass
            case _:
                self.unreadable += 1

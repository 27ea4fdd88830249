"""Deviations (avvikelser): what happened, never who did it; and what the reporter is told of it.

The case (kind "deviation") is read by those who handle it. The reporter follows the "report", a separate
aggregate on their own stream with the same id: the steps and the words written to them, nothing else.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.published import Answered

Category = Literal[
    "fall",
    "medicine",
    "aid",
    "care",
    "missed_effort",
    "pressure_ulcer",
    "infection",
    "communication",
    "violence",
    "documentation",
    "conduct",
    "other",
]
"""Fall, läkemedel, hjälpmedel/MTP, vård/behandling/rehab, utebliven eller försenad insats (SoL), trycksår,
vårdrelaterad infektion, kommunikation/information, våld/hot mellan personer, dokumentation/sekretess,
bemötande, annat."""

Side = Literal["hsl", "sol"]
"""Which law what happened falls under: hälso- och sjukvård (HSL 2017:30), socialtjänst (SoL 2025:400)."""

SIDES: dict[Category, frozenset[Side]] = {
    "fall": frozenset({"hsl", "sol"}),
    "medicine": frozenset({"hsl"}),
    "aid": frozenset({"hsl"}),
    "care": frozenset({"hsl"}),
    "missed_effort": frozenset({"sol"}),
    "pressure_ulcer": frozenset({"hsl"}),
    "infection": frozenset({"hsl"}),
    "communication": frozenset({"hsl", "sol"}),
    "violence": frozenset({"sol"}),
    "documentation": frozenset({"hsl", "sol"}),
    "conduct": frozenset({"sol"}),
    "other": frozenset({"hsl", "sol"}),
}
"""MAS follows the first, SAS the second (p): for them to approve."""

Step = Literal["received", "assessed", "investigated", "action", "followed_up", "closed"]
"""Mottagen, bedömd, utredd, åtgärd, uppföljd, avslutad."""


@states("deviation.reported")
class DeviationReported(Body, frozen=True, kw_only=True):
    """``danger`` names the answers that call for a nurse now. ``claimed``: reported without signing in."""

    category: Category
    answers: Answered
    occurred: datetime | None = None
    danger: tuple[str, ...] = ()
    claimed: str = ""


@states("deviation.amended")
class DeviationAmended(Body, frozen=True, kw_only=True):
    text: str


@states("deviation.received")
class DeviationReceived(Body, frozen=True, kw_only=True):
    note: str = ""


@states("deviation.status")
class ReportStatus(Body, frozen=True, kw_only=True):
    """A step as the reporter is told of it. Belongs to the aggregate ("report", id of the deviation)."""

    reporter: str
    step: Step
    text: str = ""


class Note(Struct, frozen=True):
    by: str
    at: datetime
    text: str


@documents("deviation")
class DeviationDocument(Document):
    category: Category = "other"
    reporter: str = ""
    claimed: str = ""
    reported: datetime | None = None
    reported_on: str = ""
    """The device that it was reported on."""
    occurred: datetime | None = None
    danger: list[str] = field(default_factory=list)
    answers: Answered | None = None
    amendments: list[Note] = field(default_factory=list)
    received: list[Note] = field(default_factory=list)

    @property
    def sides(self) -> frozenset[Side]:
        """Which laws it falls under; none before the report itself is here."""
        return SIDES[self.category] if self.answers else frozenset()

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DeviationReported() if self.answers is None:
                self.category, self.answers = body.category, body.answers
                self.reporter, self.claimed = fact.author or "", body.claimed
                self.reported, self.reported_on = fact.time, fact.device
                self.occurred = body.occurred
                self.danger = list(body.danger)
            case DeviationAmended():
                self.amendments.append(Note(fact.author or "", fact.time, body.text))
            case DeviationReceived():
                self.received.append(Note(fact.author or "", fact.time, body.note))
            case _:
                self.unreadable += 1


class ReportStep(Struct, frozen=True):
    step: Step
    at: datetime
    by: str
    text: str


@documents("report")
class ReportDocument(Document):
    reporter: str = ""
    steps: list[ReportStep] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case ReportStatus():
                self.reporter = self.reporter or body.reporter
                self.steps.append(ReportStep(body.step, fact.time, fact.author or "", body.text))
            case _:
                self.unreadable += 1

"""Deviations (avvikelser): what happened, never who did it; and what the reporter is told of it.

The case (kind "deviation") is read by those who handle it. The reporter follows the "report", a separate
aggregate on their own stream with the same id: the steps and the words written to them, nothing else.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.deviation_case import (
    Assessment,
    Decided,
    Decision,
    DeviationAssessed,
    DeviationEscalated,
    Escalation,
    IvoText,
    LexMariaDecided,
    Prepared,
    Reclassification,
    Track,
)
from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.handling import Handling
from care.photo import DeviationPhotographed, Photo, taken
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
    "work",
    "other",
]
"""Fall, läkemedel, hjälpmedel/MTP, vård/behandling/rehab, utebliven eller försenad insats (SoL), trycksår,
vårdrelaterad infektion, kommunikation/information, våld/hot mellan personer, dokumentation/sekretess,
bemötande, arbetsskada eller tillbud, annat."""

Side = Literal["hsl", "sol", "aml"]
"""Which law what happened falls under: hälso- och sjukvård (HSL 2017:30), socialtjänst (SoL 2025:400),
arbetsmiljö (AML 1977:1160): somebody who works here was hurt or threatened, or could have been."""

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
    "work": frozenset({"aml"}),
    "other": frozenset({"hsl", "sol"}),
}
"""MAS follows the first, SAS the second, the skyddsombud the third (p): for them to approve."""

Instead = Literal["", "mas", "sas"]
"""Who alone reads a report that concerns the chief or the nurse; "": its usual readers."""

Party = Literal["hospital", "primary_care", "ambulance", "pharmacy", "other_municipality", "other"]
Direction = Literal["to", "from"]


class Outside(Struct, frozen=True):
    """An outside party: the region or another. ``to``: it happened with them, and they are to be told;
    ``from``: they have reported it to us."""

    direction: Direction
    party: Party


Step = Literal["received", "assessed", "investigated", "action", "followed_up", "closed"]
"""Mottagen, bedömd, utreds (the investigation has begun), åtgärd, uppföljd, avslutad."""

SIDE_OF: dict[Track, Side] = {"lex_maria": "hsl", "lex_sarah": "sol"}
"""Whose readers a track adds: who decides of it must be able to read the case."""


@states("deviation.reported")
class DeviationReported(Body, frozen=True, kw_only=True):
    """``danger`` names the answers that call for a nurse now. ``claimed``: reported without signing in.

    ``staff``: somebody who works here was hurt or threatened, whatever the category.
    """

    category: Category
    answers: Answered
    occurred: datetime | None = None
    danger: tuple[str, ...] = ()
    claimed: str = ""
    instead: Instead = ""
    staff: bool = False
    outside: Outside | None = None


@states("deviation.amended")
class DeviationAmended(Body, frozen=True, kw_only=True):
    """Something more to tell, or the answers anew by whoever gave them. What was written first stays.

    ``answers``: the whole form as it is now, with what follows from it as in the report; None: words alone.
    """

    text: str
    answers: Answered | None = None
    occurred: datetime | None = None
    danger: tuple[str, ...] = ()
    staff: bool = False
    outside: Outside | None = None


@states("deviation.received")
class DeviationReceived(Body, frozen=True, kw_only=True):
    note: str = ""


@states("deviation.reclassified")
class DeviationReclassified(Body, frozen=True, kw_only=True):
    """It is of another category than the one that it was reported as; the reason is always told."""

    category: Category
    reason: str


@states("deviation.status")
class ReportStatus(Body, frozen=True, kw_only=True):
    """A step as the reporter is told of it. Belongs to the aggregate ("report", id of the deviation).

    ``readers``: the classes of stream in which the case was read then; those who handle it read this too.
    """

    reporter: str
    step: Step
    text: str = ""
    readers: tuple[str, ...] = ()


def sides_of(category: Category, staff: bool) -> frozenset[Side]:
    """Which laws a report falls under. ``staff``: somebody who works here was hurt or threatened."""
    return SIDES[category] | ({"aml"} if staff else frozenset())


class Version(Struct, frozen=True):
    """The answers as they were before they were given anew. ``at``: since when."""

    at: datetime
    answers: Answered
    danger: tuple[str, ...] = ()
    staff: bool = False


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
    instead: Instead = ""
    staff: bool = False
    outside: Outside | None = None
    answers: Answered | None = None
    """As they are now."""
    answered: datetime | None = None
    """When they were given anew, where they have been."""
    earlier: list[Version] = field(default_factory=list)
    """As they were before, oldest first."""
    endangered: datetime | None = None
    """When answers that call for the nurse came with those that were given anew."""
    amendments: list[Note] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    received: list[Note] = field(default_factory=list)
    reported_as: Category | None = None
    """The category that the reporter chose, where it has been given another since."""
    reclassified: list[Reclassification] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    escalations: list[Escalation] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    prepared: list[Prepared] = field(default_factory=list)
    """Versions of the text for IVO, oldest first."""
    handling: Handling = field(default_factory=Handling)

    @property
    def sides(self) -> frozenset[Side]:
        """Which laws it falls under; none before the report itself is here.

        Those of a category that it had, too: whoever has begun to read it reads what becomes of it.
        """
        if not self.answers:
            return frozenset()
        had = {one.was for one in self.reclassified} | {self.category}
        by_category = {side for category, of in SIDES.items() if category in had for side in of}
        staff: set[Side] = {"aml"} if self.staff or any(one.staff for one in self.earlier) else set()
        return frozenset(by_category | staff | self.track_sides)

    @property
    def befell_staff(self) -> bool:
        """Whether somebody who works here was hurt or threatened, or could have been."""
        return self.staff or self.category == "work"

    @property
    def unread(self) -> bool:
        """Whether nobody has received it, or what calls for the nurse in it now. By the clock: the phones of
        reporter and reader do not hold each other's facts."""
        since = self.endangered
        return not self.received or (since is not None and all(one.at < since for one in self.received))

    @property
    def endangers(self) -> bool:
        """Whether an answer calls for the nurse, or did: whoever has begun to read it goes on."""
        return bool(self.danger) or any(one.danger for one in self.earlier)

    @property
    def amended(self) -> list[tuple[datetime, Answered, Answered]]:
        """Each time that the answers were given anew: when, what they were, and what they became."""
        if self.answered is None or self.answers is None:
            return []
        ends = [*self.earlier[1:], Version(self.answered, self.answers)]
        return [(end.at, was.answers, end.answers) for was, end in zip(self.earlier, ends, strict=False)]

    @property
    def track_sides(self) -> frozenset[Side]:
        """The laws that lex Maria and lex Sarah have brought in."""
        tracks = {one.track for one in self.escalations} | {one.track for one in self.decisions}
        return frozenset(SIDE_OF[track] for track in tracks)

    @property
    def assessment(self) -> Assessment | None:
        return self.assessments[-1] if self.assessments else None

    @property
    def step(self) -> Step | None:
        """How far it has come; None: reported, and nobody has received it."""
        found = self.handling
        reached: dict[Step, bool] = {
            "closed": found.closed is not None,
            "followed_up": bool(found.followed_up) and not any(one.open for one in found.actions),
            "action": bool(found.standing),
            "investigated": bool(found.begun or found.analyses),
            "assessed": bool(self.assessments),
            "received": bool(self.received),
        }
        return next((step for step, is_so in reached.items() if is_so), None)

    def decided(self, track: Track) -> Decision | None:
        """What was last decided of lex Maria or lex Sarah."""
        return next((one for one in reversed(self.decisions) if one.track == track), None)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DeviationReported() if self.answers is None:
                self.answers = body.answers
                self._classify(body.category)
                self.reporter, self.claimed = fact.author or "", body.claimed
                self.reported, self.reported_on = fact.time, fact.device
                self.occurred = body.occurred
                self.danger = list(body.danger)
                self.instead, self.staff, self.outside = body.instead, body.staff, body.outside
            case DeviationAmended():
                self._amend(fact, body)
            case DeviationPhotographed():
                self.photos.append(taken(fact, body))
            case DeviationReceived():
                self.received.append(Note(fact.author or "", fact.time, body.note))
            case DeviationReclassified():
                self._reclassify(fact, body)
            case DeviationAssessed():
                said = Assessment(
                    fact.author or "", fact.time, body.severity, body.probability, body.reason, body.limits
                )
                self.assessments.append(said)
            case DeviationEscalated():
                self.escalations.append(Escalation(fact.author or "", fact.time, body.track, body.text))
            case Decided():
                self._decide(fact, body)
            case IvoText():
                self.prepared.append(Prepared(fact.author or "", fact.time, body.track, body.text))
            case _ if self.handling.take(fact, body):
                pass
            case _:
                self.unreadable += 1

    def _amend(self, fact: Fact, body: DeviationAmended) -> None:
        """Words may be added by whoever has something to tell; answers are given anew by who gave them."""
        if body.text or body.answers is None:
            self.amendments.append(Note(fact.author or "", fact.time, body.text))
        if body.answers is None or self.answers is None or not fact.author or fact.author != self.reporter:
            return
        since = self.answered or self.reported or fact.time
        self.earlier.append(Version(since, self.answers, tuple(self.danger), self.staff))
        if set(body.danger) - set(self.danger):
            self.endangered = fact.time
        self.answers, self.answered, self.occurred = body.answers, fact.time, body.occurred
        self.danger, self.staff, self.outside = list(body.danger), body.staff, body.outside

    def _classify(self, category: Category) -> None:
        """The report says what it was reported as; what it has been given since stands."""
        if self.reclassified:
            self.reported_as = category
        else:
            self.category = category

    def _reclassify(self, fact: Fact, body: DeviationReclassified) -> None:
        self.reported_as = self.reported_as or self.category
        said = Reclassification(fact.author or "", fact.time, self.category, body.category, body.reason)
        self.reclassified.append(said)
        self.category = body.category

    def _decide(self, fact: Fact, body: Decided) -> None:
        self.decisions.append(
            Decision(
                by=fact.author or "",
                at=fact.time,
                track="lex_maria" if isinstance(body, LexMariaDecided) else "lex_sarah",
                finding=body.finding,
                outcome=body.outcome,
                reason=body.reason,
                decided=body.decided,
                reference=body.reference,
            )
        )


class ReportStep(Struct, frozen=True):
    step: Step
    at: datetime
    by: str
    text: str


@documents("report")
class ReportDocument(Document):
    reporter: str = ""
    steps: list[ReportStep] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case ReportStatus():
                self.reporter = self.reporter or body.reporter
                self.steps.append(ReportStep(body.step, fact.time, fact.author or "", body.text))
                self.readers = sorted({*self.readers, *body.readers})
            case _:
                self.unreadable += 1

"""Risk analysis before a change (SOSFS 2011:9 5 kap. 1 §): what may go wrong, how bad, why, and what is done.

A risk is assessed again once its actions are done; every assessment stays. Later deviations are linked to the
analysis (`DeviationLinked`, kind "risk-analysis"): they show whether the right risks were seen.
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from care.deviation import Side
from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.handling import (
    ActionDone,
    ActionDropped,
    ActionFollowedUp,
    ActionSet,
    CaseClosed,
    FollowedUp,
    Handling,
    Reopened,
)
from care.risk import LIMITS, Band, Limits, product

Grade = Annotated[int, Meta(ge=1, le=4)]


@states("risk-analysis.described")
class RiskAnalysisDescribed(Body, frozen=True, kw_only=True):
    """The whole of what it is about, anew. ``change``: what is going to be done; ``from_day``: from when."""

    title: str
    change: str
    from_day: date
    units: tuple[str, ...]
    sides: tuple[Side, ...] = ("hsl", "sol")
    present: str = ""
    """Who took part, as it was written."""


@states("risk-analysis.risk_set")
class RiskSet(Body, frozen=True, kw_only=True):
    """A risk, or the same anew: assessed again, or in other words. ``limits``: those in force then."""

    risk: str
    text: str
    cause: str = ""
    severity: Grade
    probability: Grade
    limits: Limits = LIMITS


@states("risk-analysis.action_set")
class RiskActionSet(ActionSet, frozen=True, kw_only=True):
    """An action against a risk."""

    risk: str


@states("risk-analysis.action_done")
class RiskActionDone(ActionDone, frozen=True, kw_only=True):
    pass


@states("risk-analysis.action_followed_up")
class RiskActionFollowedUp(ActionFollowedUp, frozen=True, kw_only=True):
    pass


@states("risk-analysis.action_dropped")
class RiskActionDropped(ActionDropped, frozen=True, kw_only=True):
    pass


@states("risk-analysis.followed_up")
class RiskAnalysisFollowedUp(FollowedUp, frozen=True, kw_only=True):
    """How it went once the change had been made."""


@states("risk-analysis.closed")
class RiskAnalysisClosed(CaseClosed, frozen=True, kw_only=True):
    pass


@states("risk-analysis.reopened")
class RiskAnalysisReopened(Reopened, frozen=True, kw_only=True):
    pass


class Graded(Struct, frozen=True):
    """A risk as it was once written and assessed."""

    by: str
    at: datetime
    text: str
    cause: str
    severity: int
    probability: int
    limits: Limits = LIMITS

    @property
    def band(self) -> Band:
        return self.limits.band(self.severity, self.probability)


class Risk(Struct):
    """``graded``: oldest first; the last one counts. ``actions``: ids of the actions against it."""

    id: str
    graded: list[Graded] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    @property
    def latest(self) -> Graded:
        return self.graded[-1]

    @property
    def product(self) -> int:
        return product(self.latest.severity, self.latest.probability)


class Description(Struct, frozen=True):
    by: str
    at: datetime
    body: RiskAnalysisDescribed


@documents("risk-analysis")
class RiskAnalysisDocument(Document):
    descriptions: list[Description] = field(default_factory=list)
    risks: list[Risk] = field(default_factory=list)
    handling: Handling = field(default_factory=Handling)

    @property
    def about(self) -> RiskAnalysisDescribed | None:
        """What was said last."""
        return self.descriptions[-1].body if self.descriptions else None

    @property
    def units(self) -> frozenset[str]:
        """Every unit that it has ever been for."""
        return frozenset(unit for one in self.descriptions for unit in one.body.units)

    @property
    def sides(self) -> frozenset[Side]:
        return frozenset(side for one in self.descriptions for side in one.body.sides)

    def risk(self, id: str) -> Risk | None:
        return next((one for one in self.risks if one.id == id), None)

    def apply(self, fact: Fact, body: Body) -> None:
        by, at = fact.author or "", fact.time
        match body:
            case RiskAnalysisDescribed():
                self.descriptions.append(Description(by, at, body))
            case RiskSet():
                found = self.risk(body.risk)
                if found is None:
                    found = Risk(body.risk)
                    self.risks.append(found)
                found.graded.append(
                    Graded(by, at, body.text, body.cause, body.severity, body.probability, body.limits)
                )
            case _ if self.handling.take(fact, body):
                if isinstance(body, RiskActionSet) and (of := self.risk(body.risk)):
                    of.actions = list(dict.fromkeys([*of.actions, body.action]))
            case _:
                self.unreadable += 1

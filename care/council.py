"""Kvalitetsråd: a meeting of those who follow a unit's cases; what it decides is followed up at the next one.

The agenda is not stored: the open cases of its units, and what earlier meetings decided and is not done, are
put there when it is read. What was said is the minutes.
"""

from datetime import date, datetime

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.handling import (
    ActionDone,
    ActionDropped,
    ActionFollowedUp,
    ActionSet,
    CaseClosed,
    Handling,
    Reopened,
)


@states("council.called")
class CouncilCalled(Body, frozen=True, kw_only=True):
    """The whole of the calling, anew. ``points``: what is to be taken up besides the cases, a line each."""

    on: date
    units: tuple[str, ...]
    points: str = ""
    present: str = ""
    """Who is called, or was there, as it was written."""


@states("council.minuted")
class CouncilMinuted(Body, frozen=True, kw_only=True):
    """The whole of the minutes, anew."""

    text: str
    present: str = ""


@states("council.action_set")
class CouncilDecided(ActionSet, frozen=True, kw_only=True):
    """A decision with its owner and day. ``case``: the deviation that it is about, by id; "": none."""

    case: str = ""


@states("council.action_done")
class CouncilDecisionDone(ActionDone, frozen=True, kw_only=True):
    pass


@states("council.action_followed_up")
class CouncilDecisionFollowedUp(ActionFollowedUp, frozen=True, kw_only=True):
    pass


@states("council.action_dropped")
class CouncilDecisionDropped(ActionDropped, frozen=True, kw_only=True):
    pass


@states("council.closed")
class CouncilClosed(CaseClosed, frozen=True, kw_only=True):
    """The minutes are approved (justerade)."""


@states("council.reopened")
class CouncilReopened(Reopened, frozen=True, kw_only=True):
    pass


class Minutes(Struct, frozen=True):
    by: str
    at: datetime
    text: str
    present: str = ""


@documents("council")
class CouncilDocument(Document):
    calls: list[CouncilCalled] = field(default_factory=list)
    minutes: list[Minutes] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    """The deviation that a decision is about, by the decision's id."""
    handling: Handling = field(default_factory=Handling)

    @property
    def called(self) -> CouncilCalled | None:
        """As it was called last."""
        return self.calls[-1] if self.calls else None

    @property
    def units(self) -> frozenset[str]:
        return frozenset(unit for one in self.calls for unit in one.units)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case CouncilCalled():
                self.calls.append(body)
            case CouncilMinuted():
                self.minutes.append(Minutes(fact.author or "", fact.time, body.text, body.present))
            case _ if self.handling.take(fact, body):
                if isinstance(body, CouncilDecided) and body.case:
                    self.cases[body.action] = body.case
            case _:
                self.unreadable += 1

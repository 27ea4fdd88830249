"""The case of a deviation: what those who handle it state, from the assessment to the end.

The reporter reads none of this: they are told each step, in words written to them (`ReportStatus`).
"""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from care.facts import Body, states
from care.handling import (
    ActionDone,
    ActionDropped,
    ActionFollowedUp,
    ActionSet,
    Analysed,
    Assigned,
    Begun,
    CaseClosed,
    FollowedUp,
    Linked,
    Reopened,
    Unlinked,
)
from care.risk import LIMITS, Band, Limits

Grade = Annotated[int, Meta(ge=1, le=4)]

Track = Literal["lex_maria", "lex_sarah"]
"""Lex Maria: PSL 2010:659 3:5 (vårdskada: 1:5). Lex Sarah: SoL 2025:400, LSS 24 a-g §§."""

Finding = Literal["none", "harm", "serious", "risk_serious"]
"""Lex Maria: ingen vårdskada, vårdskada, allvarlig vårdskada, risk för allvarlig vårdskada. Lex Sarah: inget
missförhållande, missförhållande, allvarligt missförhållande, påtaglig risk för ett allvarligt."""

Outcome = Literal["not_reported", "to_report", "reported"]
"""Anmäls inte; ska anmälas till IVO; har anmälts till IVO (outside Rapp, which sends nothing there)."""


@states("deviation.assessed")
class DeviationAssessed(Body, frozen=True, kw_only=True):
    """``limits``: those in force then; of older facts, which lack them, those that the app came with."""

    severity: Grade
    probability: Grade
    reason: str = ""
    limits: Limits = LIMITS


@states("deviation.escalated")
class DeviationEscalated(Body, frozen=True, kw_only=True):
    """Somebody asks that lex Maria or lex Sarah be tried; who decides reads the case from then on."""

    track: Track
    text: str = ""


class Decided(Body, frozen=True, kw_only=True):
    """``decided``: the day of the decision. ``reference``: IVO's, or the municipality's diarienummer."""

    finding: Finding
    outcome: Outcome
    reason: str
    decided: date
    reference: str = ""


@states("deviation.lex_maria_decided")
class LexMariaDecided(Decided, frozen=True, kw_only=True):
    """Lex Maria: the decision of MAS or MAR."""


@states("deviation.lex_sarah_decided")
class LexSarahDecided(Decided, frozen=True, kw_only=True):
    """Lex Sarah: the decision of SAS."""


@states("deviation.ivo_text")
class IvoText(Body, frozen=True, kw_only=True):
    """The text for IVO as it is prepared, whole. It is sent by hand, through IVO's own service."""

    track: Track
    text: str


@states("deviation.assigned")
class DeviationAssigned(Assigned, frozen=True, kw_only=True):
    pass


@states("deviation.begun")
class DeviationBegun(Begun, frozen=True, kw_only=True):
    pass


@states("deviation.analysed")
class DeviationAnalysed(Analysed, frozen=True, kw_only=True):
    pass


@states("deviation.action_set")
class DeviationActionSet(ActionSet, frozen=True, kw_only=True):
    pass


@states("deviation.action_done")
class DeviationActionDone(ActionDone, frozen=True, kw_only=True):
    pass


@states("deviation.action_followed_up")
class DeviationActionFollowedUp(ActionFollowedUp, frozen=True, kw_only=True):
    pass


@states("deviation.action_dropped")
class DeviationActionDropped(ActionDropped, frozen=True, kw_only=True):
    pass


@states("deviation.linked")
class DeviationLinked(Linked, frozen=True, kw_only=True):
    pass


@states("deviation.unlinked")
class DeviationUnlinked(Unlinked, frozen=True, kw_only=True):
    pass


@states("deviation.followed_up")
class DeviationFollowedUp(FollowedUp, frozen=True, kw_only=True):
    pass


@states("deviation.closed")
class DeviationClosed(CaseClosed, frozen=True, kw_only=True):
    pass


@states("deviation.reopened")
class DeviationReopened(Reopened, frozen=True, kw_only=True):
    pass


class Assessment(Struct, frozen=True):
    by: str
    at: datetime
    severity: int
    probability: int
    reason: str = ""
    limits: Limits = LIMITS

    @property
    def band(self) -> Band:
        return self.limits.band(self.severity, self.probability)

    @property
    def event_analysis(self) -> bool:
        """Whether a händelseanalys is called for."""
        return self.band == "high"


class Reclassification(Struct, frozen=True):
    """The category that it was given, and the one that it had."""

    by: str
    at: datetime
    was: str
    category: str
    reason: str


class Escalation(Struct, frozen=True):
    by: str
    at: datetime
    track: Track
    text: str = ""


class Decision(Struct, frozen=True):
    by: str
    at: datetime
    track: Track
    finding: Finding
    outcome: Outcome
    reason: str
    decided: date
    reference: str = ""


class Prepared(Struct, frozen=True):
    """A version of the text for IVO."""

    by: str
    at: datetime
    track: Track
    text: str

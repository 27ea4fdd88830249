"""The limits of the risk matrix as a vårdgivare has set them, with who set them, when and why.

An assessment names the limits of its time, so that another limit changes nothing that was assessed before.
"""

import uuid
from datetime import datetime

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states
from care.risk import LIMITS, Limits


@states("risk-limits.set")
class RiskLimitsSet(Body, frozen=True, kw_only=True):
    """All of them, anew. ``provider``: the vårdgivare, whose id the aggregate's follows from."""

    provider: str
    limits: Limits
    reason: str


class LimitsVersion(Struct, frozen=True):
    by: str
    at: datetime
    limits: Limits
    reason: str


@documents("risk-limits")
class RiskLimitsDocument(Document):
    provider: str = ""
    versions: list[LimitsVersion] = field(default_factory=list)
    """Oldest first."""

    @property
    def limits(self) -> Limits:
        """Those in force."""
        return self.versions[-1].limits if self.versions else LIMITS

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case RiskLimitsSet():
                self.provider = body.provider
                self.versions.append(LimitsVersion(fact.author or "", fact.time, body.limits, body.reason))
            case _:
                self.unreadable += 1


def limits_id(provider: str) -> str:
    """The identity of a vårdgivare's limits."""
    return str(uuid.uuid5(_NAMESPACE, provider))


_NAMESPACE = uuid.UUID("2c1d6c0e-8f55-5a5e-9b61-7d0a6f3b9e44")

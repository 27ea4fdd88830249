"""Units: where care is given, who to call there, and what the municipality has set for it."""

from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

UnitKind = Literal["residential", "short_stay", "home_care", "daytime", "lss"]
"""Särskilt boende, korttidsboende, hemtjänst/hemsjukvård, daglig verksamhet, LSS-boende."""

News2Mode = Literal["off", "values", "score"]
"""Whether the app shows nothing of NEWS2, the values alone, or the score: the organisation's decision."""


class OnCall(Struct, frozen=True):
    """A number to call, by time of day. ``start`` and ``end`` are local "HH:MM"; equal means always."""

    name: str
    phone: str
    start: str = "00:00"
    end: str = "00:00"


class Settings(Struct, frozen=True, omit_defaults=True):
    """Times and choices of a unit. All are proposals for the MAS to approve (care.md, "(p)")."""

    news2: News2Mode = "values"
    delegation_trust_days: int = 7
    """How long a phone without contact relies on unexpired delegations."""
    silent_after_minutes: int = 30
    """After how long without contact the unit's phones are shown as silent."""
    purge_after_days: int = 30
    sbar_answer_minutes: int = 15
    """Unanswered for so long, an SBAR is overdue."""
    log_control_day: int = 15
    """Log control of a month is overdue after this day of the next one."""
    log_control_least: int = 10
    log_control_percent: int = 5
    """By chance it draws so many occasions, or this share of the month's, whichever is more."""


@states("unit.set")
class UnitSet(Body, frozen=True, kw_only=True):
    """The whole of what is known of a unit, anew."""

    name: str
    kind: UnitKind
    provider: str
    """Id of the vårdgivare: providers live apart on one endpoint (PDL 2008:355). The first one stays: a unit
    that goes over to another vårdgivare is a new unit, or the old one's records would go with it."""
    provider_name: str
    floors: tuple[str, ...] = ()
    nurse: tuple[OnCall, ...] = ()
    fallback: tuple[OnCall, ...] = ()
    """Who to try when the nurse cannot be reached: neighbouring unit, fixed telephone, on-call chief."""
    settings: Settings = Settings()


@documents("unit")
class UnitDocument(Document):
    name: str = ""
    unit_kind: UnitKind = "residential"
    provider: str = ""
    provider_name: str = ""
    floors: list[str] = field(default_factory=list)
    nurse: list[OnCall] = field(default_factory=list)
    fallback: list[OnCall] = field(default_factory=list)
    settings: Settings = Settings()

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case UnitSet():
                self.name, self.unit_kind = body.name, body.kind
                self.provider = self.provider or body.provider
                self.provider_name = body.provider_name
                self.floors = list(body.floors)
                self.nurse, self.fallback = list(body.nurse), list(body.fallback)
                self.settings = body.settings
            case _:
                self.unreadable += 1

    def on_call(self, local_time: str) -> OnCall | None:
        """The nurse to call at a local time of day ("HH:MM"); the first whose hours cover it."""
        return next((call for call in self.nurse if _covers(call, local_time)), None)


def _covers(call: OnCall, local_time: str) -> bool:
    if call.start == call.end:
        return True
    if call.start < call.end:
        return call.start <= local_time < call.end
    return local_time >= call.start or local_time < call.end

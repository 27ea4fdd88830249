"""Units: where care is given, who to call there, and what the municipality has set for it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

UnitKind = Literal["residential", "short_stay", "home_care", "daytime", "lss", "office"]
"""Särskilt boende, korttidsboende, hemtjänst/hemsjukvård, daglig verksamhet, LSS-boende; kansli, where nobody
is cared for, and on whose phones those who answer for quality read their cases."""

OFFICE: UnitKind = "office"

News2Mode = Literal["off", "values", "score"]
"""Whether the app shows nothing of NEWS2, the values alone, or the score: the organisation's decision."""


class OnCall(Struct, frozen=True, omit_defaults=True):
    """A number to call, by time of day. ``start`` and ``end`` are local "HH:MM"; equal means always.

    ``email``: where the watch writes to those on call then; "": nowhere.
    """

    name: str
    phone: str
    start: str = "00:00"
    end: str = "00:00"
    email: str = ""


class Stretch(Struct, frozen=True):
    """Minutes of a local day, from and until, and which rows of an on-call table cover them, in its order."""

    start: int
    end: int
    rows: tuple[int, ...]


DAY = 24 * 60
"""Minutes of a day by the clock on the wall."""


class Settings(Struct, frozen=True, omit_defaults=True):
    """Times and choices of a unit. All are proposals for the MAS to approve (care.md, "(p)")."""

    news2: News2Mode = "values"
    delegation_trust_days: int = 7
    """How long a phone without contact relies on unexpired delegations."""
    silent_after_minutes: int = 30
    """After how long without contact the unit's phones are shown as silent."""
    purge_after_days: int = 30
    lock_after_days: int = 14
    """How long one's own entry may be corrected before it is locked (PDL 3:10)."""
    sbar_remind_minutes: int = 5
    """Unread for so long, the nurses are told of an SBAR once more."""
    sbar_answer_minutes: int = 15
    """Unread for so long, an SBAR is escalated: somebody else is to be called."""
    sbar_danger_minutes: int = 5
    """The same for one that is a danger: NEWS2 7 and more, or an answer that calls for the nurse now."""
    sbar_chief_minutes: int = 15
    """Unread for so long after that, the unit's chief is to be called."""
    late_nurse_minutes: int = 30
    """A task that nobody has signed for so long after its window is told to the nurses."""
    late_chief_minutes: int = 60
    """So long after that it is told to the unit's chief."""
    log_control_day: int = 15
    """Log control of a month is overdue after this day of the next one."""
    log_control_least: int = 10
    log_control_percent: int = 5
    """By chance it draws so many occasions, or this share of the month's, whichever is more."""
    narcotic_check_months: int = 1
    """How often narcotics are counted by two: 1 is each month, 3 four times a year."""


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
    closed: bool = False
    """No longer in use: nobody works there, no phone is there. What was written there stays."""


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
    closed: bool = False

    @property
    def is_office(self) -> bool:
        return self.unit_kind == OFFICE

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case UnitSet():
                self.name, self.unit_kind = body.name, self._kind(body.kind)
                self.provider = self.provider or body.provider
                self.provider_name = body.provider_name
                self.floors = list(body.floors)
                self.nurse, self.fallback = list(body.nurse), list(body.fallback)
                self.settings, self.closed = body.settings, body.closed
            case _:
                self.unreadable += 1

    def _kind(self, said: UnitKind) -> UnitKind:
        """An office stays one, and nothing else becomes one: whoever has a code on a phone of the one is not
        to have the keys of a phone of the other."""
        began = bool(self.name)
        return self.unit_kind if began and (said == OFFICE) != self.is_office else said

    @property
    def as_set(self) -> UnitSet:
        """What would have to be stated for the unit to be as it is."""
        return UnitSet(
            name=self.name,
            kind=self.unit_kind,
            provider=self.provider,
            provider_name=self.provider_name,
            floors=tuple(self.floors),
            nurse=tuple(self.nurse),
            fallback=tuple(self.fallback),
            settings=self.settings,
            closed=self.closed,
        )

    def on_call(self, local_time: str) -> OnCall | None:
        """The nurse to call at a local time of day ("HH:MM"); the first whose hours cover it."""
        return next((call for call in self.nurse if _covers(call, local_time)), None)


def _covers(call: OnCall, local_time: str) -> bool:
    if call.start == call.end:
        return True
    if call.start < call.end:
        return call.start <= local_time < call.end
    return local_time >= call.start or local_time < call.end


def stretches(calls: Sequence[OnCall]) -> list[Stretch]:
    """The day cut where somebody's hours begin or end: which rows cover each part; none where nobody does."""
    cuts = sorted({0, DAY, *(minutes(time) for call in calls for time in (call.start, call.end))})
    found: list[Stretch] = []
    for start, end in pairwise(cuts):
        at = f"{start // 60:02}:{start % 60:02}"
        rows = tuple(number for number, call in enumerate(calls) if _covers(call, at))
        if found and found[-1].rows == rows:
            found[-1] = Stretch(found[-1].start, end, rows)
        else:
            found.append(Stretch(start, end, rows))
    return found


def minutes(time: str) -> int:
    """Minutes after midnight of a local "HH:MM"."""
    return int(time[:2]) * 60 + int(time[3:])

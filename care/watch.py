"""The watch: what a unit has to see to now, and who is to be told of it next.

Derived from documents, the unit's times and the hour, stored nowhere. A signature, a reading or a contact
that arrives late but was in time clears it. What was told is read from the notices (care/notice.py), so that
each thing is told once at each stage. The times are proposals (p) for the MAS to approve.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from care import as_needed
from care.delegation import DelegationDocument
from care.dose import DoseDocument
from care.notice import Matter, NoticeDocument, Told
from care.order import OrderDocument
from care.prn import PrnDocument
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM, Planned
from care.signing import dose_state
from care.unanswered import STEPS, stage
from care.unit import Settings

BACK = timedelta(hours=12)
"""How far back a task that nobody has signed is told of; what is older stands on the page of the day."""
TOGETHER = timedelta(minutes=15)
"""What comes within this time of a telling waits for the next one (p): one message, not five."""
AT_ONCE: frozenset[Matter] = frozenset({"unanswered_sbar", "over_maximum"})
"""These wait for nothing."""
ENDING_DAYS = (30, 14, 1)
"""Days before a delegation ends, stage by stage."""
SKEWED = timedelta(minutes=5)
"""A phone's clock that is further off is told of (p)."""
PHONE_SILENT = timedelta(days=7)
"""A phone that nothing was heard of for so long may be lost (p)."""
RESTORED_FOR = timedelta(days=30)
REMINDED_EVERY = timedelta(days=7)
"""A case that stays overdue is told of again so often (p), as long as there are stages."""

TOLD: dict[Matter, tuple[Told, ...]] = {
    "late_doses": ("nurse", "chief"),
    "silent_unit": ("nurse", "chief"),
    "unanswered_sbar": ("nurse", "chief"),
    "double_signed": ("nurse",),
    "over_maximum": ("nurse",),
    "delegation_ending": ("nurse", "nurse", "nurse"),
    "silent_phone": ("chief",),
    "clock_wrong": ("chief",),
    "chain_gap": ("chief",),
    "chain_fork": ("chief",),
    "overdue_case": ("chief",) * 4,
    "overdue_complaint": ("chief",) * 4,
    "overdue_mas": ("mas",) * 4,
    "overdue_sas": ("sas",) * 4,
}
"""Who is told, stage by stage. Of an SBAR the first is whoever is to be called instead."""


class Found(Struct, frozen=True):
    """One thing to see to: a task, a case, a phone, a delegation. ``since``: when it began to be one."""

    id: str
    stage: int
    since: datetime


class Tell(Struct, frozen=True):
    """What is to be told next of a matter."""

    matter: Matter
    stage: int
    to: Told
    about: tuple[str, ...]
    since: datetime


class Phone(Struct, frozen=True):
    """What is known of a phone that is in use."""

    id: str
    heard: datetime | None
    offset: timedelta | None = None
    told: datetime | None = None
    """When it last said how its clock is and what waits on it."""
    waits: bool = False
    """Whether it says that anything waits on it."""
    missing: int = 0
    restored: datetime | None = None


def late(
    doses: Iterable[Planned],
    documents: Mapping[str, DoseDocument],
    settings: Settings,
    now: datetime,
    heard: datetime | None,
) -> list[Found]:
    """Tasks that nobody has signed in time. What a silent phone may hold (`heard`) is not among them."""
    found = []
    for dose in doses:
        if now - dose.closes >= BACK or dose_state(dose, documents.get(dose.id), now, heard) != "late":
            continue
        by = _stage(now - dose.closes, settings.late_nurse_minutes, settings.late_chief_minutes)
        if by:
            found.append(Found(dose.id, by, dose.closes))
    return found


def twice(doses: Iterable[Planned], documents: Mapping[str, DoseDocument], now: datetime) -> list[Found]:
    """Tasks that stand signed by two."""
    found = []
    for dose in doses:
        document = documents.get(dose.id)
        if document and dose_state(dose, document, now) == "double_signed":
            found.append(Found(dose.id, 1, max(one.stated for one in document.done)))
    return found


def too_much(orders: Iterable[OrderDocument], given: Sequence[PrnDocument], now: datetime) -> list[Found]:
    """Givings as needed of the last day that were above the most, or too soon after the one before."""
    return [
        Found(one.prn, 1, one.at)
        for order in orders
        for one in as_needed.over(order, given)
        if now - one.at < as_needed.ROLLING
    ]


def silence(
    unit: str,
    doses: Iterable[Planned],
    documents: Mapping[str, DoseDocument],
    settings: Settings,
    now: datetime,
    heard: datetime | None,
) -> list[Found]:
    """Whether tasks wait of which nothing can be known, since the unit's phones are silent.

    A phone that rests at night with nothing to be signed worries nobody.
    """
    if heard is None:
        return []
    waits = any(
        now - dose.closes < BACK and dose_state(dose, documents.get(dose.id), now, heard) == "unknown"
        for dose in doses
    )
    by = _stage(now - heard, settings.silent_after_minutes, settings.late_chief_minutes) if waits else 0
    return [Found(unit, by, heard)] if by else []


def unread(cases: Iterable[tuple[SbarDocument, bool]], settings: Settings, now: datetime) -> list[Found]:
    """SBARs that no nurse has read in the unit's time, each with whether it is a danger."""
    found = []
    for case, danger in cases:
        reached = stage(case, settings, danger, now)
        if reached in STEPS and case.recorded:
            found.append(Found(case.id, STEPS.index(reached) + 1, case.recorded))
    return found


def ending(delegations: Sequence[DelegationDocument], unit: str, now: datetime) -> list[Found]:
    """Delegations in force that end soon, and that no later one of the same person takes over from in a unit
    that they all cover. Those for one occasion are meant to."""
    found = []
    for one in delegations:
        if one.once or one.end is None or not one.valid(now):
            continue
        if any(_follows(other, one, unit) for other in delegations):
            continue
        passed = [n for n, days in enumerate(ENDING_DAYS, 1) if now >= one.end - timedelta(days=days)]
        if passed:
            found.append(Found(one.id, passed[-1], one.end))
    return found


def overdue(days: Mapping[str, date], today: date) -> list[Found]:
    """Cases in which something is overdue, by id, each with the day by which it was to be done."""
    found = []
    for id, day in days.items():
        if day < today:
            stage = min(len(TOLD["overdue_case"]), 1 + (today - day - timedelta(days=1)) // REMINDED_EVERY)
            since = datetime.combine(day + timedelta(days=1), time.min, tzinfo=STOCKHOLM)
            found.append(Found(id, stage, since))
    return found


def _follows(other: DelegationDocument, one: DelegationDocument, unit: str) -> bool:
    if other.holder != one.holder or other.revoked or other.declined or other.once:
        return False
    later = other.end is not None and one.end is not None and other.end > one.end
    # Nobody named is everybody.
    of_all = not other.persons or (bool(one.persons) and set(one.persons) <= set(other.persons))
    return later and of_all and set(one.tasks) <= set(other.tasks) and unit in (other.units or [other.unit])


def of_phones(phones: Iterable[Phone], now: datetime) -> dict[Matter, list[Found]]:
    """What is wrong with phones that are in use."""
    found: dict[Matter, list[Found]] = {name: [] for name in _OF_PHONES}
    for phone in phones:
        if phone.heard is not None and now - phone.heard > PHONE_SILENT:
            found["silent_phone"].append(Found(phone.id, 1, phone.heard))
        if phone.offset is not None and abs(phone.offset) > SKEWED and phone.told:
            found["clock_wrong"].append(Found(phone.id, 1, phone.told))
        if phone.missing and not phone.waits and phone.told and now - phone.told < PHONE_SILENT:
            found["chain_gap"].append(Found(phone.id, 1, phone.told))
        if phone.restored is not None and now - phone.restored < RESTORED_FOR:
            found["chain_fork"].append(Found(phone.id, 1, phone.restored))
    return found


_OF_PHONES: tuple[Matter, ...] = ("silent_phone", "clock_wrong", "chain_gap", "chain_fork")


def to_tell(
    matter: Matter, found: Iterable[Found], notices: Sequence[NoticeDocument], now: datetime
) -> list[Tell]:
    """What has not been told yet, one telling for each stage; of each thing its highest stage alone."""
    stages = _stages(notices)
    fresh: dict[int, list[Found]] = {}
    for one in found:
        if one.stage > stages.get(one.id, 0):
            fresh.setdefault(one.stage, []).append(one)
    tells = []
    for by, things in sorted(fresh.items()):
        last = max((t.at for notice in notices for t in notice.tellings if t.stage == by), default=None)
        if matter not in AT_ONCE and last is not None and timedelta() <= now - last < TOGETHER:
            continue
        about = tuple(sorted(one.id for one in things))
        tells.append(Tell(matter, by, TOLD[matter][by - 1], about, min(one.since for one in things)))
    return tells


def over(
    found: Iterable[Found], notices: Sequence[NoticeDocument], settled: Collection[str] | None = None
) -> tuple[str, ...]:
    """What was told, and is no more. `settled`: of what can also just grow old, what is known to be done."""
    still = {one.id for one in found}
    gone = _stages(notices).keys() - still
    return tuple(sorted(gone if settled is None else gone & set(settled)))


def told_of(notices: Sequence[NoticeDocument]) -> frozenset[str]:
    """What was told and has not been said to be over."""
    return frozenset(_stages(notices))


def _stages(notices: Sequence[NoticeDocument]) -> dict[str, int]:
    stages: dict[str, int] = {}
    for notice in notices:
        for one, by in notice.stages.items():
            stages[one] = max(by, stages.get(one, 0))
    return stages


def _stage(waited: timedelta, first: int, second: int) -> int:
    """How many of two times, in minutes, have passed; the second counts from the first."""
    minutes = waited.total_seconds() / 60
    return 0 if minutes < first else 1 if minutes < first + second else 2

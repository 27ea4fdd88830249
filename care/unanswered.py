"""Unanswered: how long an SBAR has waited for a nurse, and who is to be called instead.

Derived from the document, the unit's times and the hour, never stored: a reading that arrives late but was
done in time clears it, on whatever phone it was done. The times are proposals (p) for the MAS to approve.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.rights import Role
from care.sbar import Escalation, SbarDocument
from care.schedule import STOCKHOLM
from care.staff import StaffDocument
from care.unit import OnCall, Settings, UnitDocument

Stage = Literal["none", "waits", "reminded", "instead", "chief"]
"""none: nothing to wait for · reminded: the nurses are told once more · instead: somebody else is to be
called · chief: the unit's chief is."""

STEPS: tuple[Stage, ...] = ("instead", "chief")
"""Those that the endpoint states as `sbar.escalated`; its step is the place here, from 1."""
ESCALATED_FOR = timedelta(hours=24)
"""What was recorded longer ago and arrives now wakes nobody: it stands unread in the inbox."""


class Times(Struct, frozen=True):
    """When each stage of one SBAR begins."""

    reminded: datetime
    instead: datetime
    chief: datetime


def times(since: datetime, settings: Settings, danger: bool) -> Times:
    """The times of an SBAR that was recorded at `since`. Danger (care/urgency.py) waits less long."""
    first = settings.sbar_answer_minutes
    if danger:
        first = min(first, settings.sbar_danger_minutes)
    instead = since + timedelta(minutes=first)
    return Times(
        reminded=min(since + timedelta(minutes=settings.sbar_remind_minutes), instead),
        instead=instead,
        chief=instead + timedelta(minutes=settings.sbar_chief_minutes),
    )


def stage(case: SbarDocument, settings: Settings, danger: bool, now: datetime) -> Stage:
    """Where an SBAR stands now. Whoever was reached, in the app or on the phone, ends it."""
    since = case.recorded
    if case.state != "waiting" or since is None:
        return "none"
    at = times(since, settings, danger)
    if now >= at.chief:
        return "chief"
    if now >= at.instead:
        return "instead"
    return "reminded" if now >= at.reminded else "waits"


def due(case: SbarDocument, settings: Settings, danger: bool, now: datetime) -> list[int]:
    """The steps that are due and not yet stated, in their order."""
    found = stage(case, settings, danger, now)
    if found not in STEPS or (case.recorded and now >= case.recorded + ESCALATED_FOR):
        return []
    stated = {one.step for one in case.escalations}
    return [step for step in range(1, STEPS.index(found) + 2) if step not in stated]


def needless(case: SbarDocument) -> list[Escalation]:
    """Those that were not needed: somebody had been reached before, and their phone told it late."""
    reached = case.reached
    return [one for one in case.escalations if reached is not None and reached <= one.at]


def instead(unit: UnitDocument, chiefs: Iterable[StaffDocument], step: int, now: datetime) -> OnCall | None:
    """Who is to be called at a step, at this hour: first the unit's fallback, then its chief.

    Where one of them is not set, the other; and the fallback's second row where there is no chief.
    """
    local = now.astimezone(STOCKHOLM)
    at = local.strftime("%H:%M")
    fallback = [one for one in unit.fallback if UnitDocument(id="", nurse=[one]).on_call(at)]
    heads = [one for one in chiefs_of(unit, chiefs, now) if one.phone]
    order = [*fallback[:1], *heads[:1], *fallback[1:]] if step == 1 else [*heads, *fallback[1:], *fallback]
    return order[0] if order else None


def chiefs_of(unit: UnitDocument, staff: Iterable[StaffDocument], now: datetime) -> list[OnCall]:
    """Who is chief of a unit today, with the number and address where they are reached, by name."""
    day = now.astimezone(STOCKHOLM).date()
    return [
        OnCall(one.name, one.phone, email=one.email)
        for one in sorted(staff, key=lambda one: (one.name, one.id))
        if Role.UNIT_MANAGER in one.roles_in(unit.id, day)
    ]

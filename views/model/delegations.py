"""Delegations on the phone: one's own with what waits for an answer, and those of the unit for its nurse."""

import os
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta

from care import delegation_review
from care.able import AT_WORK, Reach, able
from care.delegation import (
    ONCE,
    DelegationAccepted,
    DelegationDeclined,
    DelegationDocument,
    DelegationIssued,
    DelegationReviewed,
    DelegationRevoked,
    StateAt,
)
from care.delegation_check import DelegationFault, faults
from care.delegation_review import OPEN, Due
from care.dose import DoseDocument
from care.facts import Body, Ref
from care.ids import uuid7
from care.order import OrderDocument
from care.rights import CARE, Act, Role, may
from care.schedule import STOCKHOLM
from care.signing import Done, local_day
from care.staff import StaffDocument
from care.tasks import TASKS, beyond, may_delegate
from care.today import due
from storage import Statement
from views.model import reading
from views.model.shift import Shift

Lasts = Literal["year", "half", "quarter", "once"]
LASTS: dict[Lasts, relativedelta] = {
    "year": relativedelta(years=1, days=-1),
    "half": relativedelta(months=6, days=-1),
    "quarter": relativedelta(months=3, days=-1),
    "once": relativedelta(),
}
"""How long it may be issued for; its last day is counted from today."""


@dataclass(frozen=True)
class Held:
    """One delegation, and how it stands now."""

    delegation: DelegationDocument
    state: StateAt
    left: int | None
    warned: int | None
    due: Due | None = None
    """When it is to be followed up, where that is soon."""
    used: Done | None = None
    """What used it up, of one for one occasion."""


def mine(shift: Shift) -> list[Held]:
    """Those of whoever has the phone: what waits for an answer, what ends first, what has ended."""
    found = [one for one in reading.all_of(shift, DelegationDocument) if one.holder == shift.me.staff]
    return _in_order(shift, found)


def of_unit(shift: Shift) -> list[Held]:
    """The register of the unit: what ends first, first."""
    here = shift.me.unit
    found = [one for one in reading.all_of(shift, DelegationDocument) if here in one.units]
    return _in_order(shift, found)


def to_review(held: list[Held]) -> list[Held]:
    """Those that are to be followed up soon: first those whose issuer has left, then the earliest."""
    found = [(one.due, one) for one in held if one.due]
    return [
        one for _, one in sorted(found, key=lambda pair: (not pair[0].issuer_left, pair[0].at, _end(pair[1])))
    ]


def one(shift: Shift, id: str) -> Held | None:
    found = reading.one(shift, DelegationDocument, id)
    return _held(shift, found) if found and found.issuer else None


def waiting(shift: Shift) -> list[Held]:
    """What waits for the answer of whoever has the phone."""
    return [held for held in mine(shift) if held.state == "issued"]


def ending(shift: Shift) -> list[Held]:
    """Their own that end within thirty days."""
    return [held for held in mine(shift) if held.state == "valid" and held.warned]


def _in_order(shift: Shift, found: list[DelegationDocument]) -> list[Held]:
    held = [_held(shift, one) for one in found if one.issuer]
    open_ = sorted(
        (one for one in held if one.state in OPEN), key=lambda one: (one.state != "issued", _end(one))
    )
    over = sorted((one for one in held if one.state not in OPEN), key=_end, reverse=True)
    return [*open_, *over]


def _held(shift: Shift, found: DelegationDocument) -> Held:
    now = shift.phone.now()
    issuer = reading.one(shift, StaffDocument, found.issuer)
    review_due = delegation_review.due(found, issuer, now)
    used = (
        reading.used(shift, found.start, found.holder).get(found.id) if found.once and found.start else None
    )
    state = found.state_at(now, used is not None)
    return Held(found, state, found.days_left(now), found.warned(now), review_due, used)


def _end(held: Held) -> tuple[float, str]:
    end = held.delegation.end
    return (end.timestamp() if end else 0.0, held.delegation.id)


# -- who can what


@dataclass(frozen=True)
class Able:
    """Somebody who may do a kind of task now. `at_work`: they have signed something lately."""

    staff: StaffDocument
    reach: Reach
    at_work: bool


def able_now(shift: Shift) -> tuple[list[StaffDocument], dict[str, list[Able]]]:
    """Who needs no delegation for anything, and by kind of task who else may do it now. Those that an order
    asks for are there though nobody may; whoever has signed lately comes first, then by name."""
    now, here = shift.phone.now(), shift.me.unit
    day, spent = local_day(now), reading.used(shift, now)
    held = [
        one
        for one in reading.all_of(shift, DelegationDocument)
        if here in one.units and one.valid(now) and one.id not in spent
    ]
    staff = [one for one in reading.all_of(shift, StaffDocument) if CARE & one.roles_in(here, day)]
    free = [one for one in staff if Role.NURSE in one.roles_in(here, day)]
    tasks: dict[str, list[Able]] = {task: [] for task in _asked_for(shift, now)}
    seen = _at_work(shift, now)
    for one in sorted(staff, key=lambda one: (one.id not in seen, one.name)):
        for task, reach in able(one, here, day, held).items() if one not in free else ():
            tasks.setdefault(task, []).append(Able(one, reach, one.id in seen))
    order = {task: number for number, task in enumerate(TASKS)}
    return sorted(free, key=lambda one: one.name), dict(
        sorted(tasks.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))
    )


def _asked_for(shift: Shift, now: datetime) -> set[str]:
    orders = [one for one in reading.all_of(shift, OrderDocument) if one.unit == shift.me.unit]
    return {
        one.plan.requires
        for one in orders
        if one.plan and one.plan.requires and not (one.stopped and one.stopped <= now)
    }


def _at_work(shift: Shift, now: datetime) -> set[str]:
    """Who has signed a planned task here within the hours of a shift, as far as this phone knows."""
    here = {person.id for person in reading.persons(shift)}
    orders = [one for one in reading.all_of(shift, OrderDocument) if one.person in here]
    doses = reading.some(shift, DoseDocument, [dose.id for dose in due(now, orders).doses])
    return {one.by for dose in doses for one in dose.standing if now - one.performed <= AT_WORK}


# -- answering


async def accept(shift: Shift, found: DelegationDocument) -> None:
    """Say yes, signed with one's own key: from now on it counts."""
    await _say(shift, found, DelegationAccepted())


async def decline(shift: Shift, found: DelegationDocument, reason: str) -> None:
    await _say(shift, found, DelegationDeclined(reason=reason))


async def revoke(shift: Shift, found: DelegationDocument, reason: str) -> None:
    """Take it back from this moment; this phone knows at once, the others with their next contact."""
    await _say(shift, found, DelegationRevoked(at=shift.phone.now(), reason=reason))


async def review(shift: Shift, found: DelegationDocument, practice: bool, note: str) -> None:
    """The holder has been seen and asked, and it goes on until its end."""
    on = local_day(shift.phone.now())
    await _say(shift, found, DelegationReviewed(on=on, practice_seen=practice, note=note.strip()))


async def _say(shift: Shift, found: DelegationDocument, body: Body) -> None:
    await shift.save(Statement(body, Ref("delegation", found.id), found.unit))


def may_review(shift: Shift, found: DelegationDocument) -> bool:
    """Whether whoever has the phone could have issued it, and it is in force or waits."""
    me, now = reading.me(shift), shift.phone.now()
    roles = {unit: me.roles_in(unit, local_day(now)) for unit in found.units} if me else {}
    return found.state_at(now) in OPEN and delegation_review.may_review(found, roles)


# -- issuing


def may_revoke(shift: Shift, found: DelegationDocument) -> bool:
    """Whether whoever has the phone may say that it is unsafe."""
    me = reading.me(shift)
    day = local_day(shift.phone.now())
    return me is not None and any(
        may(Act.DELEGATION_REVOKE, me.roles_in(unit, day), frozenset()) for unit in found.units
    )


def issuable(shift: Shift) -> list[str]:
    """The task types that whoever has the phone may delegate here; none when they are not legitimerade."""
    me = reading.me(shift)
    theirs = may_delegate(me.roles_in(shift.me.unit, local_day(shift.phone.now()))) if me else frozenset()
    return [task for task in TASKS if task in theirs]


def holders(shift: Shift) -> list[StaffDocument]:
    """Who works here and may need a delegation, by name."""
    day, here = local_day(shift.phone.now()), shift.me.unit
    able = frozenset(issuable(shift))
    found = [
        one
        for one in reading.all_of(shift, StaffDocument)
        if one.id != shift.me.staff
        and CARE & one.roles_in(here, day)
        and beyond(able, one.roles_in(here, day))
    ]
    return sorted(found, key=lambda one: one.name)


@dataclass(frozen=True)
class Draft:
    """What has been chosen so far of a delegation to be issued."""

    holder: str = ""
    tasks: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    lasts: Lasts = "year"
    knowledge: bool = False
    result: str = ""
    practice: bool = False
    note: str = ""


def issued(shift: Shift, draft: Draft) -> DelegationIssued:
    """The delegation that a draft says, from now on."""
    now = shift.phone.now()
    last = local_day(now) + LASTS[draft.lasts]
    end = datetime.combine(last + timedelta(days=1), time(), STOCKHOLM) - timedelta(seconds=1)
    if draft.lasts == "once":  # by the clock, or one that is issued late in the evening has no night
        end = now + ONCE
    day = local_day(now)
    return DelegationIssued(
        holder=draft.holder,
        tasks=tuple(task for task in TASKS if task in draft.tasks),
        units=(shift.me.unit,),
        persons=tuple(sorted(draft.persons)),
        start=now,
        end=end,
        once=draft.lasts == "once",
        knowledge_tested=draft.knowledge,
        knowledge_result=draft.result.strip(),
        knowledge_on=day if draft.knowledge else None,
        practice_seen=draft.practice,
        practice_on=day if draft.practice else None,
        note=draft.note.strip(),
    )


def wrong(shift: Shift, draft: Draft) -> list[DelegationFault]:
    """What is still missing before it can be issued."""
    me, now = reading.me(shift), shift.phone.now()
    holder = reading.one(shift, StaffDocument, draft.holder)
    if me is None:
        return [DelegationFault("holder", "holder")]
    return faults(issued(shift, draft), me, holder, local_day(now))


async def issue(shift: Shift, draft: Draft) -> str:
    """Issue it. Its holder is asked on their phone. Gives its id."""
    now = shift.phone.now()
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    await shift.save(Statement(issued(shift, draft), Ref("delegation", id), shift.me.unit))
    return id

"""What was given as needed and signed on paper, entered afterwards: the most in 24 hours rests on it."""

import os
from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from care.as_needed import plan_at
from care.delegation import DelegationDocument
from care.dose import Signature
from care.errors import ScheduleError
from care.facts import Ref
from care.ids import uuid7
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import PrnDocument, PrnGiven
from care.schedule import DAY, local
from care.signing import MaySign, Used, right_to_sign
from care.staff import StaffDocument
from endpoint import documents
from endpoint.console.paper import from_ledger
from endpoint.console.sent import Sent
from endpoint.database import Database
from endpoint.statements import Statement

TYPED = ("time", "by", "need", "note")
MOST = 500
NEEDS = tuple(str(need) for need in range(11))


class NeededEntry(Struct, frozen=True):
    """One order as needed on a day: what is known of it already, and one giving as it was typed."""

    order: OrderDocument
    plan: Plan
    known: tuple[Signature, ...]
    time: str = ""
    by: str = ""
    need: str = ""
    note: str = ""
    fault: str = ""

    @property
    def typed(self) -> bool:
        return bool(self.time or self.by or self.need or self.note)


async def offered(database: Database, person: PersonDocument, day: date) -> list[NeededEntry]:
    """The person's orders as needed that were in force on a local date, by name."""
    start, end = local(day, "00:00"), local(day + DAY, "00:00")
    given = await documents.of_person(database, PrnDocument, person.id)
    found = []
    for order in await documents.of_person(database, OrderDocument, person.id):
        plan = plan_at(order, end)
        stopped = order.stopped is not None and order.stopped <= start
        if plan is None or plan.as_needed is None or stopped:
            continue
        if plan.start <= day and (plan.end is None or day <= plan.end):
            signed = [one for each in given if each.order == order.id for one in each.done]
            known = sorted(
                (one for one in signed if start <= one.performed < end), key=lambda one: one.performed
            )
            found.append(NeededEntry(order, plan, tuple(known)))
    return sorted(found, key=lambda one: (one.plan.what, one.order.id))


def read(
    found: Sequence[NeededEntry], given: Sent, staff: Sequence[StaffDocument], day: date, now: datetime
) -> list[NeededEntry]:
    """What was typed of each, with what is wrong with it (a key of the texts)."""
    known = {one.id for one in staff}
    return [_entry(one, given, known, day, now) for one in found]


def _entry(one: NeededEntry, given: Sent, staff: set[str], day: date, now: datetime) -> NeededEntry:
    typed = {name: given(f"{name}.{one.order.id}")[:MOST].strip() for name in TYPED}
    entry = NeededEntry(one.order, one.plan, one.known, **typed)
    if not entry.typed:
        return entry
    at = performed(entry, day)
    fault = ""
    if at is None or at > now:
        fault = "paper.fault.time"
    elif entry.by not in staff:
        fault = "paper.fault.by"
    elif entry.need and entry.need not in NEEDS:
        fault = "paper.fault.need"
    return NeededEntry(one.order, one.plan, one.known, **typed, fault=fault)


def performed(entry: NeededEntry, day: date) -> datetime | None:
    """When it was given: the local time that was typed, on the day of the paper."""
    try:
        return local(day, entry.time)
    except ScheduleError:
        return None


def statements(
    entries: Sequence[NeededEntry],
    unit: str,
    day: date,
    staff: Sequence[StaffDocument],
    delegations: Sequence[DelegationDocument],
    used: Used,
) -> list[Statement]:
    """What was entered, as facts of whoever enters it, naming who did it and the delegation they had then."""
    known = {one.id: one for one in staff}
    said = []
    for one in entries:
        at = performed(one, day) if one.typed else None
        if at is not None and one.order.person is not None:
            body = _body(one, at, known[one.by], unit, delegations, used)
            about = Ref("prn", uuid7(int(at.timestamp() * 1000), os.urandom(10)))
            said.append(Statement(body, about, unit, one.order.person))
            said += _drawn(one, about.id, one.order.person, at, unit)
    return said


def _drawn(entry: NeededEntry, id: str, person: str, at: datetime, unit: str) -> list[Statement]:
    """What a narcotic took from its ledger, as of a planned dose."""
    drug = (plan_at(entry.order, at) or entry.plan).narcotic
    return from_ledger(drug, at, id, person, unit, drug.per_dose) if drug else []


def _body(
    entry: NeededEntry,
    at: datetime,
    by: StaffDocument,
    unit: str,
    delegations: Sequence[DelegationDocument],
    used: Used,
) -> PrnGiven:
    order = entry.order
    plan = plan_at(order, at) or entry.plan
    limit = plan.as_needed or entry.plan.as_needed
    assert limit is not None
    right = right_to_sign(by, plan, order.person or "", unit, at, delegations, used)
    return PrnGiven(
        order=order.id,
        performed=at,
        amount=plan.amount,
        quantity=limit.dose,
        unit=limit.unit,
        order_fact=order.versions[-1].fact,
        need=int(entry.need) if entry.need else None,
        delegation=right.delegation if isinstance(right, MaySign) else None,
        performer=by.id,
        note=entry.note,
    )

"""Orders timed around the moment of start, so that the demo always has something to sign now.

At a later start they are re-timed by a new version. The slot stays the same as long as its dose is unsigned;
a dose that has been signed is over, and the next slot takes its turn.
"""

from datetime import datetime, timedelta
from typing import cast

from msgspec.structs import replace

from care.dose import DoseDocument
from care.errors import ScheduleError
from care.ids import dose_id
from care.order import OrderDocument, Plan, Slot
from care.schedule import STOCKHOLM, on_day
from endpoint.demo.records import OrderRecord
from endpoint.demo.register import Register

_CLOSE = timedelta(minutes=12)
"""Nearer than this to where it should be, an unsigned dose is left where it is."""


def wanted(record: OrderRecord, now: datetime) -> datetime:
    """When its dose should be planned for somebody who starts the demo now, on an even five minutes."""
    assert record.around is not None
    local = now.astimezone(STOCKHOLM)
    even = local.replace(minute=local.minute - local.minute % 5, second=0, microsecond=0)
    return (even + timedelta(minutes=record.around)).astimezone(STOCKHOLM)


async def retimed(
    record: OrderRecord, order: OrderDocument, now: datetime, register: Register
) -> Plan | None:
    """The plan that puts an unsigned dose where it should be; None when one is already there."""
    at = wanted(record, now)
    plan = order.plan
    assert plan is not None
    try:
        there = [dose for dose in on_day(order, at.date()) if abs(dose.at - at) < _CLOSE]
    except ScheduleError:
        there = []
    for dose in there:
        if not await _signed(register, dose.id):
            return None
    return replace(plan, slots=await _slots(record, order, at, register))


async def _slots(
    record: OrderRecord, order: OrderDocument, at: datetime, register: Register
) -> tuple[Slot, ...]:
    """Today's signed slots where they were, and then one that is free."""
    before = {slot.id: slot for slot in order.plan.slots} if order.plan else {}
    kept: list[Slot] = []
    number = 1
    while await _signed(register, dose_id(order.id, at.date(), f"near-{number}")):
        if slot := before.get(f"near-{number}"):
            kept.append(slot)
        number += 1
    return (*kept, slot_at(record, at, number))


def slot_at(record: OrderRecord, at: datetime, number: int = 1) -> Slot:
    """One slot at a moment, with the window of the record."""
    return Slot(f"near-{number}", f"{at:%H:%M}", *record.window)


async def _signed(register: Register, dose: str) -> bool:
    document = cast(DoseDocument | None, await register.get("dose", dose))
    return bool(document and document.standing)

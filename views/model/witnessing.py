"""A second person signs on the same phone, with their own code and their own key."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from care.facts import Body, Fact
from care.rights import CARE
from care.signing import local_day
from care.staff import StaffDocument
from storage import Slot, Statement, Unlocked
from views.model import reading
from views.model.shift import Shift


@dataclass(frozen=True)
class Pending:
    """What is seen by two: stated by whoever has the phone once the other's code is right."""

    person: str
    what: str
    """Such as "Oxynorm 5 mg, 1 kapsel"."""
    state: Callable[[], Awaitable[Fact]]
    saw: Callable[[str], Body]
    """What the second person states of that fact."""
    then: Callable[[Fact], Any]


def who(shift: Shift) -> list[Slot]:
    """Colleagues who have a code on this phone and work with care here; never whoever has it now."""
    day = local_day(shift.phone.now())
    found = []
    for slot in shift.phone.store.slots():
        staff = reading.one(shift, StaffDocument, slot.staff)
        if slot.staff != shift.me.staff and not slot.closed and staff:
            found += [slot] if CARE & staff.roles_in(shift.me.unit, day) else []
    return found


async def together(shift: Shift, pending: Pending, staff: str, pin: str) -> Fact:
    """Both sign. Nothing is stated before the second person's code was right; it is asked for each time.

    Raises WrongPin, SlotClosed, NoSlot, and ValueError for somebody who would be their own witness.
    """
    if staff == shift.me.staff:
        raise ValueError("a witness is another person")
    other: Unlocked = await asyncio.to_thread(shift.phone.store.unlock, staff, pin)
    try:
        fact = await pending.state()
        saw = Statement(pending.saw(fact.id), fact.aggregate, fact.unit, fact.person)
        await asyncio.to_thread(other.save, saw)
    finally:
        await asyncio.to_thread(other.lock)
    shift.phone.sync.wake()
    return fact

"""A second person signs on the same phone, with their own code and their own key."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from care.dose import DoseWitnessed
from care.facts import Body, Fact
from care.prn import PrnWitnessed
from care.rights import CARE
from care.signing import local_day
from care.staff import StaffDocument
from care.stock import StockWitnessed
from storage import Slot, Statement, Unlocked
from views.model import reading
from views.model.shift import Shift


@dataclass(frozen=True)
class Pending:
    """What is seen by two: stated by whoever has the phone once the other's code is right."""

    person: str
    what: str
    """Such as "Oxynorm 5 mg, 1 kapsel"."""
    state: Callable[[], Awaitable[list[Fact]]]
    then: Callable[[Fact], Any]
    """With the first of the facts: what it was about."""


_SAW: dict[str, Callable[[str], Body]] = {
    "dose.given": lambda fact: DoseWitnessed(witnesses=fact),
    "prn.given": lambda fact: PrnWitnessed(witnesses=fact),
    **dict.fromkeys(
        ("stock.used", "stock.wasted", "stock.counted"), lambda fact: StockWitnessed(witnesses=fact)
    ),
}
"""What the second person states of each fact that the first one has."""


def who(shift: Shift) -> list[Slot]:
    """Colleagues who have a code on this phone and work with care here; never whoever has it now."""
    day = local_day(shift.phone.now())
    found = []
    for slot in shift.phone.store.slots():
        staff = reading.one(shift, StaffDocument, slot.staff)
        if slot.staff != shift.me.staff and not slot.closed and staff:
            found += [slot] if CARE & staff.roles_in(shift.me.unit, day) else []
    return found


async def together(shift: Shift, pending: Pending, staff: str, pin: str) -> list[Fact]:
    """Both sign. Nothing is stated before the second person's code was right; it is asked for each time.

    Raises WrongPin, SlotClosed, NoSlot, and ValueError for somebody who would be their own witness.
    """
    if staff == shift.me.staff:
        raise ValueError("a witness is another person")
    other: Unlocked = await asyncio.to_thread(shift.phone.store.unlock, staff, pin)
    try:
        facts = await pending.state()
        saw = [
            Statement(_SAW[fact.type](fact.id), fact.aggregate, fact.unit, fact.person)
            for fact in facts
            if fact.type in _SAW
        ]
        await asyncio.to_thread(other.save, *saw)
    finally:
        await asyncio.to_thread(other.lock)
    shift.phone.sync.wake()
    return facts

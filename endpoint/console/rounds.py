"""Signering: how today's tasks of a unit stand, per person and time. Never a figure per employee."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.as_needed import plan_at
from care.delegation import DelegationDocument
from care.dose import DoseDocument, Signature
from care.errors import ScheduleError
from care.order import OrderDocument
from care.person import PersonDocument
from care.prn import PrnDocument
from care.schedule import DAY, Planned, local, planned
from care.signing import (
    Done,
    DoseState,
    Standing,
    Used,
    dose_state,
    entered_after,
    local_day,
    standing,
)
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import devices, documents, needed, occasions
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.devices import Device

_NIGHT = timedelta(hours=6)
"""Around midnight the evening is still shown, and the night already: nothing falls between two days."""

Mark = Literal[DoseState, "without_delegation"]
TO_LOOK_AT: tuple[Mark, ...] = ("late", "without_delegation", "double_signed", "withheld", "unknown")
"""What somebody may need to do something about, worst first."""


class Signed(Struct, frozen=True):
    """One standing signature: whose, and how it stands."""

    signature: Signature
    by: StaffDocument | None
    entered: StaffDocument | None
    """Who registered it: somebody else, of what was signed on paper."""
    standing: Standing

    @property
    def after(self) -> bool:
        """Whether it was registered afterwards."""
        return entered_after(self.signature)

    @property
    def outside(self) -> bool:
        """Whether the sign-in on that phone had ended when it was signed."""
        return (
            not self.signature.performer
            and self.by is not None
            and self.by.outside_certificate(self.signature.device, self.signature.stated)
        )


class Task(Struct, frozen=True):
    dose: Planned
    state: DoseState
    signed: tuple[Signed, ...]

    @property
    def mark(self) -> Mark:
        """The state, or that it was done without a delegation."""
        without = any(one.standing == "without_delegation" for one in self.signed)
        return "without_delegation" if without else self.state


class PersonRow(Struct, frozen=True):
    person: PersonDocument
    tasks: tuple[Task, ...]


class Rounds(Struct, frozen=True):
    """A unit's day. `silent` are phones that may hold signatures; `heard`: the earliest contact."""

    unit: UnitDocument
    rows: tuple[PersonRow, ...]
    look: tuple[tuple[PersonDocument, Task], ...]
    counts: dict[str, int]
    silent: tuple[Device, ...]
    heard: datetime | None
    faulty: tuple[str, ...]


async def rounds(database: Database, reader: Reader, unit: UnitDocument) -> Rounds:
    """How the unit's day stands for the reader, now."""
    phones = await database.read(lambda connection: devices.of_unit(connection, unit.id))
    silent = devices.silent(phones, unit, reader.now)
    heard = min((phone.heard for phone in silent if phone.heard), default=None)
    persons = await documents.of_unit(database, PersonDocument, unit.id)
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    # Wherever it was issued: a night nurse's delegations hold in several units.
    delegations = [
        one for one in await documents.of_kind(database, DelegationDocument) if unit.id in one.units
    ]
    spent = await database.read(lambda connection: occasions.used(connection, delegations, reader.now))
    orders = await documents.of_unit(database, OrderDocument, unit.id)
    due, faulty = _due(orders, reader.now)
    ids = [dose.id for dose in due]
    doses = {
        one.id: one
        for one in await database.read(lambda connection: documents.some(connection, DoseDocument, ids))
    }
    tasks: dict[str, list[Task]] = {person.id: [] for person in persons}
    for dose in due:
        if dose.person in tasks:
            document = doses.get(dose.id)
            state = dose_state(dose, document, reader.now, heard)
            signed = _signed(dose, document, unit.id, staff, delegations, spent)
            tasks[dose.person].append(Task(dose, state, signed))
    given = await database.read(lambda connection: needed.given(connection, unit.id, orders, reader.now))
    for dose, one in _as_needed(given, orders, reader.now):
        if dose.person in tasks:
            signed = _signed(dose, one, unit.id, staff, delegations, spent)
            tasks[dose.person].append(Task(dose, "given", signed))
    rows = [_row(person, tasks[person.id]) for person in sorted(persons, key=_room) if tasks[person.id]]
    return _summed(unit, rows, silent, heard, faulty)


def _summed(
    unit: UnitDocument,
    rows: list[PersonRow],
    silent: list[Device],
    heard: datetime | None,
    faulty: list[str],
) -> Rounds:
    pairs = [(row.person, task) for row in rows for task in row.tasks]
    look = [pair for pair in pairs if pair[1].mark in TO_LOOK_AT]
    look.sort(key=lambda pair: (TO_LOOK_AT.index(pair[1].mark), pair[1].dose.at))
    counts: Counter[str] = Counter(task.mark for _, task in pairs)
    return Rounds(unit, tuple(rows), tuple(look), dict(counts), tuple(silent), heard, tuple(faulty))


def _due(orders: Iterable[OrderDocument], now: datetime) -> tuple[list[Planned], list[str]]:
    """What the orders plan for today, and what the orders that cannot be read are called."""
    start, end = _span(now)
    due: list[Planned] = []
    faulty: list[str] = []
    for order in orders:
        try:
            due += planned(order, start, end)
        except ScheduleError:
            faulty.append(order.plan.what if order.plan else order.id)
    return due, faulty


def _span(now: datetime) -> tuple[datetime, datetime]:
    midnight = local(local_day(now), "00:00")
    return min(midnight, now - _NIGHT), max(local(local_day(now) + DAY, "00:00"), now + _NIGHT)


def _as_needed(
    given: Iterable[PrnDocument], orders: Iterable[OrderDocument], now: datetime
) -> list[tuple[Planned, PrnDocument]]:
    """What was given as needed today and stands, each as a task at the time it was done."""
    by_id = {order.id: order for order in orders}
    start, end = _span(now)
    found = []
    for one in given:
        done, order = one.given, by_id.get(one.order)
        plan = plan_at(order, done.performed) if done and order else None
        if done and plan and one.person and start <= done.performed < end:
            at = done.performed
            day = local_day(at)
            found.append((Planned(one.id, one.order, one.person, day, "", at, at, at, plan, "", ""), one))
    return found


def _row(person: PersonDocument, tasks: list[Task]) -> PersonRow:
    return PersonRow(person, tuple(sorted(tasks, key=lambda task: (task.dose.at, task.dose.id))))


def _signed(
    dose: Planned,
    document: DoseDocument | PrnDocument | None,
    unit: str,
    staff: dict[str, StaffDocument],
    delegations: list[DelegationDocument],
    spent: Used,
) -> tuple[Signed, ...]:
    found = []
    for one in document.standing if document else ():
        by = staff.get(one.by)
        how = standing(Done(one, dose.plan, dose.person, unit), by, delegations, spent)
        found.append(Signed(one, by, staff.get(one.author), how))
    return tuple(found)


def _room(person: PersonDocument) -> tuple[int, str, str]:
    return (person.room_number, person.room, person.name)

"""Översikt: a unit's signing over a week or four, beside the period before; never a figure per employee."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from care.dose import DoseDocument
from care.errors import ScheduleError
from care.order import OrderDocument, Plan
from care.overview import Cell, Figures, by_day, by_order, cells, figures
from care.person import PersonDocument
from care.schedule import DAY, Planned, local, planned
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import devices, documents
from endpoint.console.reader import Reader
from endpoint.database import Database

LENGTHS = (7, 28)
"""Days that may be looked at together."""


class Span(Struct, frozen=True):
    """Some local dates, from the first on."""

    first: date
    days: int

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def before(self) -> "Span":
        return Span(self.first - timedelta(days=self.days), self.days)

    @property
    def after(self) -> "Span":
        return Span(self.first + timedelta(days=self.days), self.days)

    @property
    def start(self) -> datetime:
        return local(self.first, "00:00")

    @property
    def end(self) -> datetime:
        return local(self.last + DAY, "00:00")


def span(first: str, days: str, today: date) -> Span:
    """What an address asks for; this week, from Monday on, when it asks for nothing that there is."""
    length = next((one for one in LENGTHS if str(one) == days), LENGTHS[0])
    try:
        start = date.fromisoformat(first)
    except ValueError:
        start = today - timedelta(days=today.weekday() + length - 7)
    return Span(min(max(start, date(2020, 1, 1)), date(2100, 1, 1)), length)


class PersonWeek(Struct, frozen=True):
    person: PersonDocument
    days: dict[date, list[Cell]]
    figures: Figures


class OrderFigures(Struct, frozen=True):
    """One order's figures now and in the period before."""

    order: str
    plan: Plan
    person: PersonDocument
    now: Figures
    before: Figures


class Overview(Struct, frozen=True):
    unit: UnitDocument
    span: Span
    persons: list[PersonWeek]
    orders: list[OrderFigures]
    now: Figures
    before: Figures
    faulty: list[str]
    heard: datetime | None


class Material(Struct, frozen=True):
    """What was planned over a stretch of time, and what became of it."""

    cells: list[Cell]
    faulty: list[str]
    heard: datetime | None


async def overview(database: Database, reader: Reader, unit: UnitDocument, span: Span) -> Overview:
    """A unit's signing in a span, beside the one before."""
    persons = [one for one in await documents.of_unit(database, PersonDocument, unit.id) if not one.gone]
    here = {one.id: one for one in persons}
    orders = [one for one in await documents.of_unit(database, OrderDocument, unit.id) if one.person in here]
    found = await material(database, reader.now, unit, orders, span.before.start, span.end)
    known = [cell for cell in found.cells if cell.dose.person in here]
    current = [cell for cell in known if cell.dose.at >= span.start]
    earlier = [cell for cell in known if cell.dose.at < span.start]
    return Overview(
        unit=unit,
        span=span,
        persons=_persons(persons, current),
        orders=_orders(here, current, earlier),
        now=figures(current),
        before=figures(earlier),
        faulty=found.faulty,
        heard=found.heard,
    )


async def material(
    database: Database,
    now: datetime,
    unit: UnitDocument,
    orders: Iterable[OrderDocument],
    start: datetime,
    end: datetime,
) -> Material:
    """What some orders of a unit planned between two moments, and what became of each."""
    phones = await database.read(lambda connection: devices.of_unit(connection, unit.id))
    heard = min((phone.heard for phone in devices.silent(phones, unit, now) if phone.heard), default=None)
    due: list[Planned] = []
    faulty: list[str] = []
    for order in orders:
        try:
            due += planned(order, start, end)
        except ScheduleError:
            faulty.append(order.plan.what if order.plan else order.id)
    ids = [dose.id for dose in due]
    signed = await database.read(lambda connection: documents.some(connection, DoseDocument, ids))
    return Material(cells(due, {one.id: one for one in signed}, now, heard), faulty, heard)


def _persons(persons: list[PersonDocument], found: list[Cell]) -> list[PersonWeek]:
    weeks = []
    for person in sorted(persons, key=_room):
        own = [cell for cell in found if cell.dose.person == person.id]
        if own:
            weeks.append(PersonWeek(person, by_day(own), figures(own)))
    return weeks


def _orders(
    persons: dict[str, PersonDocument], current: list[Cell], earlier: list[Cell]
) -> list[OrderFigures]:
    """Orders with something due, the least on time first."""
    before = by_order(earlier)
    told = [
        OrderFigures(
            order=order,
            plan=of[-1].dose.plan,
            person=persons[of[-1].dose.person],
            now=figures(of),
            before=figures(before.get(order, [])),
        )
        for order, of in by_order(current).items()
    ]
    return sorted(
        (one for one in told if one.now.due), key=lambda one: (one.now.share or 0, one.plan.what, one.order)
    )


class Line(Struct, frozen=True):
    """One time of day of an order over a span, for a person's grid: a cell a day, where one is planned."""

    plan: Plan
    clock: str
    days: dict[date, Cell]


class PersonGrid(Struct, frozen=True):
    lines: list[Line]
    staff: dict[str, StaffDocument]
    figures: Figures
    before: Figures


async def person_grid(
    database: Database, reader: Reader, person: PersonDocument, unit: UnitDocument, span: Span
) -> PersonGrid:
    """A person's tasks over a span: who did what when, and why not."""
    orders = await documents.of_person(database, OrderDocument, person.id)
    found = await material(database, reader.now, unit, orders, span.before.start, span.end)
    current = [cell for cell in found.cells if cell.dose.at >= span.start]
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    return PersonGrid(
        lines=lines(current),
        staff=staff,
        figures=figures(current),
        before=figures(cell for cell in found.cells if cell.dose.at < span.start),
    )


def lines(found: Iterable[Cell]) -> list[Line]:
    """Cells by order and slot, in order of the day."""
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in found:
        rows.setdefault((cell.dose.order, cell.dose.slot), []).append(cell)
    made = [
        Line(of[-1].dose.plan, _clock(of[-1].dose), {cell.dose.day: cell for cell in of})
        for of in rows.values()
    ]
    return sorted(made, key=lambda one: (one.clock, one.plan.what))


def _clock(dose: Planned) -> str:
    return next((slot.time for slot in dose.plan.slots if slot.id == dose.slot), "")


def _room(person: PersonDocument) -> tuple[int, str, str]:
    return (person.room_number, person.room, person.name)

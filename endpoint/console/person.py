"""What the console shows of one person, to somebody of the person's unit or after an active choice."""

from datetime import datetime

from msgspec import Struct

from care.order import OrderDocument
from care.person import PersonDocument
from care.rights import CARE, LICENSED, Act
from care.sbar import SbarDocument
from care.signing import local_day
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.answers import Reading, read
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.reader import Reader
from endpoint.console.rounds import Task, rounds
from endpoint.database import Database
from endpoint.persons.beyond import open_until
from endpoint.persons.finding import is_own

SBARS_MOST = 10


class Told(Struct, frozen=True):
    """One SBAR as a line: when, what it was about, what was answered."""

    sbar: SbarDocument
    reading: Reading
    by: StaffDocument | None


class Shown(Struct, frozen=True):
    """A person's page. Without `care` only who it is and who is responsible."""

    person: PersonDocument
    unit: UnitDocument
    until: datetime | None
    """When an active choice ends; None: the person is of the reader's own units."""
    care: bool
    orders: tuple[OrderDocument, ...]
    paused: frozenset[str]
    """The orders that are paused now, by id."""
    tasks: tuple[Task, ...]
    sbars: tuple[Told, ...]
    tells: bool
    """Whether the SBARs are the reader's to see."""
    responsible: StaffDocument | None
    nurses: tuple[StaffDocument, ...]
    """Who may be made responsible; empty: the reader may not say."""
    may_protect: bool
    may_plan: bool
    """Whether the reader may set the person's plan and the scale for SpO2: legitimerad personal here."""


async def of(database: Database, reader: Reader, id: str) -> tuple[PersonDocument, UnitDocument]:
    """A person of any unit that the reader's vårdgivare has. Raises NoSuchPage."""
    person = await documents.get(database, PersonDocument, id)
    unit = next((one for one in reader.units if person and one.id == person.unit), None)
    if person is None or person.gone or unit is None:
        raise NoSuchPage(id)
    return person, unit


async def opened(
    database: Database, reader: Reader, id: str
) -> tuple[PersonDocument, UnitDocument, datetime | None]:
    """A person whom the reader may see, and until when where that is by an active choice.

    Raises NoSuchPage, and NotYours where an active choice is needed first.
    """
    person, unit = await of(database, reader, id)
    own, until = is_own(reader, unit.id), None
    if not own:
        staff_id = reader.staff.id
        until = await database.read(lambda c: open_until(c, staff_id, id, reader.now))
        if until is None or not reader.may(Act.PERSON_BEYOND, unit.id):
            raise NotYours(id)
    return person, unit, until


async def shown(database: Database, reader: Reader, id: str) -> Shown:
    """A person's page. Raises as `opened` does."""
    return await _page(database, reader, *await opened(database, reader, id))


async def _page(
    database: Database, reader: Reader, person: PersonDocument, unit: UnitDocument, until: datetime | None
) -> Shown:
    care, tells = sees(reader, unit, until)
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    day = await rounds(database, reader, unit) if care else None
    orders = await _orders(database, person, unit, reader.now) if care else ()
    return Shown(
        person=person,
        unit=unit,
        until=until,
        care=care,
        orders=orders,
        paused=frozenset(one.id for one in orders if _paused(one, reader.now)),
        tasks=next((row.tasks for row in day.rows if row.person.id == person.id), ()) if day else (),
        sbars=await _sbars(database, person, unit, staff) if tells else (),
        tells=tells,
        responsible=staff.get(person.nurse),
        nurses=_nurses(staff, unit, reader) if reader.may(Act.PERSON_NURSE, unit.id) else (),
        may_protect=reader.may(Act.PERSON_PROTECT, unit.id),
        may_plan=reader.may(Act.PERSON_PLAN, unit.id),
    )


def sees(reader: Reader, unit: UnitDocument, until: datetime | None) -> tuple[bool, bool]:
    """Whether the reader sees the person's care, and the SBARs: with the roles held here, or elsewhere at the
    same vårdgivare after an active choice."""
    if until is None:
        return reader.may(Act.UNIT_READ, unit.id), reader.may(Act.NURSE_INBOX_READ, unit.id)
    roles = reader.roles_with(unit.provider)
    return not roles.isdisjoint(CARE), not roles.isdisjoint(LICENSED)


async def _orders(
    database: Database, person: PersonDocument, unit: UnitDocument, now: datetime
) -> tuple[OrderDocument, ...]:
    found = await documents.of_person(database, OrderDocument, person.id)
    today = local_day(now)
    held = [one for one in found if one.unit == unit.id and (one.stopped is None or one.stopped > now)]
    in_force = [one for one in held if one.plan and (one.plan.end is None or one.plan.end >= today)]
    return tuple(sorted(in_force, key=lambda one: (one.plan.what if one.plan else "", one.id)))


def _paused(order: OrderDocument, now: datetime) -> bool:
    return any(one.start <= now and (one.end is None or now < one.end) for one in order.pauses)


async def _sbars(
    database: Database, person: PersonDocument, unit: UnitDocument, staff: dict[str, StaffDocument]
) -> tuple[Told, ...]:
    found = await documents.of_person(database, SbarDocument, person.id)
    held = [(one.recorded, one) for one in found if one.unit == unit.id and one.recorded]
    held.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    known = (await catalogue(database, [unit.id])).of
    return tuple(
        Told(one, read(one.answers, person.first_name, known), staff.get(one.askers[0] if one.askers else ""))
        for _, one in held[:SBARS_MOST]
    )


def _nurses(staff: dict[str, StaffDocument], unit: UnitDocument, reader: Reader) -> tuple[StaffDocument, ...]:
    """Legitimerad personal of the unit today, by name."""
    here = [one for one in staff.values() if one.licensed_in(unit.id, reader.day)]
    return tuple(sorted(here, key=lambda one: (one.name, one.id)))

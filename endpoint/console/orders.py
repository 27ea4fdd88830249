"""Ordinationer: a person's orders, what each plans in the days ahead, and what was changed when."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from care.errors import ScheduleError
from care.order import OrderDocument, Pause, Plan, Version
from care.order_words import Change, changes
from care.person import PersonDocument
from care.rights import LICENSED, Act
from care.schedule import DAY, Planned, local, planned
from care.signing import local_day
from care.staff import StaffDocument
from care.tasks import TASKS, own_task
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console import person as one_person
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database

AHEAD_DAYS = 7
State = Literal["active", "coming", "paused", "ended", "stopped"]
TONES: dict[State, tuple[str, str]] = {
    "active": ("done", "done"),
    "coming": ("quiet", "calendar"),
    "paused": ("late", "pause"),
    "ended": ("quiet", "clock"),
    "stopped": ("quiet", "cross"),
}
"""The tone and the icon of each state; its word is ``order.state.<state>``."""
THERAPISTS_FORMS = frozenset({"care", "measure", "look"})
"""What those who are legitimerad but no nurse may order: no medicine (HSLF-FS 2017:37)."""
_UUID = re.compile(r"[0-9a-f-]{36}")


class Whose(Struct, frozen=True):
    """A person whose orders are shown, and whether the reader may change any."""

    person: PersonDocument
    unit: UnitDocument
    beyond: bool
    places: bool


async def whose(database: Database, reader: Reader, id: str, placing: bool = False) -> Whose:
    """Raises NoSuchPage, and NotYours when it is not theirs to see, or to place orders for."""
    person, unit, until = await one_person.opened(database, reader, id)
    if not reader.may(Act.UNIT_READ, unit.id) and until is None:
        raise NotYours(id)
    places = until is None and reader.may(Act.ORDER_PLACE, unit.id)
    if placing and not places:
        raise NotYours(id)
    return Whose(person, unit, until is not None, places)


async def opened(
    database: Database, reader: Reader, id: str, placing: bool = False
) -> tuple[OrderDocument, Whose]:
    """An order, and whose it is. Raises NoSuchPage or NotYours."""
    order = await documents.get(database, OrderDocument, id) if _UUID.fullmatch(id) else None
    if order is None or order.plan is None or order.person is None:
        raise NoSuchPage(id)
    found = await whose(database, reader, order.person, placing)
    if placing and not theirs(reader, found.unit.id, order.plan):
        raise NotYours(id)
    return order, found


def theirs(reader: Reader, unit: str, plan: Plan) -> bool:
    """Whether the reader may place or change an order like this: a therapist no medicine."""
    roles = reader.staff.roles_in(unit, reader.day)
    if own_task(roles, "medicine_pouch"):
        return True
    fits = plan.requires is None or own_task(roles, plan.requires)
    return not LICENSED.isdisjoint(roles) and fits and plan.form in THERAPISTS_FORMS


def requirable(reader: Reader, unit: str) -> list[str]:
    """The task types that the reader's orders may ask a delegation for."""
    roles = reader.staff.roles_in(unit, reader.day)
    return [task for task in TASKS if own_task(roles, task)]


class Row(Struct, frozen=True):
    """One order in a list."""

    order: OrderDocument
    plan: Plan
    state: State
    pause: Pause | None
    by: StaffDocument | None


async def of_person(database: Database, person: str, now: datetime) -> list[Row]:
    """A person's orders: those in force first, each kind by name; those that are over last."""
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    found = await documents.of_person(database, OrderDocument, person)
    rows = [row(one, staff, now) for one in found if one.plan is not None]
    order = list(TONES)
    return sorted(rows, key=lambda one: (order.index(one.state), one.plan.what, one.order.id))


def row(order: OrderDocument, staff: dict[str, StaffDocument], now: datetime) -> Row:
    assert order.plan is not None
    return Row(order, order.plan, state(order, now), order.paused_at(now), staff.get(order.by))


def state(order: OrderDocument, now: datetime) -> State:
    """How an order stands at a moment."""
    plan = order.plan
    assert plan is not None
    day = local_day(now)
    if order.stopped and order.stopped <= now:
        return "stopped"
    if plan.end is not None and plan.end < day:
        return "ended"
    if order.paused_at(now):
        return "paused"
    return "coming" if day < plan.start else "active"


class Told(Struct, frozen=True):
    """One version: who wrote it when, and what it said otherwise than the one before."""

    version: Version
    by: StaffDocument | None
    changes: tuple[Change, ...]


def history(order: OrderDocument, staff: dict[str, StaffDocument], reader: Reader) -> list[Told]:
    """Every version, the last first."""
    told = []
    before: Plan | None = None
    for version in order.versions:
        changed = changes(before, version.plan, reader.t) if before else []
        told.append(Told(version, staff.get(version.by), tuple(changed)))
        before = version.plan
    return told[::-1]


class DayAhead(Struct, frozen=True):
    day: date
    doses: tuple[Planned, ...]


def ahead(order: OrderDocument, now: datetime, days: int = AHEAD_DAYS) -> list[DayAhead] | None:
    """What an order plans from now on, day by day; None when its rule cannot be read."""
    first = local_day(now)
    try:
        doses = planned(order, now, local(first + days * DAY, "00:00"))
    except ScheduleError:
        return None
    return [
        DayAhead(day, tuple(dose for dose in doses if local_day(dose.at) == day))
        for day in (first + timedelta(days=number) for number in range(days))
    ]


def as_if(order: OrderDocument | None, plan: Plan, whose: Whose, reader: Reader) -> OrderDocument:
    """The order as it would be with a plan that is not stated yet: for its preview."""
    version = Version(plan, reader.now, reader.staff.id, "")
    return OrderDocument(
        id=order.id if order else str(UUID(int=0)),
        unit=whose.unit.id,
        person=whose.person.id,
        versions=[*order.versions, version] if order else [version],
        pauses=order.pauses if order else [],
        stopped=order.stopped if order else None,
    )


class OfUnit(Struct, frozen=True):
    """A person of a unit in the list, and how many of their orders stand how."""

    person: PersonDocument
    active: int
    paused: int
    changed: datetime | None


async def of_unit(database: Database, unit: str, now: datetime) -> list[OfUnit]:
    """Everybody of a unit with their orders, by room."""
    persons = [one for one in await documents.of_unit(database, PersonDocument, unit) if not one.gone]
    orders = [one for one in await documents.of_unit(database, OrderDocument, unit) if one.plan]
    return [
        _counted(person, [one for one in orders if one.person == person.id], now)
        for person in sorted(persons, key=_room)
    ]


def _counted(person: PersonDocument, orders: Iterable[OrderDocument], now: datetime) -> OfUnit:
    known = list(orders)
    states = [state(one, now) for one in known]
    changed = max((one.changed for one in known if one.changed), default=None)
    return OfUnit(person, states.count("active"), states.count("paused"), changed)


def _room(person: PersonDocument) -> tuple[int, str, str]:
    return (int(person.room) if person.room.isdigit() else 10**6, person.room, person.name)

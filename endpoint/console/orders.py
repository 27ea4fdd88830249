"""Ordinationer: a person's orders, what each plans in the days ahead, and what was changed when."""

import re
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from care.order import OrderDocument, Pause, Plan, Version
from care.order_right import may_order
from care.order_state import State, state
from care.order_words import Change, changes
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console import person as one_person
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database

TONES: dict[State, tuple[str, str]] = {
    "active": ("done", "done"),
    "coming": ("quiet", "calendar"),
    "paused": ("late", "pause"),
    "ended": ("quiet", "clock"),
    "stopped": ("quiet", "cross"),
}
"""The tone and the icon of each state; its word is ``order.state.<state>``."""
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
    """Whether the reader may place or change an order like this."""
    return may_order(reader.staff.roles_in(unit, reader.day), plan)


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
    return (person.room_number, person.room, person.name)

"""What the console shows of phones: how each is, who has a slot on it, what was decided of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, func, select

from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import device_done, documents, standing
from endpoint.chains import Compared, compared
from endpoint.console.reader import Reader
from endpoint.schema import device_events, devices, enrol_codes, slot_keys
from endpoint.schema import documents as documents_table
from endpoint.using_phones import PhoneOf, phone_of

STATES = ("open", "silent", "moving", "closing", "lost", "closed")
SKEWED = timedelta(minutes=2)
"""A clock that is further off than this is shown as being off; times in facts are corrected by it (p)."""

RESTORED_SHOWN = timedelta(days=30)
"""So long the list says that a phone's file was put back; its own page always does."""


class Holder(Struct, frozen=True):
    """Somebody with a slot. ``until``: the end of their certificate; ``works``: whether they work there."""

    id: str
    name: str
    title: str
    until: datetime | None
    works: bool
    units: tuple[str, ...]
    """Names of the units where a role is held today: what they could read here."""


class Phone(Struct, frozen=True):
    """A phone as it is shown."""

    row: Row[*tuple[Any, ...]]
    unit: UnitDocument
    target: UnitDocument | None
    """Where it is to move."""
    state: str
    holders: tuple[Holder, ...]
    chain: Compared
    now: datetime
    back: datetime | None = None
    """When it last came back after it had closed."""
    is_back: bool = False
    """Whether it has yet to close again."""

    @property
    def lately_back(self) -> bool:
        """Whether the list says that it has been back."""
        return self.back is not None and self.now - self.back < RESTORED_SHOWN

    @property
    def restored(self) -> bool:
        """Whether its file was lately found put back as it once was."""
        return self.chain.restored is not None and self.now - self.chain.restored < RESTORED_SHOWN

    @property
    def missing(self) -> int:
        """How many facts have not arrived, though the phone says that nothing waits on it."""
        return 0 if self.row.unsent or self.row.aside else self.chain.missing

    @property
    def id(self) -> str:
        return str(self.row.id)

    @property
    def name(self) -> str:
        return str(self.row.name)

    @property
    def skew_s(self) -> int | None:
        """How many seconds the phone's clock is behind (negative: ahead), when that is worth saying."""
        offset = self.row.offset_ms
        return (
            round(offset / 1000)
            if offset is not None and abs(offset) > SKEWED.total_seconds() * 1000
            else None
        )


class Event(Struct, frozen=True):
    at: datetime
    what: str
    by: str
    """A name; empty: the phone itself."""
    detail: str


class Code(Struct, frozen=True):
    id: str
    unit: str
    name: str
    expires: datetime


def phones(connection: Connection, reader: Reader, only: str | None = None) -> list[Phone]:
    """The phones of the reader's units, by unit and name; or the one of an id, when it is theirs."""
    units = {unit.id: unit for unit in reader.units_for(Act.PHONE_MANAGE)}
    everywhere = {unit.id: unit for unit in reader.units}
    query = select(devices).where(devices.c.unit.in_(units)).order_by(devices.c.name, devices.c.id)
    rows = connection.execute(query if only is None else query.where(devices.c.id == only)).all()
    slots = _slots(connection, [row.id for row in rows])
    chains = compared(connection, [row.id for row in rows])
    closings = device_done.closings(connection, [row.id for row in rows if row.closed is not None])
    names = {unit.id: unit.name for unit in documents.all_of(connection, UnitDocument)}
    belong = {unit: phone_of(connection, unit) for unit in {row.unit for row in rows}}
    found = [
        Phone(
            row,
            units[row.unit],
            everywhere.get(row.move_to or ""),
            _state(row, units[row.unit], reader.now),
            tuple(_holder(one, row, belong[row.unit], names, reader) for one in slots.get(row.id, ())),
            chains.get(row.id, Compared()),
            reader.now,
            closings.get((row.id, device_done.BACK)),
            device_done.is_back(closings, row),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.unit.name, one.state == "closed", one.name))


def events(connection: Connection, device: str) -> list[Event]:
    """What was decided of a phone and what it did, the latest first."""
    query = select(device_events).where(
        device_events.c.device == device, device_events.c.what != device_done.LEFT
    )
    rows = connection.execute(query.order_by(device_events.c.at.desc(), device_events.c.id.desc())).all()
    names = {
        one.id: one.name for one in documents.some(connection, StaffDocument, {row.staff for row in rows})
    }
    units = {one.id: one.name for one in documents.all_of(connection, UnitDocument)}
    return [
        Event(row.at, row.what, names.get(row.staff, ""), units.get(row.detail, row.detail)) for row in rows
    ]


def codes(connection: Connection, reader: Reader) -> list[Code]:
    """Codes that still enrol a phone in the reader's units."""
    units = {unit.id: unit.name for unit in reader.units_for(Act.PHONE_MANAGE)}
    c = enrol_codes.c
    query = select(c.id, c.unit, c.name, c.expires).where(
        c.unit.in_(units), c.device.is_(None), c.revoked.is_(None), c.expires > reader.now, c.id.is_not(None)
    )
    return [Code(row.id, units[row.unit], row.name, row.expires) for row in connection.execute(query)]


def recipients(connection: Connection, unit: str) -> int:
    """How many care recipients the unit's shared data is about."""
    table = documents_table.c
    query = select(func.count()).where(table.kind == PersonDocument.kind, table.unit == unit)
    return connection.scalar(query) or 0


def _slots(connection: Connection, ids: Sequence[str]) -> dict[str, list[StaffDocument]]:
    query = select(slot_keys.c.device, slot_keys.c.staff).where(
        slot_keys.c.device.in_(ids), slot_keys.c.staff != ""
    )
    rows = connection.execute(query).all()
    staff = {one.id: one for one in documents.some(connection, StaffDocument, {row.staff for row in rows})}
    found: dict[str, list[StaffDocument]] = {}
    for row in rows:
        if row.staff in staff:
            found.setdefault(row.device, []).append(staff[row.staff])
    return {device: sorted(held, key=lambda one: one.name) for device, held in found.items()}


def _holder(
    staff: StaffDocument, row: Row[*tuple[Any, ...]], phone: PhoneOf, names: dict[str, str], reader: Reader
) -> Holder:
    ends = [key.end for key in staff.keys if key.device == row.id]
    units = tuple(names.get(unit, "") for unit in staff.units(reader.day))
    works = phone.works_here(staff, reader.now)
    return Holder(staff.id, staff.name, staff.title, max(ends, default=None), works, units)


def _state(row: Row[*tuple[Any, ...]], unit: UnitDocument, now: datetime) -> str:
    if row.closed is not None:
        return "closed"
    if row.state != standing.OPEN:
        return str(row.state)
    if row.move_to:
        return "moving"
    silent = timedelta(minutes=unit.settings.silent_after_minutes)
    return "silent" if row.heard is None or now - row.heard > silent else "open"

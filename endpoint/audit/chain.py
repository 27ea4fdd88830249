"""The chains of the log: rows that only follow one another.

Each unit has one chain of rows for each local day. A row's hash covers all of its columns and the hash of the
row before it, so that none can be changed, taken out or put in without all that follow changing too.
docs/audit.md has the encoding byte for byte.

Locks: the ends of chains are the last that any transaction takes, by day and then by unit. With the order
of endpoint.record (the endpoint's chain, aggregates, facts, streams) that is one total order. `note` comes
last.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, bindparam, select, update

from care.rights import Role
from care.signing import local_day
from care.staff import StaffDocument
from endpoint.audit.tables import audit, audit_chains
from endpoint.many import insert_many, insert_stored

FORMAT = 1
"""Version of the encoding under the hash."""
START = bytes(32)
"""What stands for the hash before the first row of a chain."""
_REASON_MOST = 500

Kind = Literal["read", "write", "export", "beyond", "erase", "print"]


class Entry(Struct, frozen=True, kw_only=True):
    """One thing done. ``staff`` is empty for what was reported without signing in, ``person`` where none is
    concerned. ``recorded``: when the endpoint took it in; set by `note`."""

    at: datetime
    staff: str
    device: str
    """``console``, ``endpoint`` (stated by itself), or the id of a phone."""
    unit: str
    person: str
    act: Kind
    what: str
    """The type of a fact (``dose.given``), or the name of a page or screen (``inbox``)."""
    role: str
    """Roles held in the unit then, else in other units; joined by a comma."""
    law: str
    reason: str = ""
    ref: str = ""
    """Id of the fact that it comes of; empty for the console's reads."""
    recorded: datetime | None = None


def note(connection: Connection, entries: Iterable[Entry], now: datetime | None = None) -> None:
    """Add rows, in their order, last in a transaction. ``now``: when they are recorded."""
    waiting = list(entries)
    if not waiting:
        return
    recorded = now or datetime.now(UTC)
    ends = _lock(connection, {one.unit for one in waiting}, local_day(recorded))
    at = micros(recorded)
    insert_stored(connection, audit, _COLUMNS, [_row(one, at, ends[one.unit]) for one in waiting])
    connection.execute(
        _MOVE_ON,
        [
            {"of_day": end.day, "of_unit": unit, "to": end.number, "last": end.hash}
            for unit, end in ends.items()
        ],
    )


def roles_then(staff: StaffDocument | None, unit: str, day: date) -> str:
    """The roles held in a unit on a day; where none, those held anywhere."""
    if staff is None:
        return ""
    held: frozenset[Role] = staff.roles_in(unit, day) or staff.roles_among(staff.units(day), day)
    return ",".join(sorted(held))


_encoder = msgspec.json.Encoder()


def link(prev: bytes, columns: Sequence[str | int]) -> bytes:
    """The hash of a row: SHA-256 over the hash before it and its columns as a JSON array."""
    return hashlib.sha256(prev + _encoder.encode((FORMAT, *columns))).digest()


class _End(Struct):
    day: str
    number: int
    hash: bytes


_MOVE_ON = (
    update(audit_chains)
    .where(audit_chains.c.day == bindparam("of_day"), audit_chains.c.unit == bindparam("of_unit"))
    .values(number=bindparam("to"), hash=bindparam("last"))
)
_ENDS = (
    select(audit_chains)
    .where(
        audit_chains.c.day == bindparam("of_day"), audit_chains.c.unit.in_(bindparam("units", expanding=True))
    )
    .order_by(audit_chains.c.unit)
    .with_for_update()
)


def _lock(connection: Connection, units: set[str], day: date) -> dict[str, _End]:
    """The ends of the units' chains of the day; of the next day where the head has been signed already."""
    ends: dict[str, _End] = {}
    left = units
    while left:
        name = day.isoformat()
        fresh = [
            {"day": name, "unit": unit, "number": 0, "hash": START, "closed": False} for unit in sorted(left)
        ]
        insert_many(connection, audit_chains, fresh, once=True)
        found = connection.execute(_ENDS, {"of_day": name, "units": sorted(left)})
        ends |= {row.unit: _End(name, row.number, row.hash) for row in found if not row.closed}
        left = left - ends.keys()
        day += timedelta(days=1)
    return ends


_COLUMNS = (
    *("unit", "day", "number", "recorded", "at", "staff", "device", "person", "act", "what", "role", "law"),
    *("reason", "ref", "prev", "hash"),
)


def _row(entry: Entry, recorded: int, end: _End) -> tuple[str | int | bytes, ...]:
    """What is inserted, in the order of `_COLUMNS`; the end of the chain moves on to it."""
    prev, end.number = end.hash, end.number + 1
    columns = (
        entry.unit,
        end.day,
        end.number,
        recorded,
        micros(entry.at),
        entry.staff,
        entry.device,
        entry.person,
        entry.act,
        entry.what,
        entry.role,
        entry.law,
        entry.reason.replace("\0", "")[:_REASON_MOST],
        entry.ref,
    )
    end.hash = link(prev, columns)
    return (*columns, prev, end.hash)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970, as times are stored."""
    return (at - _EPOCH) // _MICRO

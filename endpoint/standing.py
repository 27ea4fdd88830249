"""What a phone is to do: stay open, close, move, close somebody's slot. Decided on the console, asked for by
the phone at each contact, and carried out there.
"""

import hashlib
import os
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, and_, bindparam, delete, select, update

from care.facts import Ref
from care.ids import uuid7
from care.staff import StaffDocument, StaffKeyEnded
from care.unit import UnitDocument
from endpoint import documents
from endpoint.errors import NotAllowed, NotKnown
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.schema import chains, device_events, device_keys, devices, sessions, slot_keys
from endpoint.settings import Settings
from endpoint.statements import Statement, write
from endpoint.using_phones import PhoneOf, phone_at
from endpoint.wake import standing_of
from wire.messages import DeviceStanding, DeviceState

OPEN, CLOSING, LOST = "open", "closing", "lost"
MOVE = "move"
"""An event: the phone is to move to a unit, which is the detail."""

# Asked at every pull: built once, since building costs more than the database's answer does.
_WITH_CHAIN = (
    select(devices, chains.c.restored)
    .outerjoin(chains, chains.c.device == devices.c.id)
    .where(devices.c.id == bindparam("device"))
)
_HOLDERS = (
    select(devices.c.slots, slot_keys.c.staff)
    .outerjoin(slot_keys, and_(slot_keys.c.device == devices.c.id, slot_keys.c.staff != ""))
    .where(devices.c.id == bindparam("device"))
)
Device = Row[*tuple[Any, ...]]


def standing(
    connection: Connection,
    keys: Keys,
    device: str,
    now: datetime,
    settings: Settings,
    nonce: str = "",
    held: Sequence[str] | None = None,
    slots: Collection[str] | None = None,
) -> DeviceStanding:
    """What the phone is told. ``held``: its `holders`, where they are known already. Raises NotKnown.

    ``slots``: who has a slot on it, where the phone has just said so: the keys of those who have ended and
    are gone go here too.
    """
    row = _one(connection.execute(_WITH_CHAIN, {"device": device}))
    target = row.move_to or row.unit
    state: DeviceState = "open" if row.state == OPEN else "closing"
    if row.closed is not None:
        state = "closed"
    unit = documents.one(connection, UnitDocument, target)
    phone = phone_at(connection, target, unit)
    over = left(connection, device, phone, now, held) if state == "open" or slots is not None else set()
    if slots is not None and (gone := over.difference(slots)):
        forget_slots(connection, device, gone)
        over -= gone
    ended = sorted(over) if state == "open" else []
    made = row.keyed or row.enrolled
    new_key = state == "open" and (row.new_key or made + timedelta(days=settings.device_key_days) <= now)
    anchors = settings.anchors.name
    # When two facts under one number were last found: the phone asks, and is told of its chain.
    more = (*([row.restored] if row.restored else []), *([anchors] if anchors else []))
    moves = row.move_to is not None
    said = (state, target, ended, keys.seal_public, new_key, *(["moves"] if moves else []), *more)
    return DeviceStanding(
        device=device,
        nonce=nonce,
        state=state,
        unit=target,
        unit_name=unit.name if unit else "",
        name=row.name,
        ended=tuple(ended),
        seal_public=keys.seal_public,
        nurse=tuple(unit.nurse) if unit else (),
        fallback=tuple(unit.fallback) if unit else (),
        new_key=new_key,
        standing=hashlib.sha256(repr(said).encode()).hexdigest()[:12],
        now=now,
        anchors=anchors,
        moves=moves,
    )


def holders(connection: Connection, device: str) -> list[str]:
    """Ids of those who have signed in on a phone, and whose slot there is not known to be gone.

    Their keys are held here, or they have a slot by the phone's own word: a file that was put back may hold
    one that had ended.
    """
    rows = connection.execute(_HOLDERS, {"device": device}).all()
    told = rows[0].slots if rows else None
    return sorted({*(row.staff for row in rows if row.staff), *(told or "").split()})


def left(
    connection: Connection, device: str, phone: PhoneOf, now: datetime, held: Sequence[str] | None = None
) -> set[str]:
    """Of those with a slot, whoever has no role with which one uses such a phone, today or later."""
    held = holders(connection, device) if held is None else held
    people = documents.some(connection, StaffDocument, held)
    working = {one.id for one in people if phone.works_here(one, now)}
    return set(held) - working


# What is decided on the console.


def close(connection: Connection, device: str, by: str, now: datetime) -> frozenset[str]:
    """The phone is to deliver what it holds and then destroy its keys. Returns what to wake."""
    row = locked(connection, device)
    if row.closed is None and row.state == OPEN:
        _decide(connection, device, now, state=CLOSING, move_to=None)
        connection.execute(delete(sessions).where(sessions.c.device == device, sessions.c.staff.is_not(None)))
        note(connection, device, by, "close", now)
    return frozenset({standing_of(device)})


def lose(connection: Connection, keys: Keys, device: str, by: str, now: datetime) -> frozenset[str]:
    """Nobody knows where it is: its people's keys on it are vouched for no longer, from this moment."""
    row = locked(connection, device)
    woken = frozenset({standing_of(device)})
    if row.closed is None and row.state != LOST:
        woken |= end_keys(connection, keys, device, holders(connection, device), "lost", now)
        _decide(connection, device, now, state=LOST, move_to=None)
        connection.execute(delete(sessions).where(sessions.c.device == device))
        note(connection, device, by, "lose", now)
    return woken


def reopen(connection: Connection, device: str, by: str, now: datetime) -> frozenset[str]:
    """It was found, or need not be closed: open again, unless it has destroyed itself already."""
    row = locked(connection, device)
    if row.closed is None and row.state != OPEN:
        _decide(connection, device, now, state=OPEN)
        note(connection, device, by, "find" if row.state == LOST else "keep", now)
    return frozenset({standing_of(device)})


def move(connection: Connection, device: str, unit: str, by: str, now: datetime) -> frozenset[str]:
    """The phone is to belong to another unit. It does once it has said that it has moved."""
    row = locked(connection, device)
    if row.closed is None and row.state == OPEN:
        target = None if unit == row.unit else unit
        if target != row.move_to:
            connection.execute(update(devices).where(devices.c.id == device).values(move_to=target))
            note(connection, device, by, MOVE if target else "stay", now, unit)
    return frozenset({standing_of(device)})


def renew_key(connection: Connection, device: str, by: str, now: datetime) -> frozenset[str]:
    """The phone is to make a new key of its own at its next contact."""
    row = locked(connection, device)
    if row.closed is None and row.state == OPEN and not row.new_key:
        connection.execute(update(devices).where(devices.c.id == device).values(new_key=True))
        note(connection, device, by, "key", now)
    return frozenset({standing_of(device)})


def announced(connection: Connection, woken: Iterable[str]) -> None:
    """Tell the other workers too, at commit."""
    announce(connection, woken)


def forget_slots(connection: Connection, device: str, staff: Iterable[str]) -> None:
    """Destroy the endpoint's copies of slot keys."""
    connection.execute(
        delete(slot_keys).where(slot_keys.c.device == device, slot_keys.c.staff.in_(list(staff)))
    )


def note(
    connection: Connection,
    device: str,
    staff: str,
    what: str,
    now: datetime,
    detail: str = "",
    id: str = "",
) -> None:
    """Remember what was decided of a phone, or what it did. ``id``: where it has one of its own."""
    id = id or uuid7(int(now.timestamp() * 1000), os.urandom(10))
    row = {"id": id, "device": device, "at": now, "staff": staff, "what": what, "detail": detail}
    connection.execute(device_events.insert(), row)


def public_keys(connection: Connection, device: str, present: bytes) -> tuple[bytes, ...]:
    """The device's key and those that it had before."""
    former = connection.scalars(select(device_keys.c.public).where(device_keys.c.device == device))
    return (present, *former)


def end_keys(
    connection: Connection, keys: Keys, device: str, staff: list[str], reason: str, now: datetime
) -> frozenset[str]:
    """People's keys on a phone are vouched for no longer, from this moment. Returns what to wake."""
    statements = [
        Statement(StaffKeyEnded(device=device, reason=reason), Ref("staff", one.id), one.unit)
        for one in documents.some(connection, StaffDocument, staff)
        if any(key.device == device and key.end > now for key in one.keys)
    ]
    return write(connection, keys, statements)[1].woken if statements else frozenset()


def _decide(connection: Connection, device: str, now: datetime, **changes: object) -> None:
    connection.execute(update(devices).where(devices.c.id == device).values(state_since=now, **changes))


def check_open(connection: Connection, device: str) -> None:
    """Raise NotAllowed when the phone is being closed, is lost or closed; else it stays open until commit.

    For whoever is about to vouch for a key on it: what was looked up before may have been decided since.
    """
    row = locked(connection, device)
    if row.closed is not None or row.state != OPEN:
        raise NotAllowed("closing_device", "this phone is being closed")


def locked(connection: Connection, device: str) -> Device:
    """The row, which nobody else changes until commit. Taken before any head of a stream."""
    return _one(connection.execute(select(devices).where(devices.c.id == device).with_for_update()))


def row_of(connection: Connection, device: str) -> Device:
    return _one(connection.execute(select(devices).where(devices.c.id == device)))


def _one(found: CursorResult[*tuple[Any, ...]]) -> Device:
    row = found.one_or_none()
    if row is None:
        raise NotKnown("unknown_device", "no such device is enrolled")
    return row

"""What a phone says that it has done: closed, or moved. And that one which had closed is here again."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update

from endpoint import logs, standing
from endpoint.errors import Gone, NotKnown
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.schema import device_events, devices, sessions, slot_keys
from endpoint.standing import Device
from endpoint.using_phones import phone_of
from endpoint.wake import standing_of
from wire.encoding import decode
from wire.errors import MessageError, SignatureError
from wire.messages import (
    DeviceDone,
    Signed,
)
from wire.signature import Context, verify

CLOSED, BACK, LEFT = "closed", "back", "left"
"""Events: the phone has said that its keys are destroyed; it has opened a session after that; it has moved
from a unit, which is the detail."""
_MAY_HAVE_BEEN_IN = (LEFT, standing.MOVE)


def done(connection: Connection, keys: Keys, said: Signed, now: datetime) -> frozenset[str]:
    """Take the phone's word that it has closed, or moved. Said again: nothing more. Returns what to wake."""
    statement = _read(connection, said)
    row = standing.locked(connection, statement.device)
    if statement.what == "closed":
        woken = _closed(connection, keys, row, statement.kept, _id_of(said), now)
    else:
        woken = _moved(connection, keys, row, statement.unit, now)
    announce(connection, woken)
    return woken


def came_back(connection: Connection, device: str, now: datetime) -> None:
    """A phone that had closed is here again: a copy of its file exists. Noted once, until it closes anew."""
    row = standing.locked(connection, device)
    if not is_back(closings(connection, [device]), row):
        standing.note(connection, device, "device", BACK, now)
        logs.came_back(device)


def closings(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When some phones last closed and last came back after that, by id and event."""
    device, what, at = device_events.c.device, device_events.c.what, device_events.c.at
    query = select(device, what, func.max(at)).where(device.in_(ids), what.in_((CLOSED, BACK)))
    return {(row[0], row[1]): row[2] for row in connection.execute(query.group_by(device, what))}


def units_left(connection: Connection, device: str) -> frozenset[str]:
    """The units that a phone belonged to before it moved, and those that it was told to move to: it may have,
    and been told otherwise before it could say so."""
    query = select(device_events.c.detail).where(device_events.c.device == device)
    return frozenset(connection.scalars(query.where(device_events.c.what.in_(_MAY_HAVE_BEEN_IN))))


def is_back(closings: Mapping[tuple[str, str], datetime], row: Device) -> bool:
    """Whether a phone that had closed has come back, and not closed again."""
    back = closings.get((row.id, BACK))
    return back is not None and back > closings.get((row.id, CLOSED), row.closed)


def _closed(
    connection: Connection, keys: Keys, row: Device, kept: int, statement: str, now: datetime
) -> frozenset[str]:
    """Each statement is taken once, and another than the first only of a phone that has come back since."""
    taken = select(device_events.c.id).where(device_events.c.id == statement)
    if row.closed is not None and (
        not is_back(closings(connection, [row.id]), row) or connection.scalar(taken)
    ):
        return frozenset()
    woken = standing.end_keys(connection, keys, row.id, standing.holders(connection, row.id), "closed", now)
    connection.execute(
        update(devices)
        .where(devices.c.id == row.id)
        .values(closed=row.closed or now, heard=now, move_to=None, unsent=0, drafts=0, aside=kept, slots="")
    )
    connection.execute(delete(slot_keys).where(slot_keys.c.device == row.id))
    connection.execute(delete(sessions).where(sessions.c.device == row.id))
    standing.note(connection, row.id, "device", CLOSED, now, str(kept), statement)
    return woken | {standing_of(row.id)}


def _moved(connection: Connection, keys: Keys, row: Device, unit: str, now: datetime) -> frozenset[str]:
    if row.closed is not None or row.unit == unit:
        return frozenset()
    if row.move_to != unit:
        raise Gone("no_move", "the phone is not to belong to that unit", field="unit")
    held = standing.holders(connection, row.id)
    gone = standing.left(connection, row.id, phone_of(connection, row.move_to), now)
    woken = standing.end_keys(connection, keys, row.id, held, "moved", now)
    connection.execute(
        update(devices).where(devices.c.id == row.id).values(unit=row.move_to, move_to=None, heard=now)
    )
    # The unit's key is made anew: nobody of the old unit could open what the new one keeps here.
    standing.forget_slots(connection, row.id, ["", *gone])
    connection.execute(delete(sessions).where(sessions.c.device == row.id, sessions.c.staff.is_not(None)))
    standing.note(connection, row.id, "device", LEFT, now, row.unit)
    standing.note(connection, row.id, "device", "moved", now, row.move_to)
    return woken | {standing_of(row.id)}


def _read(connection: Connection, said: Signed) -> DeviceDone:
    try:
        statement = decode(said.data, DeviceDone)
    except MessageError as error:
        raise NotKnown("bad_proof", str(error)) from error
    if "\0" in statement.device or "\0" in statement.unit:
        raise NotKnown("bad_proof", "not an id")
    row = standing.row_of(connection, statement.device)
    for public in standing.public_keys(connection, statement.device, row.public):
        try:
            verify(public, Context.DEVICE_DONE, said.signature, said.data)
        except SignatureError:
            continue
        return statement
    raise NotKnown("bad_proof", "no key of the phone's has signed this", field="signature")


def _id_of(said: Signed) -> str:
    """The same for the same statement, however often it comes."""
    return str(UUID(bytes=hashlib.sha256(said.data).digest()[:16]))

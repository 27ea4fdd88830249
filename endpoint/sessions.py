"""Sessions: a device, and a person on it, show that it is them; then a token speaks for them for an hour.

What has ended is swept at night (endpoint/keeping/retention.py).
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, bindparam, exists, or_, select

from care.signing import local_day
from care.staff import StaffDocument
from endpoint import device_done, devices_told, documents, standing
from endpoint.errors import NotAllowed, NotKnown
from endpoint.keys import Keys
from endpoint.many import insert_many
from endpoint.schema import device_keys, devices, nonces, sessions
from endpoint.settings import Settings
from wire.encoding import decode
from wire.errors import MessageError, SignatureError
from wire.messages import (
    Session,
    SessionRequest,
    SessionStatement,
)
from wire.signature import Context, verify

LASTS = timedelta(hours=1)
SKEW = timedelta(minutes=5)
"""How far a statement's time may be from the endpoint's. A phone corrects it by /v1/health first."""
_NONCE = range(16, 65)

# Asked at every call: built once, since building costs more than the database's answer does.
_DEVICE = select(devices).where(devices.c.id == bindparam("device"))
_CALLER = (
    select(
        devices.c.id,
        devices.c.unit,
        devices.c.public,
        devices.c.state,
        devices.c.closed,
        sessions.c.staff,
        exists().where(device_keys.c.device == devices.c.id).label("has_former"),
    )
    .join(devices, devices.c.id == sessions.c.device)
    .where(
        sessions.c.digest == bindparam("token"),
        sessions.c.expires > bindparam("now"),
        or_(devices.c.closed.is_(None), sessions.c.staff.is_(None)),
    )
)


class Caller(Struct, frozen=True):
    """Who is calling: a phone, and the person unlocked on it, if any."""

    device: str
    unit: str
    public: bytes
    staff: str | None
    closing: bool = False
    """Whether the phone is being closed, or has been: it may push what it has sealed, and nothing else."""
    former: tuple[bytes, ...] = ()
    """Keys that the phone had before: what they have signed may still arrive."""

    @property
    def person(self) -> str:
        """The person; raises NotAllowed when the session is the device's alone."""
        if self.staff is None:
            raise NotAllowed("staff_needed", "this call needs a session that a person has signed")
        return self.staff


def digest(token: str) -> bytes:
    """What is kept of a token: a copy of the table opens no session."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def open_session(
    connection: Connection, keys: Keys, request: SessionRequest, now: datetime, settings: Settings
) -> Session:
    """Give a token to whoever proves to be the device, and the person."""
    statement = _statement(request, now)
    device = connection.execute(_DEVICE, {"device": statement.device}).one_or_none()
    if device is None:
        raise NotKnown("unknown_device", "no such device is enrolled")
    open = device.closed is None and device.state == standing.OPEN
    # A file that was put back from before an exchange of keys has the former one, which may deliver as well.
    publics = (device.public,) if open else standing.public_keys(connection, device.id, device.public)
    _holds(publics, request.device_signature, request.data, "device_signature")
    if statement.staff is not None:
        if not open:
            raise NotAllowed("closing_device", "this phone is being closed")
        _check_person(connection, statement.staff, statement.device, request, now)
    _use_nonce(connection, statement, now)
    if device.closed is not None:
        device_done.came_back(connection, device.id, now)
    token = secrets.token_urlsafe(32)
    row = {"device": statement.device, "staff": statement.staff, "expires": now + LASTS}
    insert_many(connection, sessions, [{"digest": digest(token), **row}])
    report = statement.report
    slots = devices_told.take(connection, device.id, report, now) if report else None
    here = standing.standing(connection, keys, device.id, now, settings, slots=slots)
    return Session(token=token, expires=now + LASTS, now=now, standing=here.standing)


def caller(connection: Connection, token: str, now: datetime) -> Caller:
    """Whose token it is. Raises NotKnown."""
    row = connection.execute(_CALLER, {"token": digest(token), "now": now}).one_or_none()
    if row is None:
        raise NotKnown("no_session", "the token is unknown or has expired")
    former = standing.public_keys(connection, row.id, row.public)[1:] if row.has_former else ()
    closing = row.closed is not None or row.state != standing.OPEN
    return Caller(row.id, row.unit, row.public, row.staff, closing, former)


def _statement(request: SessionRequest, now: datetime) -> SessionStatement:
    try:
        statement = decode(request.data, SessionStatement)
    except MessageError as error:
        raise NotKnown("bad_proof", str(error)) from error
    if "\0" in statement.device or "\0" in (statement.staff or ""):
        raise NotKnown("bad_proof", "not an id")
    if statement.at.tzinfo is None or not now - SKEW <= statement.at <= now + SKEW:
        raise NotKnown("clock", f"stated at {statement.at.isoformat()}, here it is {now.isoformat()}")
    if len(statement.nonce) not in _NONCE:
        raise NotKnown("bad_proof", "nonce: 16 to 64 bytes")
    return statement


def _holds(publics: tuple[bytes, ...], signature: bytes, data: bytes, field: str) -> None:
    if not any(_signed(public, signature, data) for public in publics):
        raise NotKnown("bad_proof", "the signature does not hold", field=field)


def _check_person(
    connection: Connection, staff: str, device: str, request: SessionRequest, now: datetime
) -> None:
    document = documents.one(connection, StaffDocument, staff)
    keys = [key for key in document.keys if key.device == device] if document else []
    if not keys:
        raise NotKnown("unknown_staff", "no key of that person was ever certified on this phone")
    # A key that was renewed stands there once for each certificate.
    signature = request.staff_signature or b""
    ends = [key.end for key in keys if _signed(key.public, signature, request.data)]
    if not ends:
        raise NotKnown("bad_proof", "the person's signature does not hold", field="staff_signature")
    if max(ends) <= now:
        raise NotAllowed("certificate_expired", "the person signs in again, online")
    if document is None or not document.units(local_day(now)):
        raise NotAllowed("no_role", "the person holds no role today")


def _signed(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        verify(public, Context.SESSION, signature, data)
    except SignatureError:
        return False
    return True


def _use_nonce(connection: Connection, statement: SessionStatement, now: datetime) -> None:
    row = {"device": statement.device, "nonce": statement.nonce, "expires": now + 3 * SKEW}
    if not insert_many(connection, nonces, [row], once=True):
        raise NotKnown("bad_proof", "this statement has been used")

"""Phones: enrolled once with a short-lived code, then known by their own key."""

import hashlib
import os
import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, delete, select, update

from care.ids import uuid7
from care.unit import UnitDocument
from endpoint import documents
from endpoint.errors import Gone, NotKnown, NotReadable
from endpoint.keys import Keys
from endpoint.schema import devices, enrol_codes
from wire import enrolled
from wire.errors import SealError, SignatureError
from wire.messages import CODE, ENROLS, Enrolled, EnrolRequest
from wire.signature import Context, verify

CODE_LASTS = timedelta(minutes=30)
_CODE_KEPT = timedelta(days=1)
"""After it has ended, so that a phone that tries it late is told so, and a lost answer can be had again."""
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1, I and L: a code is read aloud and typed."""
_CODE_LENGTH = 10
"""50 bits for half an hour. With a hundred codes that wait and 10,000 addresses that each try as often as
they may (endpoint/limits.py), one in 100,000 such half hours has a hit. So wrong codes stop nothing: a limit
on them would let anybody keep a municipality from enrolling its phones. Each is in the log."""
_NAME = range(1, 81)
_LATELY = timedelta(days=1)


class Device(Struct, frozen=True):
    """A phone as the console shows it. ``heard``: last contact; ``closed``: when it was closed."""

    id: str
    unit: str
    name: str
    enrolled: datetime
    heard: datetime | None
    closed: datetime | None


def new_code(connection: Connection, unit: str, name: str, now: datetime) -> str:
    """A code that enrols one phone in a unit, within `CODE_LASTS`. Shown once, kept as a hash."""
    connection.execute(delete(enrol_codes).where(enrol_codes.c.expires < now - _CODE_KEPT))
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    connection.execute(
        enrol_codes.insert().values(
            digest=_digest(code), unit=unit, name=name, expires=now + CODE_LASTS, id=_new_id(now)
        )
    )
    return f"{code[:5]}-{code[5:]}"


def revoke_code(connection: Connection, id: str, now: datetime) -> None:
    """A code that has enrolled no phone yet never will."""
    unused = enrol_codes.c.id == id, enrol_codes.c.device.is_(None)
    connection.execute(update(enrol_codes).where(*unused).values(revoked=now))


def enrol(connection: Connection, keys: Keys, request: EnrolRequest, now: datetime) -> Enrolled:
    """Make a phone known. The same code and key again gives the same answer: the first may have been lost."""
    request = _unsealed(keys, request)
    _check(request)
    query = select(enrol_codes).where(enrol_codes.c.digest == _digest(request.code)).with_for_update()
    code = connection.execute(query).one_or_none()
    if code is None:
        raise NotKnown("unknown_code", "no such code", field="code")
    if code.device is None:
        if code.revoked is not None:
            raise Gone("revoked_code", "the code has been taken back", field="code")
        if code.expires <= now:
            raise Gone("expired_code", "the code is too old", field="code")
        device = _add(connection, code.unit, request, now)
        connection.execute(
            update(enrol_codes).where(enrol_codes.c.digest == code.digest).values(device=device)
        )
    else:
        device = code.device
        held = connection.scalar(select(devices.c.public).where(devices.c.id == device))
        if held != request.public:
            raise Gone("used_code", "the code has enrolled another phone", field="code")
    unit = documents.one(connection, UnitDocument, code.unit)
    answer = Enrolled(
        device=device,
        unit=code.unit,
        unit_name=unit.name if unit else "",
        sign_public=keys.sign_public,
        seal_public=keys.seal_public,
        now=now,
    )
    return enrolled.signed_by(answer, keys.sign_private, request.public)


def of_unit(connection: Connection, unit: str) -> list[Device]:
    """A unit's phones, by name."""
    columns = [devices.c[name] for name in Device.__struct_fields__]
    rows = connection.execute(select(*columns).where(devices.c.unit == unit).order_by(devices.c.name))
    return [Device(*row) for row in rows]


def silent(phones: list[Device], unit: UnitDocument, now: datetime) -> list[Device]:
    """The phones that may hold signatures not yet sent: in use within a day, and silent for too long.

    When every phone has been silent for longer than that, the last one heard says since when.
    """
    open_phones = [phone for phone in phones if phone.heard and not phone.closed]
    limit = now - timedelta(minutes=unit.settings.silent_after_minutes)
    lately = [phone for phone in open_phones if phone.heard and phone.heard > now - _LATELY]
    if open_phones and not lately:
        return [max(open_phones, key=lambda phone: phone.heard or now)]
    return [phone for phone in lately if phone.heard and phone.heard < limit]


def _unsealed(keys: Keys, request: EnrolRequest) -> EnrolRequest:
    if request.sealed_code is None:
        return request
    try:
        code = keys.opener.open(replace(request.sealed_code, id=CODE), ENROLS).decode()
    except (SealError, UnicodeDecodeError) as error:
        raise NotReadable("bad_request", str(error), field="sealed_code") from error
    return replace(request, code=code, sealed_code=None)


def _check(request: EnrolRequest) -> None:
    if len(request.name) not in _NAME or "\0" in request.name:
        raise NotReadable("bad_name", "1 to 80 characters", field="name")
    try:
        verify(request.public, Context.ENROL, request.proof, (request.code + request.name).encode())
    except SignatureError as error:
        raise NotKnown("bad_proof", str(error), field="proof") from error


def _add(connection: Connection, unit: str, request: EnrolRequest, now: datetime) -> str:
    device = _new_id(now)
    connection.execute(
        devices.insert().values(
            id=device,
            unit=unit,
            name=request.name,
            public=request.public,
            app=request.app.replace("\0", "")[:80],
            enrolled=now,
            heard=now,
        )
    )
    return device


def _new_id(now: datetime) -> str:
    return uuid7(int(now.timestamp() * 1000), os.urandom(10))


def _digest(code: str) -> bytes:
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).digest()

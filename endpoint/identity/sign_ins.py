"""Sign-ins that a phone has started: waiting for a person to say who they are in the browser, once.

Both screens show the same number, so that nobody signs in to somebody else's phone.
"""

import os
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update

from care.ids import is_uuid, uuid7
from care.staff import StaffDocument
from endpoint import documents
from endpoint.errors import Gone, NotFound
from endpoint.schema import devices, sign_ins
from wire.messages import SignInState

LASTS = timedelta(minutes=10)
"""From the press on the phone to the chosen code. A card that is asked for twice needs more than five."""
_KEPT = timedelta(days=1)


def start(connection: Connection, device: str, now: datetime) -> tuple[str, str, datetime]:
    """A new sign-in of a phone: its id, the number to match, and when it ends."""
    connection.execute(delete(sign_ins).where(sign_ins.c.expires < now - _KEPT))
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    number = str(10 + secrets.randbelow(90))
    connection.execute(
        sign_ins.insert().values(id=id, device=device, number=number, expires=now + LASTS, refused=False)
    )
    return id, number, now + LASTS


def state(connection: Connection, id: str, device: str, now: datetime) -> SignInState:
    """How far it has come, for the phone that started it."""
    row = _of_device(connection, select(sign_ins), id, device)
    if row.refused:
        return SignInState(state="refused")
    if row.expires <= now or row.public is not None:
        return SignInState(state="expired")
    if row.staff is None:
        return SignInState(state="waiting")
    staff = documents.one(connection, StaffDocument, row.staff)
    if staff is None:
        return SignInState(state="refused")
    return SignInState(
        state="done", staff=staff.id, name=staff.name, title=staff.title, language=staff.language
    )


def pending(connection: Connection, id: str, now: datetime) -> Row[*tuple[Any, ...]]:
    """For the provider's page: ``number``, ``phone`` (its name) and ``unit``. Raises Gone."""
    if not is_uuid(id):
        raise Gone("no_sign_in", "not started, already done, or too old")
    row = connection.execute(
        select(sign_ins.c.number, devices.c.name.label("phone"), devices.c.unit)
        .join(devices, devices.c.id == sign_ins.c.device)
        .where(sign_ins.c.id == id, *_waiting(now))
    ).one_or_none()
    if row is None:
        raise Gone("no_sign_in", "not started, already done, or too old")
    return row


def choose(connection: Connection, id: str, staff: str, now: datetime) -> None:
    """The provider vouches that it is this person. Once: a second try raises Gone."""
    changed = connection.execute(
        update(sign_ins).where(sign_ins.c.id == id, *_waiting(now)).values(staff=staff)
    )
    if changed.rowcount != 1:
        raise Gone("no_sign_in", "not started, already done, or too old")


def refuse(connection: Connection, id: str, now: datetime) -> None:
    """The person said no, or is nobody that we know."""
    connection.execute(update(sign_ins).where(sign_ins.c.id == id, *_waiting(now)).values(refused=True))


def locked(connection: Connection, id: str, device: str) -> Row[*tuple[Any, ...]]:
    """The sign-in's row, held until the transaction ends. Raises NotFound."""
    return _of_device(connection, select(sign_ins).with_for_update(), id, device)


def _of_device(
    connection: Connection, query: Select[*tuple[Any, ...]], id: str, device: str
) -> Row[*tuple[Any, ...]]:
    # What is no id never reaches the database, which may refuse its bytes.
    found = query.where(sign_ins.c.id == id, sign_ins.c.device == device)
    row = connection.execute(found).one_or_none() if is_uuid(id) else None
    if row is None:
        raise NotFound("no_sign_in", "this phone has started no such sign-in")
    return row


def _waiting(now: datetime) -> tuple[Any, ...]:
    return sign_ins.c.expires > now, sign_ins.c.staff.is_(None), sign_ins.c.refused.is_(False)

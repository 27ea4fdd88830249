"""Keys of journal systems: made on the console by the person in whose name they read, and shown once.

A key carries no right of its own: what it reads is what its person may read that day. It ends by itself.
"""

import secrets
import uuid
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, select, update

from endpoint.errors import NotKnown
from endpoint.fhir.tables import fhir_keys
from endpoint.sessions import digest

LASTS = timedelta(days=90)
"""(p) Then somebody who still works there makes a new one."""
NAME_MOST = 60
_USED_EVERY = timedelta(minutes=5)


class Key(Struct, frozen=True):
    id: str
    staff: str
    name: str
    made: datetime
    ends: datetime
    used: datetime | None
    closed: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.closed is None and now < self.ends


def make(connection: Connection, staff: str, name: str, now: datetime) -> str:
    """A new key, in clear for the only time."""
    token = secrets.token_urlsafe(32)
    row = {"id": str(uuid.uuid4()), "digest": digest(token), "staff": staff, "name": name}
    connection.execute(fhir_keys.insert().values(**row, made=now, ends=now + LASTS))
    return token


def of_staff(connection: Connection, staff: str) -> list[Key]:
    """A person's keys, the newest first."""
    query = select(fhir_keys).where(fhir_keys.c.staff == staff).order_by(fhir_keys.c.made.desc())
    return [_key(row) for row in connection.execute(query)]


def close(connection: Connection, staff: str, id: str, now: datetime) -> None:
    """From now on nothing is answered to it. Nothing happens to what is not the person's own."""
    mine = (fhir_keys.c.id == id) & (fhir_keys.c.staff == staff) & fhir_keys.c.closed.is_(None)
    connection.execute(update(fhir_keys).where(mine).values(closed=now))


def holder(connection: Connection, token: str, now: datetime) -> Key:
    """Whose key it is. Raises NotKnown."""
    row = connection.execute(select(fhir_keys).where(fhir_keys.c.digest == digest(token))).one_or_none()
    key = _key(row) if row is not None else None
    if key is None or not key.holds(now):
        raise NotKnown("no_session", "the key is unknown, closed or has ended")
    return key


def note_use(connection: Connection, key: Key, now: datetime) -> None:
    connection.execute(update(fhir_keys).where(fhir_keys.c.id == key.id).values(used=now))


def to_note(key: Key, now: datetime) -> bool:
    """Whether that it was used is to be noted now: every few minutes."""
    return key.used is None or now - key.used >= _USED_EVERY


def _key(row: object) -> Key:
    return Key(*(getattr(row, name) for name in Key.__struct_fields__))

"""The keys of the rings on a phone, kept here under the master key.

A key is a chain of secrets of 32 bytes, oldest first; the last is in use. When it has been for long enough,
another is added, and the phone encrypts anew what it holds (docs/security.md). NIST SP 800-57 part 1, 5.3.6,
gives a key that encrypts data two years at most; the setting's one year stays below that.
"""

import os
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from endpoint.database import insert_once
from endpoint.keys import Keys
from endpoint.schema import slot_keys

SECRET = 32
MOST = 255
"""A row says the version of its key in one byte."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def chain(
    connection: Connection, keys: Keys, device: str, staff: str, now: datetime, lasts: timedelta
) -> bytes:
    """The phone's key (staff ``""``) or a person's own there; made at first, longer once `lasts` is over."""
    belongs_to = f"{device}/{staff}"
    fresh = {
        "device": device,
        "staff": staff,
        "wrapped": keys.wrap(os.urandom(SECRET), belongs_to),
        "made": now,
    }
    connection.execute(insert_once(connection, slot_keys), fresh)
    this = (slot_keys.c.device == device) & (slot_keys.c.staff == staff)
    row = connection.execute(
        select(slot_keys.c.wrapped, slot_keys.c.made).where(this).with_for_update()
    ).one()
    held = keys.unwrap(row.wrapped, belongs_to)
    if row.made is None:
        # Made before there was a date: it counts from today.
        connection.execute(update(slot_keys).where(this).values(made=now))
    elif row.made + lasts <= now and len(held) < MOST * SECRET:
        held += os.urandom(SECRET)
        connection.execute(
            update(slot_keys).where(this).values(wrapped=keys.wrap(held, belongs_to), made=now)
        )
    return held


def exchange_soon(connection: Connection, device: str | None = None) -> int:
    """Add a secret at the next renewal of each certificate, on one phone or on all. Returns how many keys."""
    query = update(slot_keys).values(made=_LONG_AGO)
    if device is not None:
        query = query.where(slot_keys.c.device == device)
    return connection.execute(query).rowcount

"""Which keys there have been: their public halves, noted in the database.

A key file that was restored from a backup of before an exchange lacks the key that phones seal to now: it
would open none of what they send. So what the database has noted is asked of the file at every start.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, String, Table, select

from endpoint.database import insert_once
from endpoint.errors import KeyFileError
from endpoint.keys import KeyFile, Keys
from endpoint.schema import Moment, metadata, slot_keys
from wire import seal, signature

noted_keys = Table(
    "noted_keys",
    metadata,
    Column("public", LargeBinary, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("noted", Moment, nullable=False),
)


class Noted(Struct, frozen=True):
    """A key by its public half. ``purpose``: "sign" or "seal"."""

    public: bytes
    purpose: str
    noted: datetime | None = None

    def __str__(self) -> str:
        return f"{self.purpose} {self.public.hex()[:16]}"


def of(file: KeyFile) -> list[Noted]:
    """The public halves of a key file's keys, the current ones first."""
    seals = [Noted(seal.public_of(one), "seal") for one in file.seals]
    before = [Noted(one, "sign") for one in file.signed_before]
    return [Noted(signature.public_of(file.sign), "sign"), *seals, *before]


def note(connection: Connection, keys: Iterable[Noted]) -> None:
    now = datetime.now(UTC)
    rows = [{"public": one.public, "purpose": one.purpose, "noted": now} for one in keys]
    connection.execute(insert_once(connection, noted_keys), rows)


def noted(connection: Connection) -> list[Noted]:
    """Every key that was ever noted, the oldest first."""
    rows = connection.execute(select(noted_keys).order_by(noted_keys.c.noted, noted_keys.c.public))
    return [Noted(row.public, row.purpose, row.noted) for row in rows]


def missing(connection: Connection, held: Iterable[bytes]) -> list[Noted]:
    """What the database has noted, and is not among the public halves held."""
    here = set(held)
    return [one for one in noted(connection) if one.public not in here]


def check(connection: Connection, keys: Keys) -> None:
    """At start: note the keys in use. Raises KeyFileError when the file is not the one of this database."""
    lacking = missing(connection, [*keys.sign_publics, *keys.seal_publics])
    if lacking:
        names = ", ".join(str(one) for one in lacking)
        raise KeyFileError(f"the key file is older than the database: it lacks {names}. Restore a newer one")
    row = connection.execute(select(slot_keys).limit(1)).first()
    if row:
        keys.unwrap(row.wrapped, f"{row.device}/{row.staff}")
    note(connection, [Noted(keys.sign_public, "sign"), Noted(keys.seal_public, "seal")])

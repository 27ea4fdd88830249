"""What somebody has begun to fill in and not signed: theirs alone, kept until it is signed."""

from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, String, Table, delete, select, update

from endpoint.console.forms.typed import Typed
from endpoint.database import insert_once
from endpoint.schema import Moment, metadata

drafts = Table(
    "console_drafts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("staff", String(64), primary_key=True),
    Column("typed", LargeBinary, nullable=False),
    Column("saved", Moment, nullable=False),
)


class Draft(Struct, frozen=True):
    typed: Typed
    saved: datetime


def get(connection: Connection, key: str, staff: str) -> Draft | None:
    row = connection.execute(
        select(drafts.c.typed, drafts.c.saved).where(drafts.c.key == key, drafts.c.staff == staff)
    ).one_or_none()
    return Draft(msgspec.json.decode(row.typed, type=Typed), row.saved) if row else None


def put(connection: Connection, key: str, staff: str, typed: Typed, now: datetime) -> None:
    """Keep what stands in the fields now, instead of what stood there before."""
    said = {"typed": msgspec.json.encode(typed), "saved": now}
    mine = drafts.c.key == key, drafts.c.staff == staff
    # Two saves at once are one: the first row stands, the later words do.
    connection.execute(insert_once(connection, drafts), {"key": key, "staff": staff, **said})
    connection.execute(update(drafts).where(*mine).values(said))


def drop(connection: Connection, key: str, staff: str) -> None:
    connection.execute(delete(drafts).where(drafts.c.key == key, drafts.c.staff == staff))

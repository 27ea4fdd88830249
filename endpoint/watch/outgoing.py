"""Messages on their way: put down with the notice that they are of, tried until they are taken or given up.

A message is taken in hand for a while before it is sent: whoever takes it over after a crash sends it again
under the same id, by which the receiver knows it. So each is handed over at least once, and received once by
whoever looks at the id (docs/watch.md).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, func, select, update

from endpoint.database import insert_once
from endpoint.schema import Moment, metadata

CHANNELS = ("sms", "mail", "webhook")
WAITS = (1, 2, 4, 8, 16, 32, 60)
"""Minutes before each new try (p): an hour and a bit, then it is given up and shown on the console."""
IN_HAND = timedelta(minutes=2)
"""Longer than any try takes: whoever has a message for longer than that has died."""

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("matter", String, nullable=False),
    Column("stage", BigInteger, nullable=False),
    Column("things", BigInteger, nullable=False),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("text", String, nullable=False),
    Column("made", Moment, nullable=False),
    Column("next", Moment),
    Column("tries", BigInteger, nullable=False, default=0, server_default="0"),
    Column("sent", Moment),
    Column("given_up", Moment),
    Column("error", String, nullable=False, default="", server_default=""),
    Index("outgoing_next", "next"),
    Index("outgoing_by_unit", "unit", "made"),
)
"""``next``: when it is tried, or may be taken over; null: it is sent or given up. ``things``: of how many it
tells. ``error``: why the last try failed, a word of ours and no answer of theirs."""

_NAMESPACE = UUID("0f0b3f0c-9f57-5f0e-8b3a-6d1c0b1f7e21")


class Message(Struct, frozen=True):
    """One row, as it is sent and shown."""

    id: str
    unit: str
    matter: str
    stage: int
    things: int
    channel: str
    address: str
    text: str
    made: datetime
    next: datetime | None = None
    tries: int = 0
    sent: datetime | None = None
    given_up: datetime | None = None
    error: str = ""


_COLUMNS = [outgoing.c[name] for name in Message.__struct_fields__]


def message_id(fact: str, channel: str, address: str) -> str:
    """The identity of a message: the same for the same notice, way and address."""
    return str(uuid5(_NAMESPACE, f"{fact}/{channel}/{address}"))


def put(connection: Connection, messages: Iterable[Message]) -> None:
    """Put messages down, to be sent at once. Each id once."""
    rows = [
        {name: getattr(one, name) for name in Message.__struct_fields__} | {"next": one.made}
        for one in messages
    ]
    if rows:
        connection.execute(insert_once(connection, outgoing), rows)


def due(connection: Connection, now: datetime, most: int) -> list[str]:
    """The ids of those that are to be tried now, oldest first."""
    query = select(outgoing.c.id).where(outgoing.c.next <= now).order_by(outgoing.c.next, outgoing.c.id)
    return list(connection.scalars(query.limit(most)))


def take(connection: Connection, id: str, now: datetime) -> Message | None:
    """Take one in hand; None: somebody else has."""
    row = connection.execute(
        update(outgoing)
        .where(outgoing.c.id == id, outgoing.c.next <= now)
        .values(next=now + IN_HAND, tries=outgoing.c.tries + 1)
        .returning(*_COLUMNS)
    ).one_or_none()
    return Message(*row) if row else None


def taken(connection: Connection, id: str, now: datetime) -> None:
    """It was handed over."""
    connection.execute(update(outgoing).where(outgoing.c.id == id).values(next=None, sent=now, error=""))


def failed(connection: Connection, message: Message, error: str, now: datetime, for_good: bool) -> None:
    """It was not: tried again later, or given up when that is for good or was tried often enough."""
    values: dict[str, object] = {"error": error}
    if for_good or message.tries > len(WAITS):
        values |= {"next": None, "given_up": now}
    else:
        values["next"] = now + timedelta(minutes=WAITS[message.tries - 1])
    connection.execute(update(outgoing).where(outgoing.c.id == message.id).values(values))


def again(connection: Connection, units: Iterable[str], id: str, now: datetime) -> bool:
    """Try one that was given up once more from the beginning; False: there is none of these units."""
    row = connection.execute(
        update(outgoing)
        .where(outgoing.c.id == id, outgoing.c.unit.in_(list(units)), outgoing.c.given_up.is_not(None))
        .values(next=now, tries=0, given_up=None)
        .returning(outgoing.c.id)
    ).one_or_none()
    return row is not None


def of_units(connection: Connection, units: Iterable[str], since: datetime) -> list[Message]:
    """The messages of units since a moment, newest first."""
    query = select(*_COLUMNS).where(outgoing.c.unit.in_(list(units)), outgoing.c.made >= since)
    rows = connection.execute(query.order_by(outgoing.c.made.desc(), outgoing.c.id).limit(500))
    return [Message(*row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """How many wait, and how many were given up; for metrics."""
    waiting = select(func.count()).select_from(outgoing).where(outgoing.c.next.is_not(None))
    given_up = select(func.count()).select_from(outgoing).where(outgoing.c.given_up.is_not(None))
    return {
        "waiting": connection.execute(waiting).scalar_one(),
        "given_up": connection.execute(given_up).scalar_one(),
    }

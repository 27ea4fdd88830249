"""The endpoint's tables. Times are microseconds since 1970 in UTC; aggregates are named ``kind/id``."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A time with its zone, the same on SQLite and PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Sum(TypeDecorator[int]):
    """A number of 64 bits without a sign; the databases know it with one."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Any) -> int | None:
        return None if value is None else value - 2**64 if value >= 2**63 else value

    def process_result_value(self, value: int | None, dialect: Any) -> int | None:
        return None if value is None else value % 2**64


metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("id", String, primary_key=True),
    Column("aggregate", String, nullable=False),
    Column("type", String, nullable=False),
    Column("author", String),
    Column("device", String, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("unit", String, nullable=False),
    Column("person", String),
    Column("hash", LargeBinary, nullable=False),
    Column("received", Moment, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("erased", String),
    Index("facts_by_aggregate", "aggregate"),
    Index("facts_by_device", "device", "seq"),
    Index("facts_by_unit", "unit", "received"),
    Index(
        "facts_by_person",
        "person",
        sqlite_where=text("person IS NOT NULL"),
        postgresql_where=text("person IS NOT NULL"),
    ),
    Index(
        "facts_by_erasure",
        "erased",
        sqlite_where=text("erased IS NOT NULL"),
        postgresql_where=text("erased IS NOT NULL"),
    ),
)
"""``erased``: the id of the erasure that took the fact's content; its envelope is then empty."""

documents = Table(
    "documents",
    metadata,
    Column("aggregate", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("unit", String),
    Column("person", String),
    Column("document", LargeBinary),
    Index("documents_by_unit", "kind", "unit"),
    Index("documents_of_person", "person", "kind"),
)
"""One row per aggregate, and the lock under which it is folded. ``document`` is null until it first was."""

streams = Table(
    "streams",
    metadata,
    Column("name", String, primary_key=True),
    Column("epoch", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("sum", Sum, nullable=False, default=0, server_default="0"),
)
"""The head of each stream, and the lock under which it grows. ``sum``: over its facts (wire/checksum.py)."""

placed = Table(
    "placed",
    metadata,
    Column("stream", String, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("fact", String, nullable=False),
    UniqueConstraint("fact", "stream", name="placed_once"),
)

chain = Table(
    "chain",
    metadata,
    Column("device", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("prev", String),
)
"""The last fact of the endpoint's own device."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("device", String, primary_key=True),
    Column("fact", String),
    Column("reason", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("received", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", LargeBinary),
    Index("quarantine_by_device", "device", "hash"),
)
"""What could not be taken in, with its bytes as they came (a Sealed, JSON; empty when too large to keep).
``hash``: of the fact's bytes, where it could be read."""

chains = Table(
    "chains",
    metadata,
    Column("device", String, primary_key=True),
    Column("stretches", LargeBinary, nullable=False),
    Column("restored", Moment),
)
"""What has arrived of each phone's chain (endpoint/chains.py), as JSON. ``restored``: when a number that was
used twice was last found."""

devices = Table(
    "devices",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("name", String, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("app", String, nullable=False),
    Column("enrolled", Moment, nullable=False),
    Column("heard", Moment),
    Column("closed", Moment),
    Column("state", String, nullable=False, default="open", server_default="open"),
    Column("state_since", Moment),
    Column("move_to", String),
    Column("keyed", Moment),
    Column("new_key", Boolean, nullable=False, default=False, server_default=false()),
    Column("protocol", BigInteger),
    Column("unsent", BigInteger),
    Column("aside", BigInteger),
    Column("drafts", BigInteger),
    Column("offset_ms", BigInteger),
    Column("error", String),
    Column("told", Moment),
    Column("slots", String),
    Column("anchors", String),
    Index("devices_by_unit", "unit"),
)
"""``state``: what has been decided (open, closing, lost); ``closed``: when the phone had destroyed its keys.
``told`` and what stands around it: the phone's last report. ``slots``: staff ids with spaces between.
``anchors``: what those are called by which it knows the endpoint; null: it has not said."""

enrol_codes = Table(
    "enrol_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("unit", String, nullable=False),
    Column("name", String, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("device", String),
    Column("id", String),
    Column("revoked", Moment),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("device", String, primary_key=True),
    Column("public", LargeBinary, primary_key=True),
    Column("end", Moment, nullable=False),
)
"""Keys that a device had before its present one: what it signed with them still holds."""

device_events = Table(
    "device_events",
    metadata,
    Column("id", String, primary_key=True),
    Column("device", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("staff", String, nullable=False),
    Column("what", String, nullable=False),
    Column("detail", String, nullable=False),
    Index("device_events_by_device", "device", "at"),
)
"""What was decided of a phone and what it answered; ``staff``: who decided, or "device"."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("device", String, nullable=False),
    Column("staff", String),
    Column("expires", Moment, nullable=False),
)

nonces = Table(
    "nonces",
    metadata,
    Column("device", String, primary_key=True),
    Column("nonce", LargeBinary, primary_key=True),
    Column("expires", Moment, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String, primary_key=True),
    Column("device", String, nullable=False),
    Column("number", String, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("staff", String),
    Column("refused", Boolean, nullable=False, default=False),
    Column("public", LargeBinary),
    Column("certified_until", Moment),
    Column("certified_from", Moment),
)

slot_keys = Table(
    "slot_keys",
    metadata,
    Column("device", String, primary_key=True),
    Column("staff", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made", Moment),
)
"""The phone key of a device (staff ``""``) and the own keys of its people, under the master key. ``made``:
the last secret of the chain (slot_keys.py)."""

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("staff", String, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("signed_in", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("checked", Moment, nullable=False),
    Column("subject", String),
    Column("provider_session", String),
    Column("kept", LargeBinary),
    Index("console_sessions_by_subject", "subject"),
    Index("console_sessions_by_provider_session", "provider_session"),
)
"""``kept``: the provider's refresh and id tokens, under the master key. ``checked``: when it last vouched."""

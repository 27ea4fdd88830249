"""Signed heads: for each unit and day, how many rows its chain had and the last one's hash.

A head is made when the day is over; nothing is added to its chain from then on. Each names the unit's head
before it, so that a day cannot be taken out. Kept elsewhere (e-mailed, printed), heads show what the database
alone cannot: that its newest end, or all of it, was exchanged.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, select, update

from care.signing import local_day
from endpoint.audit.tables import audit_chains, audit_heads
from wire.errors import SignatureError
from wire.signature import Context, sign, verify

AFTER_MIDNIGHT = timedelta(hours=1)
"""How long after its end a day is closed: what was under way at midnight has been recorded by then."""
FIRST = bytes(32).hex()
"""What stands for the head before a unit's first."""


class Head(Struct, frozen=True):
    """What is signed, as JSON with its fields in this order."""

    unit: str
    number: int
    """Of the unit's heads, from 1."""
    day: str
    rows: int
    last: str
    """Hash of the last row, hexadecimal."""
    before: str
    """SHA-256 of the signed bytes of the unit's head before this one, hexadecimal."""
    made: datetime


class SignedHead(Struct, frozen=True):
    """A head's bytes and the endpoint's signature over exactly them (context ``rapp log head 1``)."""

    signed: bytes
    signature: bytes

    @property
    def head(self) -> Head:
        """Raises msgspec.DecodeError."""
        return msgspec.json.decode(self.signed, type=Head)

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.signed).hexdigest()

    def holds(self, publics: Sequence[bytes]) -> bool:
        """Whether one of the keys signed it."""
        for public in publics:
            try:
                verify(public, Context.LOG_HEAD, self.signature, self.signed)
            except SignatureError:
                continue
            return True
        return False


class _Line(Struct, frozen=True):
    signed: str
    signature: str


def line(one: SignedHead) -> str:
    """A head as one line of JSON: the signed text, and its signature in hexadecimal."""
    return msgspec.json.encode(_Line(one.signed.decode(), one.signature.hex())).decode()


def of_lines(lines: Iterable[str]) -> list[SignedHead]:
    """Heads from lines; empty ones are passed over. Raises ValueError naming the line."""
    found = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            read = msgspec.json.decode(text, type=_Line)
            one = SignedHead(read.signed.encode(), bytes.fromhex(read.signature))
            _ = one.head
        except (msgspec.DecodeError, ValueError) as error:
            raise ValueError(f"line {number}: not a head: {error}") from error
        found.append(one)
    return found


def make_due(connection: Connection, private: bytes, now: datetime) -> list[SignedHead]:
    """Sign the heads of all days that are over. Run it daily; run again it finds nothing to do.

    ``private``: the endpoint's Ed25519 key (`Keys.sign_private`).
    """
    today = local_day(now - AFTER_MIDNIGHT).isoformat()
    due = connection.execute(
        select(audit_chains)
        .where(audit_chains.c.closed.is_(False), audit_chains.c.day < today)
        .order_by(audit_chains.c.day, audit_chains.c.unit)
        .with_for_update()
    ).all()
    last = _last(connection, {row.unit for row in due})
    made: list[SignedHead] = []
    for row in due:
        number, before = last.get(row.unit, (0, FIRST))
        head = Head(row.unit, number + 1, row.day, row.number, row.hash.hex(), before, now)
        signed = msgspec.json.encode(head)
        one = SignedHead(signed, sign(private, Context.LOG_HEAD, signed))
        last[row.unit] = head.number, one.hash
        connection.execute(
            audit_heads.insert().values(
                unit=head.unit, number=head.number, day=head.day, signed=signed, signature=one.signature
            )
        )
        connection.execute(
            update(audit_chains)
            .where(audit_chains.c.day == row.day, audit_chains.c.unit == row.unit)
            .values(closed=True)
        )
        made.append(one)
    return made


def since(connection: Connection, day: date) -> list[SignedHead]:
    """The heads of a day and of those after it, by day and unit."""
    rows = connection.execute(
        select(audit_heads.c.signed, audit_heads.c.signature)
        .where(audit_heads.c.day >= day.isoformat())
        .order_by(audit_heads.c.day, audit_heads.c.unit)
    )
    return [SignedHead(row.signed, row.signature) for row in rows]


def _last(connection: Connection, units: set[str]) -> dict[str, tuple[int, str]]:
    """The newest head of each unit: its number and hash."""
    newest = (
        select(audit_heads.c.unit, func.max(audit_heads.c.number).label("number"))
        .where(audit_heads.c.unit.in_(units))
        .group_by(audit_heads.c.unit)
        .subquery()
    )
    rows = connection.execute(
        select(audit_heads.c.unit, audit_heads.c.number, audit_heads.c.signed).join(
            newest, (audit_heads.c.unit == newest.c.unit) & (audit_heads.c.number == newest.c.number)
        )
    )
    return {row.unit: (row.number, hashlib.sha256(row.signed).hexdigest()) for row in rows}

"""The protocol of a closed control: what was done, and nothing that tells of whom it was.

It has no care recipient and none of those who read: row numbers, signs, decisions, counts, the seed and the
heads of the log. Words that were written stay with the control. The endpoint signs the bytes.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from care.log_control import Count, Sizes
from care.log_signs import Sign
from care.signing import local_day
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.tables import audit_heads
from endpoint.keys import Keys
from endpoint.log_control.control import Control, Decision
from wire import signature
from wire.signature import Context


class By(Struct, frozen=True):
    """Who drew or closed the control."""

    name: str
    title: str


class ProtocolRow(Struct, frozen=True):
    number: int
    signs: tuple[Sign, ...]
    decision: Decision


class Head(Struct, frozen=True):
    """The signed head of a day of the unit's log: its number, and SHA-256 over its bytes (docs/audit.md)."""

    day: str
    number: int
    sha256: str


class Protocol(Struct, frozen=True, kw_only=True):
    format: int = 1
    id: str
    unit: str
    unit_name: str
    provider_name: str
    month: str | None
    since: datetime
    until: datetime
    drawn: datetime
    drawn_by: By
    closed: datetime
    closed_by: By
    method: int
    sizes: Sizes
    seed: str
    input: str
    draw: str
    lines: int
    occasions: int
    by_chance: int
    signs: tuple[Count, ...]
    rows: tuple[ProtocolRow, ...]
    decisions: dict[Decision, int]
    heads: tuple[Head, ...]


def protocol(
    connection: Connection, control: Control, drawn_by: StaffDocument | None, by: StaffDocument, now: datetime
) -> bytes:
    """The bytes of a control's protocol, JSON. Every row has been decided."""
    unit = documents.one(connection, UnitDocument, control.unit) or UnitDocument(id=control.unit)
    decided: list[Decision] = [one.decision for one in control.rows if one.decision]
    told = control.told
    return msgspec.json.encode(
        Protocol(
            id=control.id,
            unit=unit.id,
            unit_name=unit.name,
            provider_name=unit.provider_name,
            month=control.month,
            since=control.since,
            until=control.until,
            drawn=control.drawn,
            drawn_by=By(drawn_by.name, drawn_by.title) if drawn_by else By("", ""),
            closed=now,
            closed_by=By(by.name, by.title),
            method=control.method,
            sizes=control.known.sizes,
            seed=control.seed.hex(),
            input=control.input.hex(),
            draw=told.digest,
            lines=told.lines,
            occasions=told.occasions,
            by_chance=told.by_chance,
            signs=told.counts,
            rows=tuple(
                ProtocolRow(one.row.number, one.row.signs, one.decision)
                for one in control.rows
                if one.decision
            ),
            decisions=dict(sorted(Counter(decided).items())),
            heads=_heads(connection, control),
        )
    )


def read(text: bytes) -> Protocol:
    """A protocol from its bytes."""
    return msgspec.json.decode(text, type=Protocol)


def signed(keys: Keys, text: bytes) -> bytes:
    """The endpoint's signature over a protocol."""
    return signature.sign(keys.sign_private, Context.LOG_CONTROL, text)


def verify(public: bytes, text: bytes, by: bytes) -> None:
    """Raises SignatureError unless the endpoint whose key it is signed these bytes."""
    signature.verify(public, Context.LOG_CONTROL, by, text)


def fingerprint(text: bytes) -> str:
    """Hex SHA-256 over a protocol's bytes, as it stands on the printed one."""
    return hashlib.sha256(text).hexdigest()


class Signed(Struct, frozen=True):
    """A protocol on its way out: its bytes, and the endpoint's signature over them with its public key."""

    protocol: bytes
    signature: bytes
    public: bytes


def with_signature(control: Control, keys: Keys) -> bytes:
    """A closed control's protocol with its signature, JSON; bytes in base64."""
    return msgspec.json.encode(Signed(control.protocol or b"", control.signature or b"", keys.sign_public))


def as_csv(told: Protocol, said: Callable[[str], str]) -> str:
    """The rows for a spreadsheet. `said` gives the words of ``sign.<sign>`` and ``decision.<decision>``."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([said(f"csv.{name}") for name in ("row", "unit", "signs", "decision")])
    for row in told.rows:
        signs = ", ".join(said(f"sign.{sign}") for sign in row.signs) or said("sign.random")
        writer.writerow([row.number, told.unit_name, signs, said(f"decision.{row.decision}")])
    # The mark by which spreadsheets know UTF-8.
    return "\ufeff" + out.getvalue()


def _heads(connection: Connection, control: Control) -> tuple[Head, ...]:
    c = audit_heads.c
    first, last = (
        local_day(at).isoformat() for at in (control.since, control.until - timedelta(microseconds=1))
    )
    found = connection.execute(
        select(c.day, c.number, c.signed)
        .where(c.unit == control.unit, c.day >= first, c.day <= last)
        .order_by(c.number)
    )
    return tuple(Head(row.day, row.number, hashlib.sha256(row.signed).hexdigest()) for row in found)

"""Delegeringar: the register with what ends first, and the yearly review."""

import re
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from care import delegation_review
from care.delegation import DelegationDocument, StateAt
from care.delegation_review import OPEN
from care.rights import Act
from care.signing import Done, Used
from care.staff import StaffDocument
from endpoint import documents, occasions
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database

TONES: dict[StateAt, tuple[str, str]] = {
    "valid": ("done", "done"),
    "issued": ("accent", "clock"),
    "coming": ("quiet", "calendar"),
    "declined": ("late", "cross"),
    "revoked": ("late", "block"),
    "used": ("quiet", "done"),
    "expired": ("quiet", "clock"),
}
"""The tone and the icon of each state; its word is ``delegation.state.<state>``."""

_UUID = re.compile(r"[0-9a-f-]{36}")


class Row(Struct, frozen=True):
    """One delegation as the register shows it."""

    delegation: DelegationDocument
    holder: StaffDocument | None
    issuer: StaffDocument | None
    state: StateAt
    left: int | None
    warned: int | None
    used: Done | None = None
    """What used it up, of one for one occasion."""

    @property
    def open(self) -> bool:
        return self.state in OPEN


class Register(Struct, frozen=True):
    open: list[Row]
    """In force, waiting for an answer or coming: what ends first, first."""
    over: list[Row]
    """Used, ended, declined or revoked, the latest first."""


async def register(database: Database, reader: Reader, units: Iterable[str]) -> Register:
    """The delegations for any of some units, the expiring ones first."""
    here = set(units)
    found = [
        one for one in await documents.of_kind(database, DelegationDocument) if not here.isdisjoint(one.units)
    ]
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    spent = await database.read(lambda connection: occasions.used(connection, found, reader.now))
    rows = [row_of(one, staff, reader.now, spent) for one in found if one.issuer]
    return Register(
        open=sorted((row for row in rows if row.open), key=_ends),
        over=sorted((row for row in rows if not row.open), key=_ends, reverse=True),
    )


async def ending(database: Database, reader: Reader, units: Iterable[str]) -> int:
    """How many of those that the reader has issued end within two weeks."""
    found = await register(database, reader, units)
    return sum(row.warned in (1, 14) and row.delegation.issuer == reader.staff.id for row in found.open)


def row_of(one: DelegationDocument, staff: dict[str, StaffDocument], now: datetime, used: Used) -> Row:
    spent = used.get(one.id)
    return Row(
        one,
        staff.get(one.holder),
        staff.get(one.issuer),
        one.state_at(now, spent is not None),
        one.days_left(now),
        one.warned(now),
        spent,
    )


def _ends(row: Row) -> tuple[float, str]:
    one = row.delegation
    return (one.end.timestamp() if one.end else 0.0, one.id)


async def opened(database: Database, reader: Reader, id: str) -> DelegationDocument:
    """A delegation for a unit whose register the reader reads. Raises NoSuchPage."""
    found = await documents.get(database, DelegationDocument, id) if _UUID.fullmatch(id) else None
    if found is None or not any(reader.may(Act.DELEGATION_READ, unit) for unit in found.units):
        raise NoSuchPage(id)
    return found


def may_review(reader: Reader, one: DelegationDocument) -> bool:
    """Whether the reader could have issued it."""
    return delegation_review.may_review(
        one, {unit: reader.staff.roles_in(unit, reader.day) for unit in one.units}
    )


def may_revoke(reader: Reader, one: DelegationDocument) -> bool:
    """Whether the reader may say that it is unsafe: whoever is legitimerad where it is used, MAS and MAR."""
    return any(reader.may(Act.DELEGATION_REVOKE, unit) for unit in one.units)


async def mine(database: Database, reader: Reader, id: str, revoking: bool = False) -> DelegationDocument:
    """A delegation that is the reader's to review, or to revoke. Raises NoSuchPage or NotYours."""
    found = await opened(database, reader, id)
    if not (may_revoke if revoking else may_review)(reader, found):
        raise NotYours(id)
    return found


class ToReview(Struct, frozen=True):
    row: Row
    due: datetime
    issuer_left: bool


def to_review(rows: Iterable[Row], now: datetime) -> list[ToReview]:
    """What is in force and is to be reviewed, the earliest first: soon, or because its issuer has left."""
    found = [
        ToReview(row, due.at, due.issuer_left)
        for row in rows
        if (due := delegation_review.due(row.delegation, row.issuer, now))
    ]
    return sorted(found, key=lambda one: (not one.issuer_left, one.due, one.row.delegation.id))

"""What a draw is made from: the log's rows of a period, and what is known of those who stand in them."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from care.facts import ENDPOINT
from care.log_control import Month, Sizes, canonical
from care.log_likeness import likeness
from care.log_occasions import WRITE, Line
from care.log_signs import Worker, Wrote
from care.person import PersonDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import rows
from endpoint.audit.tables import audit

_AT_ONCE = 500
"""Ids in one question; SQLite takes no more than so many thousand."""


class Known(Struct, frozen=True, kw_only=True):
    """What a draw knew beside the log, as it was then: names and roles change, a draw must not."""

    start: date
    end: date
    workers: tuple[Worker, ...]
    protected: tuple[str, ...]
    sizes: Sizes


def lines(connection: Connection, unit: str, since: datetime, until: datetime) -> tuple[Line, ...]:
    """What the log recorded of a unit's persons in a period. By the time of recording: none comes later."""
    found = rows(connection, units=[unit], since=since, until=until)
    return tuple(
        Line(
            at=one.at,
            staff=one.staff,
            unit=one.unit,
            person=one.person,
            act=one.act,
            what=one.what,
            device=one.device,
            role=one.role,
            law=one.law,
            reason=one.reason,
            ref=one.ref,
        )
        for one in found
        if one.person and one.staff not in ("", ENDPOINT)
    )


def known_now(
    connection: Connection, found: Iterable[Line], unit: UnitDocument, start: date, end: date
) -> Known:
    """Staff and persons of some lines as they are now."""
    several = list(found)
    staff = {one.id: one for one in _documents(connection, StaffDocument, {one.staff for one in several})}
    persons = _documents(connection, PersonDocument, {one.person for one in several})
    met = {(line.staff, line.person) for line in several}
    workers = []
    for id in sorted({one.staff for one in several}):
        worker = staff.get(id)
        if worker is None:
            workers.append(Worker(id=id))
            continue
        like = likeness(worker, [one for one in persons if (id, one.id) in met])
        workers.append(Worker(id=id, roles=tuple(worker.roles), like=like))
    return Known(
        start=start,
        end=end,
        workers=tuple(workers),
        protected=tuple(sorted(one.id for one in persons if one.protected)),
        sizes=Sizes(
            random_least=unit.settings.log_control_least, random_percent=unit.settings.log_control_percent
        ),
    )


def month_of(
    connection: Connection, unit: str, found: tuple[Line, ...], known: Known, since: datetime, until: datetime
) -> Month:
    """The whole input of a draw."""
    return Month(
        unit=unit,
        start=known.start,
        end=known.end,
        lines=found,
        workers=known.workers,
        protected=known.protected,
        wrote=_wrote(connection, {one.staff for one in found}, since, until),
        sizes=known.sizes,
    )


def digest(month: Month) -> bytes:
    """SHA-256 over the input."""
    return hashlib.sha256(canonical(month)).digest()


def _wrote(connection: Connection, staff: set[str], since: datetime, until: datetime) -> tuple[Wrote, ...]:
    """When they wrote anything, in whichever unit."""
    c = audit.c
    query = (
        select(c.staff, c.at)
        .distinct()
        .where(c.act == WRITE, c.staff.in_(staff), c.recorded >= since, c.recorded < until)
    )
    return tuple(sorted(Wrote(row.staff, row.at) for row in connection.execute(query)))


def _documents(
    connection: Connection, kind: type[documents.DocumentT], ids: set[str]
) -> list[documents.DocumentT]:
    wanted = sorted(ids)
    return [
        one
        for at in range(0, len(wanted), _AT_ONCE)
        for one in documents.some(connection, kind, wanted[at : at + _AT_ONCE])
    ]

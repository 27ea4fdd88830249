"""Drawing a control, and drawing it again to see that nothing was chosen by hand."""

import secrets
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from care.log_control import METHOD, Row, Sample, draw
from care.signing import local_day
from care.unit import UnitDocument
from endpoint.audit.heads import AFTER_MIDNIGHT
from endpoint.database import insert_once
from endpoint.log_control import months
from endpoint.log_control.control import Told, get, of_month
from endpoint.log_control.errors import NotOver
from endpoint.log_control.known import digest, known_now, lines, month_of
from endpoint.log_control.tables import log_control_rows, log_controls

EXTRA_DAYS = (7, 30, 90)
"""How far back an extra control may look."""
_SETTLED = timedelta(minutes=5)
"""An extra control ends so long ago: what is being recorded at this moment is in the next one."""


class Redrawn(Struct, frozen=True):
    """Whether a control can be drawn again. ``log``: the input is what it was; ``draw``: so are the rows."""

    log: bool
    draw: bool
    rows: int

    @property
    def same(self) -> bool:
        return self.log and self.draw


class Drawn(Struct, frozen=True):
    """A draw that is not kept yet."""

    control: dict[str, Any]
    rows: tuple[Row, ...]


def draw_month(
    connection: Connection, unit: UnitDocument, month: date, by: str, now: datetime, seed: bytes | None = None
) -> Drawn:
    """Draw a unit's control of a month that has ended. Reads alone; a large unit takes seconds."""
    since, until = months.period(month)
    if until + AFTER_MIDNIGHT > now:
        raise NotOver(months.name(month))
    return _draw(connection, unit, months.name(month), since, until, by, now, seed)


def draw_extra(
    connection: Connection, unit: UnitDocument, days: int, by: str, now: datetime, seed: bytes | None = None
) -> Drawn:
    """Draw a control beside the monthly ones, of the last days."""
    since = months.midnight(local_day(now) - timedelta(days=days))
    return _draw(connection, unit, None, since, now - _SETTLED, by, now, seed)


def keep(connection: Connection, drawn: Drawn) -> str:
    """Keep a draw and give its id. A month that somebody else drew first keeps theirs, and gives its id."""
    unit, month = drawn.control["unit"], drawn.control["month"]
    id: str = drawn.control["id"]
    connection.execute(insert_once(connection, log_controls), drawn.control)
    # Not by the count of rows: a driver need not tell it. Whoever was first stands there.
    there = of_month(connection, unit, month) if month else id
    if there and there != id:
        return there
    if drawn.rows:
        connection.execute(
            log_control_rows.insert(),
            [
                {"control": id, "number": row.number, "row": msgspec.json.encode(row), "note": ""}
                for row in drawn.rows
            ],
        )
    return id


def redraw(connection: Connection, id: str) -> Redrawn:
    """Draw a control again from the log, what was known then, and its seed. Raises NoSuchControl."""
    control = get(connection, id)
    found = lines(connection, control.unit, control.since, control.until)
    month = month_of(connection, control.unit, found, control.known, control.since, control.until)
    again = draw(month, control.seed)
    same = again.digest == control.told.digest and again.rows == tuple(one.row for one in control.rows)
    return Redrawn(digest(month) == control.input, same and control.method == METHOD, len(again.rows))


def _draw(
    connection: Connection,
    unit: UnitDocument,
    month: str | None,
    since: datetime,
    until: datetime,
    by: str,
    now: datetime,
    seed: bytes | None,
) -> Drawn:
    # Made only now: nobody knows before which rows it will choose.
    seed = seed or secrets.token_bytes(32)
    found = lines(connection, unit.id, since, until)
    ends = local_day(until - timedelta(microseconds=1)) + timedelta(days=1)
    known = known_now(connection, found, unit, local_day(since), ends)
    made_from = month_of(connection, unit.id, found, known, since, until)
    sample = draw(made_from, seed)
    control = {
        "id": str(uuid.uuid4()),
        "unit": unit.id,
        "month": month,
        "since": since,
        "until": until,
        "drawn": now,
        "drawn_by": by,
        "method": METHOD,
        "seed": seed,
        "known": msgspec.json.encode(known),
        "input": digest(made_from),
        "told": msgspec.json.encode(_told(sample)),
    }
    return Drawn(control, sample.rows)


def _told(sample: Sample) -> Told:
    return Told(
        lines=sample.lines,
        occasions=sample.occasions,
        by_chance=sample.by_chance,
        counts=sample.counts,
        digest=sample.digest,
    )

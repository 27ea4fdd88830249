"""One control and its rows, as they are kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from care.log_control import Count, Row
from endpoint.log_control.errors import NoSuchControl
from endpoint.log_control.known import Known
from endpoint.log_control.tables import log_control_rows, log_controls

Decision = Literal["entitled", "investigate", "handed"]
"""entitled: behörig · investigate: behöver utredas · handed: the judge's own reading, left to the MAS."""


class Told(Struct, frozen=True, kw_only=True):
    """What a draw came to, beside its rows. ``digest``: of the rows, to compare another draw with."""

    lines: int
    occasions: int
    by_chance: int
    counts: tuple[Count, ...]
    digest: str


class Judged(Struct, frozen=True):
    """A row, and what was decided of it."""

    row: Row
    decision: Decision | None
    note: str
    decided: datetime | None
    decided_by: str | None

    @property
    def explained(self) -> bool:
        """Whether care within the hour explains it, and no sign asks for more than that."""
        return bool(self.row.care) and not set(self.row.signs) - {"night", "day_off", "former", "protected"}


class Control(Struct, frozen=True, kw_only=True):
    id: str
    unit: str
    month: str | None
    since: datetime
    until: datetime
    drawn: datetime
    drawn_by: str
    method: int
    seed: bytes
    known: Known
    input: bytes
    told: Told
    closed: datetime | None
    closed_by: str | None
    protocol: bytes | None
    signature: bytes | None
    rows: tuple[Judged, ...]

    @property
    def decided(self) -> int:
        return sum(one.decision is not None for one in self.rows)

    def row(self, number: int) -> Judged:
        """Raises NoSuchControl when there is none of that number."""
        if not 1 <= number <= len(self.rows):
            raise NoSuchControl(f"{self.id} has no row {number}")
        return self.rows[number - 1]

    def next_undecided(self, after: int = 0) -> int | None:
        """The first row that nobody has judged after a number, else from the beginning."""
        left = [one.row.number for one in self.rows if one.decision is None]
        return next((number for number in left if number > after), left[0] if left else None)


def get(connection: Connection, id: str, lock: bool = False) -> Control:
    """One control with its rows. ``lock``: for changing it. Raises NoSuchControl."""
    query = select(log_controls).where(log_controls.c.id == id)
    found = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if found is None:
        raise NoSuchControl(id)
    rows = connection.execute(
        select(log_control_rows).where(log_control_rows.c.control == id).order_by(log_control_rows.c.number)
    )
    return _control(dict(found), tuple(_judged(row) for row in rows))


def of_month(connection: Connection, unit: str, month: str) -> str | None:
    """The id of a unit's control of a month."""
    c = log_controls.c
    return connection.scalar(select(c.id).where(c.unit == unit, c.month == month))


class Brief(Struct, frozen=True):
    """A control in a list."""

    id: str
    unit: str
    month: str | None
    drawn: datetime
    closed: datetime | None


def recent(connection: Connection, units: Collection[str], most: int = 24) -> list[Brief]:
    """The latest controls of some units."""
    c = log_controls.c
    query = select(c.id, c.unit, c.month, c.drawn, c.closed).where(c.unit.in_(list(units)))
    return [Brief(*row) for row in connection.execute(query.order_by(c.drawn.desc(), c.id).limit(most))]


def _control(found: dict[str, Any], rows: tuple[Judged, ...]) -> Control:
    found["known"] = msgspec.json.decode(found["known"], type=Known)
    found["told"] = msgspec.json.decode(found["told"], type=Told)
    return Control(**found, rows=rows)


def _judged(row: Any) -> Judged:
    return Judged(msgspec.json.decode(row.row, type=Row), row.decision, row.note, row.decided, row.decided_by)

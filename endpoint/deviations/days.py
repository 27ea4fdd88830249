"""Vårddygn: how many person-days of care a unit gave in a month, for rates per 1,000."""

import calendar
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from endpoint.database import insert_once
from endpoint.deviations.schema import care_days

MOST = 100_000
"""More person-days a month than any unit gives: a slip of the finger."""


def months(first: date, last: date) -> list[str] | None:
    """The months of a period; None: it does not consist of whole months."""
    ends = calendar.monthrange(last.year, last.month)[1]
    if first.day != 1 or last.day != ends or last < first:
        return None
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        f"{first.year + at // 12}-{at % 12 + 1:02}" for at in range(first.month - 1, first.month - 1 + count)
    ]


def of_period(
    connection: Connection, units: Collection[str], first: date | None, last: date | None
) -> dict[str, int]:
    """The person-days of every unit that has them for each month of the period."""
    wanted = months(first, last) if first and last else None
    if not wanted:
        return {}
    c = care_days.c
    query = select(c.unit, c.days).where(c.unit.in_(list(units)), c.month.between(wanted[0], wanted[-1]))
    found: dict[str, list[int]] = {}
    for unit, days in connection.execute(query):
        found.setdefault(unit, []).append(days)
    return {unit: sum(days) for unit, days in found.items() if len(days) == len(wanted)}


def of_year(connection: Connection, units: Sequence[str], year: int) -> dict[tuple[str, str], int]:
    """What is known, by unit and month."""
    c = care_days.c
    query = select(c.unit, c.month, c.days).where(
        c.unit.in_(units), c.month.between(f"{year:04}-01", f"{year:04}-12")
    )
    return {(row.unit, row.month): row.days for row in connection.execute(query)}


def put(connection: Connection, values: Mapping[tuple[str, str], int | None], by: str, now: datetime) -> None:
    """Set what is known of units' months; None: it is not."""
    for (unit, month), days in values.items():
        own = (care_days.c.unit == unit) & (care_days.c.month == month)
        if days is None:
            connection.execute(care_days.delete().where(own))
            continue
        row = {"unit": unit, "month": month, "days": days, "set_by": by, "set_at": now}
        connection.execute(insert_once(connection, care_days), row)
        connection.execute(care_days.update().where(own, care_days.c.days != days).values(row))

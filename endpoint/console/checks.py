"""Egenkontroll: a unit's year at a glance, what waits to be done, and how all the units stand."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import Connection, select

from care.check import CheckDocument, CheckPlanned, CheckResultDocument
from care.check_calendar import Checkpoint, Due, checkpoints, due, waiting
from care.rights import Act, Role
from care.signing import local_day
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.log_control import months
from endpoint.log_control.tables import log_controls
from endpoint.yearly import year as days_of

TONES = {
    "done": ("done", "done"),
    "ahead": ("quiet", "calendar"),
    "soon": ("accent", "clock"),
    "due": ("late", "clock"),
    "overdue": ("late", "warning"),
    "missed": ("quiet", "cross"),
}
"""The tone and the icon of each state; its word is `console.checks.state.<state>`."""

LOG_CONTROL = "log_control"
"""The page on which logs are controlled."""

_BACK = timedelta(days=3 * 366)
_AHEAD = timedelta(days=120)
"""The longest interval and the longest reminder that the console offers."""

ROLES = (
    Role.NURSE,
    Role.UNIT_MANAGER,
    Role.PHYSIOTHERAPIST,
    Role.OCCUPATIONAL_THERAPIST,
    Role.MAS,
    Role.MAR,
    Role.SAS,
)
"""Who may answer for a check: the roles that may do one."""


class Task(Struct, frozen=True):
    """A check that waits to be done."""

    check: CheckDocument
    unit: UnitDocument
    point: Checkpoint

    @property
    def path(self) -> str:
        return path_of(self.point.due)


class Row(Struct, frozen=True):
    """One check in a unit's year: what is due in each month."""

    check: CheckDocument
    plan: CheckPlanned
    months: tuple[tuple[Checkpoint, ...], ...]

    @property
    def points(self) -> list[Checkpoint]:
        return [point for month in self.months for point in month]


class Standing(Struct, frozen=True):
    """How one check stands in one unit this year: `worst` is what most needs doing."""

    done: int
    past: int
    worst: Checkpoint | None


def path_of(one: Due) -> str:
    """The page on which a check is done and its result is read."""
    if one.version.page:
        return f"/console/{one.version.page}"
    return f"/console/checks/results/{one.plan}/{one.unit}/{one.day.isoformat()}"


async def plans(database: Database, units: Collection[str]) -> list[CheckDocument]:
    """The plans that are or were for any of the units, by title."""
    found = [
        one
        for one in await documents.of_kind(database, CheckDocument)
        if one.plan and not one.units.isdisjoint(units)
    ]
    return sorted(found, key=lambda one: one.plan.title if one.plan else "")


async def results(database: Database, dues: Iterable[Due]) -> dict[str, CheckResultDocument]:
    """What has come of some checks, by the id of each."""
    wanted = list(dues)
    ids = [one.id for one in wanted]

    def some(connection: Connection) -> list[CheckResultDocument]:
        # Databases take so many values in a question and no more.
        cut = [ids[at : at + 5000] for at in range(0, len(ids), 5000)]
        found = [one for part in cut for one in documents.some(connection, CheckResultDocument, part)]
        return found + _log_controls(connection, wanted)

    return {one.id: one for one in await database.read(some)} if ids else {}


def _log_controls(connection: Connection, dues: Iterable[Due]) -> list[CheckResultDocument]:
    """Log controls are done on their own page: one is done when the control of the month before is closed."""
    wanted = {(one.unit, _month_before(one.day)): one for one in dues if one.version.page == LOG_CONTROL}
    if not wanted:
        return []
    c = log_controls.c
    query = select(c.unit, c.month, c.closed).where(
        c.closed.is_not(None), c.unit.in_({unit for unit, _ in wanted}), c.month.in_({m for _, m in wanted})
    )
    return [
        CheckResultDocument(id=one.id, unit=row.unit, plan=one.plan, due=one.day, done=local_day(row.closed))
        for row in connection.execute(query)
        if (one := wanted.get((row.unit, row.month)))
    ]


def _month_before(day: date) -> str:
    return months.name(months.before(day, 1)[0])


async def tasks(
    database: Database, reader: Reader, roles: Mapping[str, Collection[Role]] | None = None
) -> list[Task]:
    """What waits in the reader's units, longest overdue first. `roles`: only what is for these, by unit."""
    units = {unit.id: unit for unit in reader.units_for(Act.CHECK_DO)}
    start, end = reader.day - _BACK, reader.day + _AHEAD
    wanted: list[tuple[CheckDocument, str]] = []
    for check in await plans(database, units):
        for unit in check.units & units.keys():
            if roles is None or (check.plan and check.plan.role in roles.get(unit, ())):
                wanted.append((check, unit))
    near = [one for check, unit in wanted for one in _near(check, unit, start, end, reader.day)]
    known = await results(database, near)
    found = [
        Task(check, units[unit], point)
        for check, unit in wanted
        for point in waiting(checkpoints(check, unit, start, end, known, reader.day))
    ]
    return sorted(found, key=lambda one: (one.point.due.day, one.unit.name, one.point.due.version.title))


def _near(check: CheckDocument, unit: str, start: date, end: date, today: date) -> list[Due]:
    """Those of which the result can matter: what came due last, and what waits already."""
    planned = due(check, unit, start, end)
    past = [one for one in planned if one.day <= today]
    return past[-1:] + [one for one in planned if one.day > today and one.remind <= today]


async def mine(database: Database, reader: Reader) -> list[Task]:
    """What waits for the reader, in the roles that they hold where they hold them."""
    roles = {unit.id: reader.staff.roles_in(unit.id, reader.day) for unit in reader.mine}
    return await tasks(database, reader, roles)


async def to_do(database: Database, reader: Reader) -> int:
    """How many wait for the reader. What is done on a page of its own is counted there."""
    return sum(not one.point.due.version.page for one in await mine(database, reader))


async def year_of(database: Database, reader: Reader, unit: UnitDocument, year: int) -> list[Row]:
    """A unit's year: one row for each check that has anything due in it."""
    start, end = days_of(year)
    every = await plans(database, {unit.id})
    dues = {check.id: due(check, unit.id, start, end) for check in every}
    known = await results(database, [one for found in dues.values() for one in found])
    rows = []
    for check in every:
        points = checkpoints(check, unit.id, start, end, known, reader.day)
        if points:
            months = tuple(
                tuple(point for point in points if point.due.day.month == month) for month in range(1, 13)
            )
            rows.append(Row(check, points[-1].due.version, months))
    return rows


async def overview(
    database: Database, reader: Reader, units: Collection[UnitDocument], year: int
) -> list[tuple[CheckDocument, CheckPlanned, list[Standing | None]]]:
    """How each check stands in each unit; None where it is not due this year."""
    start, end = days_of(year)
    every = await plans(database, {unit.id for unit in units})
    dues = [one for check in every for unit in units for one in due(check, unit.id, start, end)]
    known = await results(database, dues)
    table = []
    for check in every:
        standings = [_standing(checkpoints(check, unit.id, start, end, known, reader.day)) for unit in units]
        if check.plan and any(standings):
            table.append((check, check.plan, standings))
    return table


_WORST = ("overdue", "due", "missed", "soon", "ahead", "done")


def _standing(points: list[Checkpoint]) -> Standing | None:
    if not points:
        return None
    past = [one for one in points if one.state in ("done", "overdue", "missed")]
    worst = min(points, key=lambda one: _WORST.index(one.state))
    return Standing(sum(one.state == "done" for one in past), len(past), worst)

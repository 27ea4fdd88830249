"""What is to be controlled, what is begun, what is done: per unit and month, never per employee."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, and_, exists, func, literal, select, union_all

from care.signing import local_day
from care.unit import UnitDocument
from endpoint.audit.tables import audit
from endpoint.log_control import months
from endpoint.log_control.tables import log_control_rows, log_control_steps, log_controls

State = Literal["nothing", "not_done", "overdue", "begun", "begun_overdue", "done"]
"""nothing: nobody read anything of the unit's persons that month, so there is nothing to control."""
SHOWN = 6
"""Months back in the overview."""
REMINDED = 3
"""Months back that a chief is reminded of."""


class Standing(Struct, frozen=True, kw_only=True):
    """How one unit's control of one month stands."""

    unit: UnitDocument
    month: str
    state: State
    due: date
    control: str | None = None
    rows: int = 0
    decided: int = 0
    investigate: int = 0
    """Rows that needed investigation, or were left to the MAS, once it is closed."""

    @property
    def left(self) -> bool:
        return self.state not in ("nothing", "done")

    @property
    def overdue(self) -> bool:
        return self.state in ("overdue", "begun_overdue")


def standings(
    connection: Connection, units: Sequence[UnitDocument], now: datetime, back: int = SHOWN
) -> list[Standing]:
    """Every unit's months, the latest month first."""
    found = months.over(now, back)
    ids = [unit.id for unit in units]
    controls = _controls(connection, ids, [months.name(month) for month in found])
    anything = _anything(connection, ids, found)
    return [
        _standing(unit, month, controls.get((unit.id, months.name(month))), (unit.id, month) in anything, now)
        for month in found
        for unit in units
    ]


def begun(found: Sequence[Standing]) -> list[Standing]:
    """Without the months before anybody read anything: there is no more to say of them."""
    there = {one.month for one in found if one.state != "nothing"}
    return [one for one in found if there and one.month >= min(there)]


def reminders(connection: Connection, units: Sequence[UnitDocument], now: datetime) -> list[Standing]:
    """What a chief of these units still has to do, the oldest first."""
    return [one for one in reversed(standings(connection, units, now, REMINDED)) if one.left]


def _standing(
    unit: UnitDocument, month: date, control: "_Found | None", anything: bool, now: datetime
) -> Standing:
    due = months.due(month, unit.settings.log_control_day)
    late = local_day(now) > due
    name = months.name(month)
    if control is None:
        state: State = "nothing" if not anything else "overdue" if late else "not_done"
        return Standing(unit=unit, month=name, state=state, due=due)
    begun: State = "begun_overdue" if late else "begun"
    return Standing(
        unit=unit,
        month=name,
        state="done" if control.closed else begun,
        due=due,
        control=control.id,
        rows=control.rows,
        decided=control.decided,
        investigate=control.investigate if control.closed else 0,
    )


class _Found(Struct, frozen=True):
    id: str
    closed: bool
    rows: int
    decided: int
    investigate: int


def _controls(
    connection: Connection, units: Collection[str], names: Collection[str]
) -> dict[tuple[str, str], _Found]:
    c, r = log_controls.c, log_control_rows.c
    judged = func.count(r.number).filter(r.decision.in_(["investigate", "handed"]))
    query = (
        select(c.id, c.unit, c.month, c.closed, func.count(r.number), func.count(r.decision), judged)
        .select_from(log_controls.outerjoin(log_control_rows, r.control == c.id))
        .where(c.unit.in_(units), c.month.in_(names))
        .group_by(c.id, c.unit, c.month, c.closed)
    )
    return {
        (unit, month): _Found(id, closed is not None, rows, decided, investigate)
        for id, unit, month, closed, rows, decided, investigate in connection.execute(query)
    }


def _anything(
    connection: Connection, units: Collection[str], wanted: Sequence[date]
) -> set[tuple[str, date]]:
    """Which units have rows recorded in which months: one question, answered by the log's own order."""
    a = audit.c
    asked = []
    for month in wanted:
        since, until = months.period(month)
        for unit in units:
            days = and_(a.day >= months.name(month), a.recorded >= since, a.recorded < until)
            there = exists().where(a.unit == unit, days, a.person != "")
            asked.append(
                select(literal(unit).label("unit"), literal(month.isoformat()).label("month")).where(there)
            )
    return {
        (row.unit, date.fromisoformat(row.month))
        for at in range(0, len(asked), 200)
        for row in connection.execute(union_all(*asked[at : at + 200]))
    }


def open_cases(connection: Connection, units: Collection[str], handed: bool = False) -> int:
    """How many rows are still being looked into. ``handed``: only those that were left to the MAS."""
    c, r, s = log_controls.c, log_control_rows.c, log_control_steps.c
    ended = exists().where(s.control == r.control, s.row == r.number, s.step == "closed")
    given = exists().where(s.control == r.control, s.row == r.number, s.step == "handed_over")
    query = (
        select(func.count())
        .select_from(log_control_rows.join(log_controls, c.id == r.control))
        .where(c.unit.in_(units), c.closed.is_not(None), r.decision.in_(["investigate", "handed"]), ~ended)
    )
    if handed:
        query = query.where((r.decision == "handed") | given)
    return connection.scalar(query) or 0

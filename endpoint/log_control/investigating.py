"""Rows that needed investigation: open, told to HR or the MAS, closed with an outcome, step by step."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, func, select

from endpoint.log_control.control import Judged, get
from endpoint.log_control.errors import AlreadyClosed, NoteNeeded, OwnReading
from endpoint.log_control.tables import log_control_steps, log_controls

Step = Literal["opened", "told_hr", "told_mas", "handed_over", "noted", "closed"]
"""told: informed · handed_over: left to the MAS or verksamhetschef."""
STEPS: tuple[Step, ...] = ("told_hr", "told_mas", "handed_over", "noted")
OUTCOMES = ("entitled", "routine", "talk", "report", "other")
"""In order after all · routine made clear · talked through · reported on (avvikelse or further) · other."""
NOTE_MOST = 2000


class Taken(Struct, frozen=True):
    at: datetime
    by: str
    step: Step
    outcome: str
    note: str


class Case(Struct, frozen=True):
    """One row that needed investigation."""

    control: str
    unit: str
    month: str | None
    judged: Judged
    steps: tuple[Taken, ...]

    @property
    def state(self) -> Literal["open", "told", "closed"]:
        if any(one.step == "closed" for one in self.steps):
            return "closed"
        return (
            "told"
            if any(one.step in ("told_hr", "told_mas", "handed_over") for one in self.steps)
            else "open"
        )

    @property
    def handed(self) -> bool:
        """Whether it has been left to the MAS."""
        return self.judged.decision == "handed" or any(one.step == "handed_over" for one in self.steps)


def begin(connection: Connection, control: str, row: int, by: str, now: datetime, note: str) -> None:
    """Open the case of a row, when its control is closed."""
    _add(connection, control, row, Taken(now, by, "opened", "", note))


def add(
    connection: Connection,
    control: str,
    row: int,
    step: Step,
    note: str,
    by: str,
    now: datetime,
    outcome: str = "",
) -> None:
    """Take a step. Raises AlreadyClosed, OwnReading; NoteNeeded: what is said or the outcome is missing."""
    get(connection, control, lock=True)
    case = one(connection, control, row)
    if case.state == "closed":
        raise AlreadyClosed(f"{control} row {row}")
    if case.judged.row.occasion.staff == by:
        raise OwnReading(f"{control} row {row}")
    words = note.strip()[:NOTE_MOST]
    if (step in ("noted", "handed_over", "closed") and not words) or (
        step == "closed" and outcome not in OUTCOMES
    ):
        raise NoteNeeded(f"{control} row {row}")
    _add(connection, control, row, Taken(now, by, step, outcome if step == "closed" else "", words))


def one(connection: Connection, control: str, row: int) -> Case:
    """The case of a row. Raises NoSuchControl."""
    whole = get(connection, control)
    judged = whole.row(row)
    found = [
        case
        for case in of_units(connection, [whole.unit])
        if (case.control, case.judged.row.number) == (control, row)
    ]
    return found[0] if found else Case(control, whole.unit, whole.month, judged, ())


def of_units(connection: Connection, units: Collection[str]) -> list[Case]:
    """Every case of some units, the open ones first, then the latest."""
    c = log_controls.c
    steps: dict[tuple[str, int], list[Taken]] = defaultdict(list)
    s = log_control_steps.c
    taken = connection.execute(
        select(log_control_steps)
        .join(log_controls, c.id == s.control)
        .where(c.unit.in_(list(units)))
        .order_by(s.control, s.row, s.number)
    )
    for step in taken:
        steps[step.control, step.row].append(Taken(step.at, step.by, step.step, step.outcome, step.note))
    found = []
    for control in sorted({control for control, _ in steps}):
        whole = get(connection, control)
        found += [
            Case(control, whole.unit, whole.month, whole.row(row), tuple(steps[control, row]))
            for named, row in steps
            if named == control
        ]
    order = ("open", "told", "closed")
    return sorted(found, key=lambda case: (order.index(case.state), -case.steps[0].at.timestamp()))


def _add(connection: Connection, control: str, row: int, step: Taken) -> None:
    s = log_control_steps.c
    last = connection.scalar(select(func.max(s.number)).where(s.control == control, s.row == row))
    values = {"control": control, "row": row, "number": (last or 0) + 1}
    connection.execute(
        log_control_steps.insert(),
        {
            **values,
            "at": step.at,
            "by": step.by,
            "step": step.step,
            "outcome": step.outcome,
            "note": step.note,
        },
    )

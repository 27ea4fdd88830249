"""Who of a unit may do which kind of task now: by profession, or on a delegation."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from care.delegation import DelegationDocument
from care.staff import StaffDocument
from care.tasks import TASKS, own_task

AT_WORK = timedelta(hours=12)
"""Who has signed something within this is taken to be at work."""
Reach = Literal["own", "all", "some"]
"""Of their profession; for everybody in the unit; for named persons alone."""


def able(staff: StaffDocument, unit: str, day: date, held: Iterable[DelegationDocument]) -> dict[str, Reach]:
    """The kinds of task that somebody may do, each with for whom. `held`: the delegations that hold now."""
    roles = staff.roles_in(unit, day)
    tasks: dict[str, Reach] = {task: "own" for task in TASKS if own_task(roles, task)}
    for one in held:
        for task in one.tasks if one.holder == staff.id else ():
            if tasks.get(task) not in ("own", "all"):
                tasks[task] = "some" if one.persons else "all"
    return tasks

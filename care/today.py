"""Idag: what is to be done now in a unit, late before now before later."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from care.delegation import DelegationDocument
from care.dose import DoseDocument
from care.errors import ScheduleError
from care.order import OrderDocument
from care.person import PersonDocument
from care.schedule import Planned, planned
from care.signing import DoseState, MaySign, Refusal, Used, dose_state, right_to_sign
from care.staff import StaffDocument

BACK = timedelta(hours=12)
"""How far back an unsigned dose stays on the list."""
AHEAD = timedelta(hours=12)


class Task(Struct, frozen=True):
    """One row of Idag. ``right`` says whether the reader may sign it."""

    dose: Planned
    state: DoseState
    person: PersonDocument
    document: DoseDocument | None
    right: MaySign | Refusal
    minutes_late: int = 0


class Due(Struct, frozen=True):
    """What the orders plan around a moment. ``faulty`` are orders whose rule cannot be read."""

    doses: list[Planned]
    faulty: list[str]


class Day(Struct, frozen=True):
    """A unit's list at a moment. ``faulty`` are orders whose rule cannot be read: shown, never hidden."""

    late: list[Task]
    now: list[Task]
    later: list[Task]
    done: list[Task]
    faulty: list[str]


def due(now: datetime, orders: Iterable[OrderDocument]) -> Due:
    """The doses whose documents the list needs; no others have to be read, however many there have been."""
    doses: list[Planned] = []
    faulty: list[str] = []
    for order in orders:
        try:
            doses += planned(order, now - BACK, now + AHEAD)
        except ScheduleError:
            faulty.append(order.id)
    return Due(doses, faulty)


def day_list(
    reader: StaffDocument,
    unit: str,
    now: datetime,
    around: Due,
    persons: Mapping[str, PersonDocument],
    doses: Mapping[str, DoseDocument],
    delegations: Iterable[DelegationDocument],
    used: Used,
    whole: bool = True,
) -> Day:
    """What the unit's phone shows its reader now. `used`: of delegations for one occasion.

    `whole`: all that has been said is here. Else what looks unsigned may be signed already: it is not late
    and not to be done now, but stands among the latter as unknown.
    """
    known = list(delegations)
    tasks: list[Task] = []
    for dose in around.doses:
        person = persons.get(dose.person)
        if person is None:
            continue
        document = doses.get(dose.id)
        state = dose_state(dose, document, now)
        if not whole and state in ("late", "now"):
            state = "unknown"
        late = int((now - dose.closes).total_seconds() // 60) if state == "late" else 0
        right = right_to_sign(reader, dose.plan, dose.person, unit, now, known, used)
        tasks.append(Task(dose, state, person, document, right, late))
    tasks.sort(key=lambda task: (task.dose.at, _room(task.person), task.dose.id))
    return Day(
        late=[task for task in tasks if task.state == "late"],
        now=[task for task in tasks if task.state in ("now", "unknown")],
        later=[task for task in tasks if task.state == "later"],
        done=[task for task in tasks if task.state in ("given", "withheld", "double_signed")],
        faulty=around.faulty,
    )


def by_person(tasks: Iterable[Task]) -> list[list[Task]]:
    """One person's tasks together, by room; each person's by time."""
    found: dict[str, list[Task]] = {}
    for task in sorted(
        tasks, key=lambda task: (_room(task.person), task.person.id, task.dose.at, task.dose.id)
    ):
        found.setdefault(task.person.id, []).append(task)
    return list(found.values())


def by_round(tasks: Iterable[Task]) -> list[list[Task]]:
    """The tasks of one planned time together, by time; each round by room."""
    found: dict[datetime, list[Task]] = {}
    for task in sorted(tasks, key=lambda task: (task.dose.at, _room(task.person), task.dose.id)):
        found.setdefault(task.dose.at, []).append(task)
    return list(found.values())


def _room(person: PersonDocument) -> tuple[int, str]:
    return (person.room_number, person.room or person.street)

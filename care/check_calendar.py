"""When self-checks are due, and how each of them stands. Pure: today is passed in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta
from msgspec import Struct

from care.check import CheckDocument, CheckPlanned, CheckResultDocument, result_id
from care.errors import ScheduleError

State = Literal["done", "ahead", "soon", "due", "overdue", "missed"]
"""Gjord, kommer, snart (from the reminder), i dag, försenad, and inte gjord: its next one has come due."""

WAITING: frozenset[State] = frozenset({"soon", "due", "overdue"})
"""What waits to be done now."""

_RULE = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;INTERVAL=([1-9][0-9]{0,2}))?")
_STEP = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months", "YEARLY": "years"}
_LONGEST = {"days": 1, "weeks": 7, "months": 31, "years": 366}


class Due(Struct, frozen=True):
    """One check that is to be done. ``id`` is its result's id, the same everywhere."""

    id: str
    plan: str
    unit: str
    day: date
    version: CheckPlanned

    @property
    def remind(self) -> date:
        return self.day - timedelta(days=self.version.remind)


class Checkpoint(Struct, frozen=True):
    """One check and how it stands."""

    due: Due
    state: State
    result: CheckResultDocument | None = None

    @property
    def late(self) -> bool:
        """Done, but after its day."""
        return bool(self.result and self.result.done and self.result.done > self.due.day)


def step(rule: str) -> tuple[str, int]:
    """The unit of a rule ("months") and how many of them. Raises ScheduleError for any other rule.

    The subset of RFC 5545 that a yearly calendar needs. A day that a month lacks falls on the month's last
    (SKIP=BACKWARD of RFC 7529): a check that began on the 31st is due every month.
    """
    found = _RULE.fullmatch(rule)
    if not found:
        raise ScheduleError(f"rule {rule!r}: FREQ and INTERVAL alone")
    return _STEP[found[1]], int(found[2] or 1)


def rule(unit: str, count: int) -> str:
    """The rule of every so many days, weeks, months or years."""
    freq = next(name for name, plural in _STEP.items() if plural == unit)
    return f"FREQ={freq};INTERVAL={count}"


def days(rule: str, first: date, start: date, end: date) -> Iterator[date]:
    """The days of a rule that began on `first`, from `start` to and including `end`."""
    unit, count = step(rule)
    # Never past `start`: the longest month and year are reckoned with.
    number = max(0, (start - first).days // (_LONGEST[unit] * count))
    while True:
        try:
            day = first + relativedelta(**{unit: number * count})  # type: ignore[arg-type]
        except (ValueError, OverflowError):
            return
        if day > end:
            return
        if day >= start:
            yield day
        number += 1


def due(check: CheckDocument, unit: str, start: date, end: date) -> list[Due]:
    """The checks of one unit from `start` to and including `end`, by day."""
    found: dict[date, Due] = {}
    for version in check.versions:
        first = next((one.first for one in version.starts if one.unit == unit), None)
        if first is None:
            continue
        for day in days(version.rule, first, max(start, version.effective), end):
            if check.on(day) is version:
                found[day] = Due(result_id(check.id, unit, day), check.id, unit, day, version)
    return [found[day] for day in sorted(found)]


def checkpoints(
    check: CheckDocument,
    unit: str,
    start: date,
    end: date,
    results: Mapping[str, CheckResultDocument],
    today: date,
) -> list[Checkpoint]:
    """How each check of a unit stands, from `start` to and including `end`. `results` are by id."""
    planned = due(check, unit, start, max(end, today))
    found = []
    for number, one in enumerate(planned):
        if one.day <= end:
            result = results.get(one.id)
            followed = number + 1 < len(planned) and planned[number + 1].day <= today
            found.append(Checkpoint(one, _state(one, result, followed, today), result))
    return found


def waiting(points: Iterable[Checkpoint]) -> list[Checkpoint]:
    """What is to be done now, longest overdue first."""
    return sorted(
        (one for one in points if one.state in WAITING), key=lambda one: (one.due.day, one.due.version.title)
    )


def _state(one: Due, result: CheckResultDocument | None, followed: bool, today: date) -> State:
    if result and result.done:
        return "done"
    if followed:
        return "missed"
    if one.day < today:
        return "overdue"
    if one.day == today:
        return "due"
    return "soon" if one.remind <= today else "ahead"

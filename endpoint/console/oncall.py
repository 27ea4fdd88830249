"""An on-call table as it is shown: a strip of 24 hours, and the same in words."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Literal

from msgspec import Struct

from care.unit import DAY, OnCall, Stretch, stretches

State = Literal["covered", "twice", "open"]
_Key = Callable[[Stretch], tuple[int, ...] | None]


class Band(Struct, frozen=True):
    """A part of the strip, in minutes from midnight."""

    start: int
    length: int
    state: State
    row: int
    """Which row is called first then; -1: none."""


class Hours(Struct, frozen=True):
    """A part of the day in words: from and until as "HH:MM", over midnight where it is so."""

    start: str
    end: str
    names: tuple[str, ...]

    @property
    def whole_day(self) -> bool:
        return self.start == self.end


class Strip(Struct, frozen=True):
    bands: list[Band]
    hours: list[Hours]
    """Who is called when, the first of several alone."""
    uncovered: list[Hours]
    twice: list[Hours]
    now: int
    """Minutes from midnight at the moment of drawing."""


def strip(calls: Sequence[OnCall], now: str) -> Strip:
    """The strip of a table at a local time ("HH:MM")."""
    found = stretches(calls)
    bands = [
        Band(one.start, one.end - one.start, _state(one), one.rows[0] if one.rows else -1) for one in found
    ]
    return Strip(
        bands,
        _hours(found, calls, lambda one: one.rows[:1] or None),
        _hours(found, calls, lambda one: None if one.rows else (-1,)),
        _hours(found, calls, lambda one: one.rows if len(one.rows) > 1 else None),
        int(now[:2]) * 60 + int(now[3:]),
    )


def _state(one: Stretch) -> State:
    return "open" if not one.rows else "twice" if len(one.rows) > 1 else "covered"


def _hours(found: Sequence[Stretch], calls: Sequence[OnCall], key: _Key) -> list[Hours]:
    """Neighbouring stretches of the same kind as one, also over midnight."""
    runs = [(rows, list(run)) for rows, run in groupby(found, key=key)]
    if len(runs) > 1 and runs[0][0] is not None and runs[0][0] == runs[-1][0]:
        first = runs.pop(0)
        runs[-1] = (first[0], runs[-1][1] + first[1])
    return [
        Hours(_clock(run[0].start), _clock(run[-1].end), tuple(calls[row].name for row in rows if row >= 0))
        for rows, run in runs
        if rows is not None
    ]


def _clock(minutes: int) -> str:
    return f"{minutes % DAY // 60:02}:{minutes % 60:02}"

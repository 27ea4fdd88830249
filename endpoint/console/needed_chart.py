"""What was given as needed, drawn as SVG here: a column a day; how often, how near the most, how it helped.

Every bar has its number over it, so that nothing has to be read off an axis, also on paper; each giving is in
the table. A day without a bar is one on which nothing is known to have been given.
"""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from care.as_needed_use import Use
from care.schedule import STOCKHOLM

LEFT, RIGHT, HEAD, WIDE = 150, 14, 32, 804
"""The labels, the margin, the dates, and all columns together, in the units of the drawing."""
PANEL, NEED_PANEL, AIR_TOP, AIR_BOTTOM = 96, 132, 30, 8
NEED_BOTTOM = 24
"""Air under the dots, for the numbers below them."""
MOST_NEED = 10
_NUMBERED = 60
"""Dots have their numbers beside them in columns at least so wide; in narrower ones they are in the table."""


class Bar(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float
    text: str
    beyond: bool


class Change(Struct, frozen=True):
    """How much it was needed before one giving and after it. None: not said."""

    x: float
    before: float | None
    after: float | None
    before_text: str
    after_text: str


class Line(Struct, frozen=True):
    """A height that is named at the left."""

    y: float
    text: str


class Panel(Struct, frozen=True):
    """``name``: times, share or need."""

    name: str
    top: float
    bars: tuple[Bar, ...] = ()
    changes: tuple[Change, ...] = ()
    lines: tuple[Line, ...] = ()


class Chart(Struct, frozen=True):
    width: int
    height: int
    columns: tuple[tuple[date, float], ...]
    """Each day and the middle of its column."""
    panels: tuple[Panel, ...]


def chart(found: Sequence[Use], days: Sequence[date]) -> Chart:
    """The chart of one order's givings over some local dates."""
    column = WIDE / len(days)
    columns = tuple((on, round(LEFT + column * (number + 0.5), 1)) for number, on in enumerate(days))
    by_day = {on: [one for one in found if _local(one.at).date() == on] for on in days}
    times = {on: len(by_day[on]) for on in days if by_day[on]}
    shares = {
        on: max(one.share for one in of if one.share is not None)
        for on, of in by_day.items()
        if any(one.share is not None for one in of)
    }
    top = float(HEAD)
    panels = [Panel("times", top, _bars(times, columns, column, top, max(times.values(), default=1)))]
    if shares:
        top += PANEL
        highest = max(100, *shares.values())
        line = Line(_height(100, highest, top), "100 %")
        bars = _bars(shares, columns, column, top, highest, limit=100)
        panels.append(Panel("share", top, bars, lines=(line,)))
    if any(_said(one) != (None, None) for one in found):
        top += PANEL
        lines = tuple(Line(_need(value, top), str(value)) for value in (0, 5, MOST_NEED))
        panels.append(Panel("need", top, changes=_changes(found, days, column, top), lines=lines))
        return Chart(LEFT + WIDE + RIGHT, int(top) + NEED_PANEL, columns, tuple(panels))
    return Chart(LEFT + WIDE + RIGHT, int(top) + PANEL, columns, tuple(panels))


def _bars(
    values: dict[date, int],
    columns: Sequence[tuple[date, float]],
    column: float,
    top: float,
    highest: int,
    limit: int | None = None,
) -> tuple[Bar, ...]:
    width = round(min(column * 0.7, 40), 1)
    bottom = top + PANEL - AIR_BOTTOM
    found = []
    for on, middle in columns:
        if on in values:
            y = _height(values[on], highest, top)
            beyond = limit is not None and values[on] > limit
            x = round(middle - width / 2, 1)
            found.append(Bar(x, y, width, round(bottom - y, 1), str(values[on]), beyond))
    return tuple(found)


def _changes(found: Sequence[Use], days: Sequence[date], column: float, top: float) -> tuple[Change, ...]:
    numbered = column >= _NUMBERED
    changes = []
    for one in found:
        before, after = _said(one)
        if before is None and after is None:
            continue
        at = _local(one.at)
        hours = (at.hour + at.minute / 60) / 24
        changes.append(
            Change(
                x=round(LEFT + column * (days.index(at.date()) + hours), 1),
                before=_need(before, top) if before is not None else None,
                after=_need(after, top) if after is not None else None,
                before_text=str(before) if numbered and before is not None else "",
                after_text=str(after) if numbered and after is not None else "",
            )
        )
    return tuple(changes)


def _said(one: Use) -> tuple[int | None, int | None]:
    return one.signature.need, one.effect.need if one.effect else None


def _height(value: float, highest: float, top: float) -> float:
    room = PANEL - AIR_TOP - AIR_BOTTOM
    return round(top + AIR_TOP + room * (1 - value / max(highest, 1)), 1)


def _need(value: float, top: float) -> float:
    room = NEED_PANEL - AIR_TOP - NEED_BOTTOM
    return round(top + AIR_TOP + room * (1 - value / MOST_NEED), 1)


def _local(at: datetime) -> datetime:
    return at.astimezone(STOCKHOLM)

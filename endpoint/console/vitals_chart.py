"""A person's vital signs over their SBARs, drawn as SVG here: a panel for each, a column for each SBAR.

Every dot has its value beside it, so that nothing has to be read off an axis, also on paper; the same is in
a table. What was not measured breaks the line and is never taken for the value before it.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from endpoint.console.answers import Reading
from endpoint.console.vitals import USUAL

COLUMN, LEFT, RIGHT = 78, 130, 26
PANEL, AIR_TOP, AIR_BOTTOM = 84, 34, 12
HEAD = 44
SHOWN = 12
"""So many of the last SBARs: as many as fit a page across."""

PANELS = (
    ("respiration", "a.respiration"),
    ("spo2", "a.spo2"),
    ("pulse", "a.pulse"),
    ("systolic", "a.systolic"),
    ("temperature", "a.temperature"),
)


class Mark(Struct, frozen=True):
    x: float
    y: float
    text: str


class Panel(Struct, frozen=True):
    """One vital sign. ``lines``: the points of each unbroken stretch; ``top``: where the panel begins."""

    name: str
    top: float
    band_y: float
    band_height: float
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]


class Chart(Struct, frozen=True):
    width: int
    height: int
    columns: tuple[float, ...]
    """The middle of each SBAR's column, oldest first."""
    panels: tuple[Panel, ...]


def chart(readings: Sequence[Reading], scores: Sequence[int | None]) -> Chart:
    """The chart of some SBARs, oldest first; ``scores``: NEWS2 of each, None where it is not whole.

    A panel for NEWS2 is drawn only where any of them has a score.
    """
    columns = tuple(float(LEFT + COLUMN // 2 + number * COLUMN) for number in range(len(readings)))
    rows: list[tuple[str, list[float | None], tuple[float, float] | None]] = [
        (name, [_value(one, link) for one in readings], USUAL[link]) for name, link in PANELS
    ]
    if any(score is not None for score in scores):
        news2 = [None if score is None else float(score) for score in scores]
        rows.insert(0, ("news2", news2, None))
    panels = [
        _panel(name, values, usual, columns, HEAD + number * PANEL)
        for number, (name, values, usual) in enumerate(
            row for row in rows if any(value is not None for value in row[1])
        )
    ]
    width = LEFT + COLUMN * len(readings) + RIGHT
    return Chart(width, HEAD + PANEL * len(panels), columns, tuple(panels))


def _panel(
    name: str,
    values: Sequence[float | None],
    usual: tuple[float, float] | None,
    columns: Sequence[float],
    top: float,
) -> Panel:
    known = [value for value in values if value is not None]
    low, high = usual or (min(known), max(known))
    air = max(min(high - low, 40) * 0.3, 0.5)
    # The edge of the band that is nearest stays in sight, also where every value lies on one side of it.
    bottom_value = min(*known, high) - air if usual else min(known) - air
    top_value = max(*known, low) + air if usual else max(known) + air

    def y(value: float) -> float:
        inside = min(max(value, bottom_value), top_value)
        room = PANEL - AIR_TOP - AIR_BOTTOM
        return round(top + AIR_TOP + room * (top_value - inside) / (top_value - bottom_value), 1)

    marks = tuple(
        Mark(x, y(value), f"{value:g}".replace(".", ","))
        for x, value in zip(columns, values, strict=True)
        if value is not None
    )
    return Panel(
        name=name,
        top=top,
        band_y=y(high) if usual else 0,
        band_height=max(round(y(low) - y(high), 1), 0) if usual else 0,
        lines=tuple(_lines(columns, values, y)),
        marks=marks,
    )


def _lines(
    columns: Sequence[float], values: Sequence[float | None], y: Callable[[float], float]
) -> list[str]:
    found: list[list[str]] = [[]]
    for x, value in zip(columns, values, strict=True):
        if value is None:
            found.append([])
        else:
            found[-1].append(f"{x},{y(value)}")
    return [" ".join(points) for points in found if len(points) > 1]


def _value(reading: Reading, link: str) -> float | None:
    given = reading.answers.get(link)
    return float(given[0]) if given and isinstance(given[0], int | Decimal) else None

"""A table of figures, and what of it a chart beside it shows."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from care.deviation_figures import percent
from endpoint.console.texts import Texts

Value = int | float | str | None
"""None: a small number that is not told. "": nothing is known."""

Chart = Literal["bars", "columns", "lines", "years", "hours", "goals"]
"""A bar for each row, or a column, or a line over the rows; a small chart of each row's years; falls by hour
and weekday; bars of days with the goal of each."""


class Row(Struct, frozen=True):
    """``short``: its name where that stands under a chart. ``days``: how long it took, and the goal."""

    name: str
    values: tuple[Value, ...]
    change: str = ""
    short: str = ""
    days: tuple[float | None, float | None] = (None, None)


class Table(Struct, frozen=True):
    """One table. ``chart`` shows its first ``series`` columns; None: it has none."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: Chart | None = None
    series: int = 2
    compared: bool = False
    """Whether its first two columns are a period and the one before, which the rows' change is between."""
    sums: bool = False
    """Whether the last row is the sum of the others."""
    note: str = ""


def versus(
    values: Sequence[tuple[str, int | None, int | None]], *more: Mapping[str, Value]
) -> tuple[Row, ...]:
    """Rows of two periods; `more`: further columns, by the row's name."""
    return tuple(
        Row(name, (now, before, *(column.get(name, "") for column in more)), change(now, before))
        for name, now, before in values
    )


def change(now: int | None, before: int | None) -> str:
    """+7 %, −8 %; nothing where there is nothing to compare with."""
    if now is None or not before:
        return ""
    by = percent(abs(now - before), before)
    return f"{'+' if now > before else '−' if now < before else '±'}{by} %"


def number_of(value: int | None) -> int:
    """A number to order by; what is not told stands among the smallest."""
    return 1 if value is None else value


def said(value: Value, t: Texts) -> str:
    """A value as people read it: 12, 1 204, 3,25, or that it is not told."""
    if value is None:
        return t("statistics.hidden")
    if isinstance(value, str):
        return value
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")

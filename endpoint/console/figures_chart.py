"""The charts of Statistik, as Vega-Lite specifications: what of a table is drawn.

A chart shows numbers that its table has, in the same words, and no other: what is not told is no mark, and no
scale reaches for it.
"""

from collections.abc import Sequence

from endpoint.charts import Spec
from endpoint.console.charted import (
    GOAL,
    LEGEND,
    NOW,
    THEN,
    amounts,
    colours,
    layer,
    most,
    named,
    places,
    text,
    whole,
)
from endpoint.console.figures_table import Row, Table, said
from endpoint.console.figures_times import hours, over_time, years
from endpoint.console.texts import Texts

BARS_MOST, YEARS_MOST = 20, 6
"""A chart of so many rows; the others are in the table alone."""

_NAMES, _ACROSS, _NUMBERS = 184, 296, 64
"""Rooms: names, bars, and numbers after them."""


def spec(table: Table, t: Texts) -> Spec | None:
    """The specification of a table's chart; None: it has none, or nothing that could be drawn."""
    rows = drawn_rows(table)
    if not rows:
        return None
    match table.chart:
        case "bars":
            return _bars(table, rows, t)
        case "goals":
            return _goals(rows, t)
        case "lines" | "columns":
            return over_time(table, rows, t)
        case "years":
            return years(table, rows, t)
        case "hours":
            return hours(table, t)
    return None


def drawn_rows(table: Table) -> Sequence[Row]:
    """The rows that a table's chart shows; none, where none has a number that it draws."""
    match table.chart:
        case None:
            return ()
        case "goals":
            return [row for row in table.rows if row.days[0] is not None]
        case "years":
            shown = _parts(table)[:YEARS_MOST] if len(table.heads) > 2 else ()
        case "bars":
            shown = _parts(table)[:BARS_MOST]
        case _:
            shown = table.rows
    told = any(isinstance(value, int | float) for row in shown for value in drawn_values(table, row))
    return shown if told else ()


def drawn_values(table: Table, row: Row) -> Sequence[object]:
    """Those of a row that are drawn, where they are told."""
    return row.values if table.chart in ("years", "hours") else row.values[: table.series]


def _parts(table: Table) -> Sequence[Row]:
    """The rows without their sum, which would make all others small."""
    return table.rows[:-1] if table.sums and len(table.rows) > 1 else table.rows


def _bars(table: Table, rows: Sequence[Row], t: Texts) -> Spec:
    """A bar for each number, with the number after it. What is now, or done, has the stronger colour."""
    heads = table.heads[1 : 1 + table.series]
    values = [
        (at, head, value)
        for at, row in enumerate(rows)
        for head, value in zip(heads, row.values, strict=False)
        if not isinstance(value, str)
    ]
    marks = [{"row": at, "of": head, "value": value} for at, head, value in values if value is not None]
    words = [
        {"row": at, "of": head, "value": value or 0, "said": said(value, t)} for at, head, value in values
    ]
    across = {"field": "of", "scale": {"domain": list(heads), "paddingInner": 0.12}}
    encoding = {"x": amounts(most(marks)), "yOffset": across}
    strong_first = table.compared or len(heads) == 1
    colour = {"color": colours(heads, (NOW, THEN) if strong_first else (THEN, NOW))}
    layers = [layer(marks, "bar", encoding | colour), text(words, encoding, align="left", dx=6)]
    return _in_rows(rows, layers, len(heads))


def _goals(rows: Sequence[Row], t: Texts) -> Spec:
    """A bar of days for each row, in the table's words, and a line where its goal is."""
    marks = [{"row": at, "value": row.days[0]} for at, row in enumerate(rows)]
    goals = [{"row": at, "value": row.days[1]} for at, row in enumerate(rows) if row.days[1] is not None]
    words = [
        {"row": at, "value": max(day for day in row.days if day is not None), "said": said(row.values[1], t)}
        for at, row in enumerate(rows)
    ]
    encoding = {"x": amounts(most(words))}
    layers = [
        layer(marks, "bar", encoding, fill=NOW),
        layer(goals, "tick", encoding, color=GOAL, opacity=1, thickness=4, bandSize=26),
        text(words, encoding, align="left", dx=8),
    ]
    return _in_rows(rows, layers, 1, more=34)


def _in_rows(rows: Sequence[Row], layers: list[Spec], series: int, more: int = 0) -> Spec:
    names = [{"row": at, "said": named(row.name)} for at, row in enumerate(rows)]
    two_lines = [one for one in names if "\n" in str(one["said"])]
    one_line = [one for one in names if one not in two_lines]
    legend = LEGEND if series > 1 else 0
    left = {"x": {"value": -8}}
    return {
        "width": _ACROSS,
        "height": len(rows) * (40 if series > 1 else 38 if two_lines else 28),
        "padding": {"left": _NAMES, "right": _NUMBERS + more, "top": 4 + legend, "bottom": 4},
        "encoding": {"y": places("row", inner=0.22 if series > 1 else 0.34)},
        "layer": [
            *layers,
            text(one_line, left, align="right", baseline="middle"),
            # Text of two lines begins where that of one is, and would hang down.
            text(two_lines, left, align="right", baseline="middle", dy=-8.5),
        ],
        **whole(legend_x=4 - _NAMES),
    }

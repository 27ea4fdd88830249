"""The charts of Statistik that show when: month by month, year by year, and falls by hour and weekday."""

from collections.abc import Sequence

from endpoint.charts import Spec
from endpoint.console.charted import (
    FITTED,
    INK2,
    LEGEND,
    LINE,
    NOW,
    SHADES,
    THEN,
    Mark,
    amounts,
    clean,
    colours,
    known,
    layer,
    most,
    named,
    places,
    text,
    whole,
)
from endpoint.console.figures_table import Row, Table, Value, said
from endpoint.console.texts import Texts

_HIGH, _UNDER = 180, 198
"""How high lines may go, and where what stands under them is."""
_CELL = 27


def over_time(table: Table, rows: Sequence[Row], t: Texts) -> Spec:
    """A line over the rows, or columns, for each of the first columns of the table. The first is numbered.

    What is not told is a gap.
    """
    heads = table.heads[1 : 1 + table.series]
    series = [
        [{"at": at, "of": head, "value": _number(row.values[which])} for at, row in enumerate(rows)]
        for which, head in enumerate(heads)
    ]
    words = [
        {"at": at, "of": heads[0], "value": row.values[0] or 0, "said": said(row.values[0], t)}
        for at, row in enumerate(rows)
    ]
    under = [{"at": at, "said": clean(row.short or row.name)} for at, row in enumerate(rows)]
    axis = {"grid": True, "tickCount": 3, "tickMinStep": 1, "format": ",d"}
    highest = max(most(one) for one in series)
    y = {"y": {**amounts(highest), "axis": axis, "scale": {"domain": [0, highest or 1], "nice": 3}}}
    if table.chart == "columns":
        y |= {"xOffset": {"field": "of", "scale": {"domain": list(heads), "paddingInner": 0.1}}}
    return {
        "width": len(rows) * (42 if len(rows) <= 12 else 30),
        "height": _HIGH,
        "padding": {"left": 56, "right": 8, "top": 18 + (LEGEND if len(heads) > 1 else 0), "bottom": 34},
        "encoding": {"x": places("at", inner=0.2 if table.chart == "columns" else 0)},
        "layer": [
            *(_columns if table.chart == "columns" else _lines)(heads, series, y),
            text(words, y, dy=-13 if table.chart == "lines" else -9),
            text(under, {"y": {"value": _UNDER}}, fill=INK2),
        ],
        **whole(legend_x=-48, legend_y=-LEGEND - 12),
    }


def _columns(heads: Sequence[str], series: Sequence[Sequence[Mark]], y: Spec) -> list[Spec]:
    marks = [one for marks in series for one in known(marks)]
    return [layer(marks, "bar", {**y, "color": colours(heads, (NOW, THEN))})]


def _lines(heads: Sequence[str], series: Sequence[Sequence[Mark]], y: Spec) -> list[Spec]:
    """The period before is dashed and lies under."""
    coloured = {**y, "color": colours(heads, (NOW, THEN))}
    layers: list[Spec] = []
    for which, marks in reversed(list(enumerate(series))):
        how = {"strokeDash": [6, 4], "strokeWidth": 2} if which else {"strokeWidth": 3}
        layers.append(layer(marks, "line", coloured, **how))
        layers.append(
            layer(known(marks), "point", coloured, filled=True, opacity=1, size=40 if which else 64)
        )
    return layers


def years(table: Table, rows: Sequence[Row], t: Texts) -> Spec:
    """A small chart for each row, all on one scale: its years from left to right, the ends numbered."""
    heads = table.heads[1:]
    highest = max(_number(value) or 0 for row in rows for value in row.values)
    small = [_one_by_year(row, heads, highest, t) for row in rows]
    spacing = {"row": 104, "column": 26}
    return {**whole(), **FITTED, "columns": 3, "spacing": spacing, "bounds": "flush", "concat": small}


def _one_by_year(row: Row, heads: Sequence[str], highest: float, t: Texts) -> Spec:
    marks = [
        {"at": at, "value": _number(value), "said": said(value, t)} for at, value in enumerate(row.values)
    ]
    ends = [one | {"value": one["value"] or 0} for one in (marks[0], marks[-1])]
    floor = [one | {"value": 0} for one in ends]
    under = [{"at": at, "said": heads[at]} for at in (0, len(heads) - 1)]
    x, y = {"x": places("at")}, {"y": amounts(highest)}
    return {
        "width": 156,
        "height": 86,
        "layer": [
            layer(floor, "line", x | y, stroke=LINE, strokeWidth=1),
            layer(marks, "line", x | y, stroke=NOW, strokeWidth=3),
            layer(known(marks), "point", x | y, fill=NOW, filled=True, opacity=1, size=44),
            text(ends, x | y, dy=-13),
            text(under, x | {"y": {"value": 104}}, fill=INK2),
            text(
                [{"said": named(row.name, 19)}],
                {"x": {"value": 0}, "y": {"value": -50}},
                align="left",
                fontWeight=600,
            ),
        ],
    }


def hours(table: Table, t: Texts) -> Spec:
    """Weekdays by hours as shades; over them what each hour comes to, beside them what each day does."""
    heads = table.heads[1:-1]
    *days, sums = table.rows
    cells = [
        {"hour": hour, "day": day, "value": _number(value) or 0}
        for day, row in enumerate(days)
        for hour, value in enumerate(row.values[:-1])
    ]
    highest = most(cells) or 1
    shaded = [one | {"shade": -int(-5 * one["value"] // highest)} for one in cells]
    by_hour = [_sum("hour", at, value, t) for at, value in enumerate(sums.values[:-1])]
    by_day = [_sum("day", at, row.values[-1], t) for at, row in enumerate(days)]
    clock = [{"hour": at, "said": head} for at, head in enumerate(heads)]
    names = [{"day": at, "said": clean(row.name)} for at, row in enumerate(days)]
    x, y = {"x": places("hour", inner=0.1)}, {"y": places("day", inner=0.1)}
    scale = {"domain": list(range(len(SHADES))), "range": SHADES}
    shades = {"fill": {"field": "shade", "type": "ordinal", "legend": None, "scale": scale}}
    up, across = {"y": amounts(most(by_hour))}, {"x": amounts(most(by_day))}
    wide, high = _CELL * len(heads), _CELL * len(days)
    over = [
        layer(by_hour, "bar", x | up, fill=NOW),
        text(by_hour, x | up, dy=-9),
        text(clock, x | {"y": {"value": 104}}, fill=INK2),
    ]
    grid = [
        layer(shaded, "rect", x | y | shades),
        text(names, {"x": {"value": -8}} | y, align="right"),
    ]
    beside = [layer(by_day, "bar", across | y, fill=NOW), text(by_day, across | y, align="left", dx=6)]
    below: Spec = {
        "bounds": "flush",
        "spacing": 12,
        "hconcat": [
            {"width": wide, "height": high, "layer": grid},
            {"width": 70, "height": high, "layer": beside},
        ],
    }
    return {
        **whole(),
        **FITTED,
        "bounds": "flush",
        "spacing": 26,
        "vconcat": [{"width": wide, "height": 90, "layer": over}, below],
    }


def _sum(field: str, at: int, value: Value, t: Texts) -> Mark:
    return {field: at, "value": _number(value) or 0, "said": said(value, t)}


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None

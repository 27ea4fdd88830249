"""A person's vital signs over their SBARs: a panel for each, a column for each SBAR, as Vega-Lite draws them.

Every dot has its value beside it, so that nothing has to be read off an axis, also on paper; the same is in
a table. What was not measured breaks the line and is never taken for the value before it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from endpoint.charts import Spec
from endpoint.console.answers import Reading
from endpoint.console.charted import (
    FITTED,
    INK2,
    LINE,
    NOW,
    across,
    between,
    known,
    layer,
    text,
    whole,
)
from endpoint.console.vitals import USUAL

SHOWN = 12
"""So many of the last SBARs: as many as fit a page across."""

_COLUMN, _LEFT, _HIGH, _BETWEEN = 78, 130, 38, 46
_BAND = "var(--done-soft, #E0EEDA)"

PANELS = (
    ("respiration", "a.respiration"),
    ("spo2", "a.spo2"),
    ("pulse", "a.pulse"),
    ("systolic", "a.systolic"),
    ("temperature", "a.temperature"),
)

Values = Sequence[float | None]


def chart(
    readings: Sequence[Reading],
    scores: Sequence[int | None],
    labels: Mapping[str, str],
    times: Sequence[tuple[str, str]],
) -> Spec | None:
    """The chart of some SBARs, oldest first; None: nothing was measured.

    ``scores``: NEWS2 of each, None where it is not whole; they have a panel where there are any. ``labels``:
    what the panels are called. ``times``: day and clock of each SBAR.
    """
    rows: list[tuple[str, Values, tuple[float, float] | None]] = [("news2", list(scores), None)]
    rows += [(name, [_value(one, link) for one in readings], USUAL[link]) for name, link in PANELS]
    panels = [
        _panel(labels[name], values, usual)
        for name, values, usual in rows
        if any(value is not None for value in values)
    ]
    if not panels:
        return None
    first = {**panels[0], "layer": [*_heads(times), *panels[0]["layer"]]}
    vconcat = [first, *panels[1:]]
    return {**whole(), **FITTED, "bounds": "flush", "spacing": _BETWEEN, "vconcat": vconcat}


def _heads(times: Sequence[tuple[str, str]]) -> list[Spec]:
    days = [{"at": at + 0.5, "said": day} for at, (day, _) in enumerate(times)]
    clocks = [{"at": at + 0.5, "said": clock} for at, (_, clock) in enumerate(times)]
    x = {"x": across(len(times))}
    return [
        text(days, x | {"y": {"value": -66}}, fill=INK2),
        text(clocks, x | {"y": {"value": -48}}, fill=INK2),
    ]


def _panel(label: str, values: Values, usual: tuple[float, float] | None) -> Spec:
    told = [value for value in values if value is not None]
    low, high = usual or (min(told), max(told))
    air = max(min(high - low, 40) * 0.3, 0.5)
    # The edge of the band that is nearest stays in sight, also where every value lies on one side of it.
    bottom = min(*told, high) - air if usual else min(told) - air
    top = max(*told, low) + air if usual else max(told) + air
    marks = [
        {"at": at + 0.5, "value": value, "said": "" if value is None else f"{value:g}".replace(".", ",")}
        for at, value in enumerate(values)
    ]
    band = [{"value": max(low, bottom), "to": min(high, top)}] if usual else []
    wide = _COLUMN * len(values)
    all_over = {"x": {"value": 0}, "x2": {"value": wide}}
    over_it = {"x": {"value": -_LEFT}, "x2": {"value": wide}, "y": {"value": 12 - _BETWEEN}}
    beside = {"x": {"value": -_LEFT}, "y": {"value": 12}}
    y = {"y": between(bottom, top)}
    encoding = {"x": across(len(values)), **y}
    return {
        "width": wide,
        "height": _HIGH,
        "layer": [
            layer([{}], "rule", over_it, stroke=LINE),
            layer(band, "rect", all_over | y | {"y2": {"field": "to"}}, fill=_BAND),
            layer(marks, "line", encoding, stroke=NOW, strokeWidth=2.5),
            layer(known(marks), "point", encoding, fill=NOW, filled=True, opacity=1, size=56),
            text(known(marks), encoding, dy=-14, fontWeight=600),
            text([{"said": label}], beside, align="left", fontWeight=600),
        ],
    }


def _value(reading: Reading, link: str) -> float | None:
    given = reading.answers.get(link)
    return float(given[0]) if given and isinstance(given[0], int | Decimal) else None

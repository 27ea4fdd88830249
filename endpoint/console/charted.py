"""What all charts have in common, in Vega-Lite's words: colours, letters, rooms, scales.

Sizes are pixels where letters are 15 of them high; the page draws them in rem. Colours are the page's own,
and in a file by itself those of light. Nothing is fitted to measured text where a room of ours will do.
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from endpoint.charts import FONT, Spec

Mark = Mapping[str, Any]
"""A row of a chart's data."""

INK, INK2, LINE = "var(--ink, #221C15)", "var(--ink2, #5A5044)", "var(--line, #E0D7C7)"
NOW, THEN, GOAL = "var(--now, #0E5A58)", "var(--then, #5B8E8B)", "var(--late, #924600)"
_LIGHT_SHADES = ("#F3F0E8", "#DCE8E2", "#B4D0C9", "#83AFA9", "#478784", "#0E5A58")
SHADES = [f"var(--shade-{number}, {light})" for number, light in enumerate(_LIGHT_SHADES)]
"""How many there are, in fifths of the most; the first is none."""

LEGEND = 34
"""The room over a chart for what its colours mean."""
FITTED: Spec = {"autosize": "pad", "padding": 10}
"""Of several side by side: as large as what stands in them, and some more, since letters differ in width."""

_LETTERS = 23
"""Of a row's name on a line, in the room left of the bars."""
_CONFIG: dict[str, Mapping[str, Any]] = {
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "title": None,
        "labelColor": INK2,
        "labelFontSize": 15,
        "labelPadding": 8,
        "gridColor": LINE,
    },
    "text": {"fontSize": 15, "fill": INK, "lineBreak": "\n", "lineHeight": 17},
    "legend": {
        "orient": "none",
        "direction": "horizontal",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 15,
        "labelLimit": 0,
        "columnPadding": 36,
        "symbolType": "square",
        "symbolSize": 160,
        "symbolStrokeWidth": 0,
    },
}


def whole(legend_x: int = 0, legend_y: int = -LEGEND) -> dict[str, Any]:
    """What every specification has; where the legend is, from the upper left corner of the marks."""
    legend = {**_CONFIG["legend"], "legendX": legend_x, "legendY": legend_y}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "autosize": "none",
        "config": {"aria": False, "font": FONT, **_CONFIG, "legend": legend},
    }


def layer(values: Sequence[Mark], mark: str, encoding: Mapping[str, Any], **how: Any) -> Spec:
    return {"data": {"values": list(values)}, "mark": {"type": mark, **how}, "encoding": encoding}


def text(values: Sequence[Mark], encoding: Mapping[str, Any], **how: Any) -> Spec:
    """The word that each mark has as ``said``, as data: it is never an expression."""
    said = {"text": {"field": "said", "type": "nominal"}}
    return layer(values, "text", {**encoding, **said}, **how)


def places(field: str, inner: float = 0) -> Spec:
    """Rows from above, or columns from the left, in the order of their numbers."""
    scale = {"paddingInner": inner, "paddingOuter": inner / 2}
    return {"field": field, "type": "ordinal", "axis": None, "scale": scale}


def amounts(most: float) -> Spec:
    """From nothing to the most that is drawn."""
    scale = {"domain": [0, most or 1], "nice": False}
    return {"field": "value", "type": "quantitative", "axis": None, "scale": scale}


def colours(heads: Sequence[str], used: Sequence[str]) -> Spec:
    """A colour for each head, with a legend where there are several."""
    scale = {"domain": list(heads), "range": list(used[: len(heads)])}
    legend: Spec | None = {} if len(heads) > 1 else None
    return {"field": "of", "type": "nominal", "legend": legend, "scale": scale}


def across(most: float, field: str = "at") -> Spec:
    """From the left edge to the right one, as a number of columns; 0.5 is the middle of the first."""
    scale = {"domain": [0, most], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def between(low: float, high: float) -> Spec:
    """From one value up to another, which need not begin at nothing."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": "value", "type": "quantitative", "axis": None, "scale": scale}


def known(marks: Sequence[Mark]) -> list[Mark]:
    return [one for one in marks if one["value"] is not None]


def most(marks: Sequence[Mark]) -> float:
    return max((one["value"] for one in known(marks)), default=0)


def named(name: str, letters: int = _LETTERS) -> str:
    """A name in at most two lines."""
    return "\n".join(wrap(clean(name), letters, max_lines=2, placeholder="…"))


def clean(name: str) -> str:
    """Without what no text of XML may hold."""
    return "".join(letter if letter.isprintable() else " " for letter in name)

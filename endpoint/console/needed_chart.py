"""What was given as needed, as Vega-Lite draws it: a column a day; how often, how near the most, its effect.

Every bar has its number over it, so that nothing has to be read off an axis, also on paper; each giving is in
the table. A day without a bar is one on which nothing is known to have been given.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from care.as_needed_use import Use
from care.schedule import STOCKHOLM
from endpoint.charts import Spec
from endpoint.console.charted import (
    FITTED,
    GOAL,
    INK2,
    LINE,
    NOW,
    Mark,
    across,
    between,
    known,
    layer,
    text,
    whole,
)
from endpoint.console.texts import Texts

MOST_NEED = 10
_WIDE, _LEFT, _BARS, _NEED, _BETWEEN = 804, 150, 58, 78, 38
"""All columns together and the labels left of them; how high panels are, and the air between them."""
_NUMBERED = 60
"""Dots have their numbers beside them in columns at least so wide; in narrower ones they are in the table."""
_SURFACE = "var(--surface, #FFFDF8)"


def chart(found: Sequence[Use], days: Sequence[date], t: Texts) -> Spec | None:
    """The chart of one order's givings over some local dates; None: there are none."""
    if not found:
        return None
    by_day = [[one for one in found if _local(one.at).date() == on] for on in days]
    times = [len(of) or None for of in by_day]
    shares = [max((one.share for one in of if one.share is not None), default=None) for of in by_day]
    panels = [_bars("times", times, max(_told(times)), t)]
    if told := _told(shares):
        panels.append(_bars("share", shares, max(100, *told), t, limit=100))
    if any(_said(one) != (None, None) for one in found):
        panels.append(_need(found, days, t))
    panels[0] = {**panels[0], "layer": [_heads(days, t), *panels[0]["layer"]]}
    return {**whole(), **FITTED, "bounds": "flush", "spacing": _BETWEEN, "vconcat": panels}


def _told(values: Sequence[int | None]) -> list[int]:
    return [value for value in values if value is not None]


def _heads(days: Sequence[date], t: Texts) -> Spec:
    """Every day of a week; of more, each Monday."""
    names = t("days.weekdays").split()
    marks = [
        {"at": at + 0.5, "said": f"{names[on.weekday()]} {on.day}/{on.month}"}
        for at, on in enumerate(days)
        if len(days) <= 7 or on.weekday() == 0
    ]
    return text(marks, {"x": across(len(days)), "y": {"value": -42}}, fill=INK2)


def _bars(name: str, values: Sequence[int | None], highest: int, t: Texts, limit: int | None = None) -> Spec:
    marks: list[Mark] = known(
        [{"at": at + 0.5, "value": value, "said": str(value)} for at, value in enumerate(values)]
    )
    beyond = [one for one in marks if limit is not None and one["value"] > limit]
    within = [one for one in marks if one not in beyond]
    encoding = {"x": across(len(values)), "y": between(0, highest)}
    bar = {"orient": "vertical", "size": round(min(_WIDE / len(values) * 0.7, 40), 1)}
    lines = [] if limit is None else _named([(limit, f"{limit} %")], encoding["y"])
    layers = [
        *lines,
        layer(within, "bar", encoding, fill=NOW, **bar),
        layer(beyond, "bar", encoding, fill=GOAL, **bar),
        text(marks, encoding, dy=-9, fontWeight=600),
    ]
    return _panel(name, _BARS, layers, t)


def _need(found: Sequence[Use], days: Sequence[date], t: Texts) -> Spec:
    """Each giving at its time of day: how much it was needed before, filled, and after, hollow."""
    column = _WIDE / len(days)
    marks = []
    for one in found:
        before, after = _said(one)
        if before is not None or after is not None:
            at = _local(one.at)
            place = round(days.index(at.date()) + (at.hour + at.minute / 60) / 24, 3)
            marks.append({"at": place, "before": before, "after": after})
    x, y = {"x": across(len(days))}, between(0, MOST_NEED)
    befores, afters = (
        known([{"at": one["at"], "value": one[when], "said": str(one[when])} for one in marks])
        for when in ("before", "after")
    )
    both = [
        {"at": one["at"], "value": one["before"], "to": one["after"]}
        for one in marks
        if None not in (one["before"], one["after"])
    ]
    layers = [
        *_named([(0, "0"), (5, "5"), (MOST_NEED, str(MOST_NEED))], y),
        layer(both, "rule", x | {"y": y, "y2": {"field": "to"}}, stroke=NOW, strokeWidth=2.5),
        layer(befores, "point", x | {"y": y}, filled=True, fill=NOW, opacity=1, size=80),
        layer(afters, "point", x | {"y": y}, fill=_SURFACE, stroke=NOW, strokeWidth=2.5, opacity=1, size=80),
    ]
    if column >= _NUMBERED:
        layers.append(text(befores, x | {"y": y}, dy=-15, fontWeight=600))
        layers.append(text(afters, x | {"y": y}, dy=15, fontWeight=600))
    return _panel("need", _NEED, layers, t)


def _panel(name: str, high: int, layers: Sequence[Spec], t: Texts) -> Spec:
    first, *more = t(f"console.needed.panel.{name}").split("\n")
    left = {"x": {"value": -_LEFT}}
    rule = {"x": {"value": -_LEFT}, "x2": {"value": _WIDE}, "y": {"value": 8 - _BETWEEN}}
    return {
        "width": _WIDE,
        "height": high,
        "layer": [
            layer([{}], "rule", rule, stroke=LINE),
            *layers,
            text([{"said": first}], left | {"y": {"value": -17}}, align="left", fontWeight=600),
            *(
                text([{"said": line}], left | {"y": {"value": 3 + 20 * at}}, align="left", fill=INK2)
                for at, line in enumerate(more)
            ),
        ],
    }


def _named(heights: Sequence[tuple[int, str]], y: Mapping[str, object]) -> list[Spec]:
    """Heights that are named at the left."""
    marks = [{"value": value, "said": said} for value, said in heights]
    return [
        layer(marks, "rule", {"x": {"value": 0}, "x2": {"value": _WIDE}, "y": y}, stroke=LINE),
        text(marks, {"x": {"value": -6}, "y": y}, align="right", fill=INK2),
    ]


def _said(one: Use) -> tuple[int | None, int | None]:
    return one.signature.need, one.effect.need if one.effect else None


def _local(at: datetime) -> datetime:
    return at.astimezone(STOCKHOLM)

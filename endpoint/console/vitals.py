"""Aktuellt: each vital sign now, last time, lately, and its points."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from care.forms import Answers, Coding
from endpoint.console.answers import Reading
from endpoint.console.texts import Texts

LATELY = 5
_WIDTH, _HEIGHT, _EDGE = 96.0, 24.0, 4.0

USUAL: dict[str, tuple[float, float]] = {
    "a.respiration": (12, 20),
    "a.spo2": (96, 100),
    "a.pulse": (51, 90),
    "a.systolic": (111, 219),
    "a.temperature": (36.1, 38.0),
}
"""The values that NEWS2 gives no points (RCP 2017, chart 1)."""

ROWS = (
    ("respiration", "a.respiration"),
    ("spo2", "a.spo2"),
    ("pulse", "a.pulse"),
    ("systolic", "a.systolic"),
    ("temperature", "a.temperature"),
    ("consciousness", "a.consciousness"),
    ("pain", "a.pain"),
)


ACVPU = frozenset("ACVPU")
"""Levels of consciousness (RCP 2017): alert, new confusion, voice, pain, unresponsive."""


class Trend(Struct, frozen=True):
    """A small line in a box of 96 x 24: its points, its last one, and the band of usual values."""

    points: str
    x: float
    y: float
    top: float
    height: float
    said: str
    """The values in words, for those who hear the page."""


class Row(Struct, frozen=True):
    name: str
    label: str
    now: str
    before: str
    trend: Trend | None
    points: int | None
    scored: bool
    missing: bool


def rows(
    reading: Reading, earlier: Sequence[Reading], parts: dict[str, int | None] | None, t: Texts
) -> list[Row]:
    """The table of one SBAR. `earlier` are the same person's SBARs before it, oldest first."""
    found = []
    for name, link in ROWS:
        now = shown(reading, link, t)
        missing = reading.text(f"{link}.missing")
        if not now and not missing and link in ("a.pain",):
            continue
        before = next((past for one in reversed(earlier) if (past := shown(one, link, t))), "")
        found.append(
            Row(
                name=name,
                label=_label(name, reading.answers, t),
                now=now or missing or t("console.vitals.not_measured"),
                before=before,
                trend=_trend([*earlier, reading], link) if now else None,
                points=_points(name, parts),
                scored=bool(parts) and name in (parts or {}),
                missing=not now,
            )
        )
    return found


def _points(name: str, parts: dict[str, int | None] | None) -> int | None:
    """The points of a row. Oxygen given has none of its own: they stand with the oxygen in the blood."""
    found = parts.get(name) if parts else None
    if parts and name == "spo2" and found is not None:
        return found + (parts.get("oxygen") or 0)
    return found


def _label(name: str, answers: Answers, t: Texts) -> str:
    if name != "spo2":
        return t(f"console.vitals.{name}")
    oxygen = answers.get("a.oxygen")
    return t("console.vitals.spo2_oxygen" if oxygen and oxygen[0] is True else "console.vitals.spo2_air")


def shown(reading: Reading, link: str, t: Texts) -> str:
    """A value as it stands in a table; "" when it was not measured."""
    given = reading.answers.get(link)
    if not given:
        return ""
    if link == "a.systolic":
        low = reading.answers.get("a.diastolic")
        return f"{_number(given[0])}/{_number(low[0])}" if low else _number(given[0])
    if isinstance(given[0], Coding):
        return t(f"console.acvpu.{given[0].code}") if given[0].code in ACVPU else reading.text(link)
    return _number(given[0])


def _number(value: object) -> str:
    return str(value).replace(".", ",")


def _trend(readings: Sequence[Reading], link: str) -> Trend | None:
    values = [
        float(given[0])
        for one in readings
        if (given := one.answers.get(link)) and isinstance(given[0], int | Decimal)
    ][-LATELY:]
    if len(values) < 2 or link not in USUAL:
        return None
    low, high = USUAL[link]
    air = min(high - low, 40) * 0.3
    bottom, top = min(*values) - air, max(*values) + air

    def y(value: float) -> float:
        inside = min(max(value, bottom), top)
        return round(_EDGE + (_HEIGHT - 2 * _EDGE) * (top - inside) / (top - bottom), 1)

    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    places = [(round(_EDGE + step * number, 1), y(value)) for number, value in enumerate(values)]
    return Trend(
        points=" ".join(f"{x},{at}" for x, at in places),
        x=places[-1][0],
        y=places[-1][1],
        top=y(high),
        height=round(max(y(low) - y(high), 0), 1),
        said=", ".join(_number(f"{value:g}") for value in values),
    )

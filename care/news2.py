"""NEWS2: the National Early Warning Score 2, exactly.

Royal College of Physicians, *National Early Warning Score (NEWS) 2*, London 2017, chart 1 (the scoring table)
and chart 2 (thresholds); in Swedish: https://www.praktiskmedicin.se/lathundar/news2.
Not for anyone under 16 or pregnant. A missing value is never taken for a normal one: the score is then
incomplete, without a total.

    python -m care.news2 < vitals.jsonl > scores.jsonl

scores a line of JSON at a time (`care/news2_lines.py`; `--help` says how).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from care.forms import Answers, Coding

Band = Literal["low", "low-medium", "medium", "high"]
Consciousness = Literal["A", "C", "V", "P", "U"]
Percent = Annotated[int, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]
# Far outside what has ever been survived: a number beyond is in another unit, or a slip.
_COLDEST, _HOTTEST = Decimal(10), Decimal(50)


class Vitals(Struct, frozen=True, kw_only=True):
    """What was measured; None is *not measured*.

    respiration: breaths a minute. spo2: per cent. oxygen: whether supplemental oxygen is given.
    systolic: mmHg. pulse: a minute. consciousness: A alert, C new confusion, V voice, P pain, U unresponsive.
    temperature: degrees Celsius, scored in tenths; no number outside 10-50 is one (ValueError).
    """

    respiration: Count | None = None
    spo2: Percent | None = None
    oxygen: bool | None = None
    systolic: Count | None = None
    pulse: Count | None = None
    consciousness: Consciousness | None = None
    temperature: Decimal | None = None

    def __post_init__(self) -> None:
        if self.temperature is not None and not (
            self.temperature.is_finite() and _COLDEST <= self.temperature <= _HOTTEST
        ):
            raise ValueError(f"{self.temperature} is not the temperature of a person, in degrees Celsius")


class Score(Struct, frozen=True):
    """`parts` has the points of each of the seven parameters, None where it could not be scored.

    `total` is None unless complete. `band` of an incomplete score is the lowest that the known parts already
    force, and None when they force none above low.
    """

    total: int | None
    complete: bool
    parts: dict[str, int | None]
    band: Band | None


# Each table: (highest value, points), in order; the last row takes all that is higher.
_Table = tuple[tuple[Decimal, int], ...]
_ABOVE = Decimal("Infinity")


def _table(*rows: tuple[str, int], above: int) -> _Table:
    return (*((Decimal(highest), points) for highest, points in rows), (_ABOVE, above))


RESPIRATION = _table(("8", 3), ("11", 1), ("20", 0), ("24", 2), above=3)
SPO2_SCALE_1 = _table(("91", 3), ("93", 2), ("95", 1), above=0)
SPO2_SCALE_2_ON_AIR = _table(("83", 3), ("85", 2), ("87", 1), above=0)
SPO2_SCALE_2_ON_OXYGEN = _table(("83", 3), ("85", 2), ("87", 1), ("92", 0), ("94", 1), ("96", 2), above=3)
SYSTOLIC = _table(("90", 3), ("100", 2), ("110", 1), ("219", 0), above=3)
PULSE = _table(("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), above=3)
TEMPERATURE = _table(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), above=2)
CONSCIOUSNESS = {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}
OXYGEN = {False: 0, True: 2}
# On scale 2, up to here the points are the same with and without oxygen.
_SCALE_2_SAME_UNTIL = 92


def score(vitals: Vitals, scale2: bool) -> Score:
    """The score. `scale2` only when a doctor has ordered it, never chosen by the one who measures."""
    parts: dict[str, int | None] = {
        "respiration": _points(RESPIRATION, vitals.respiration),
        "spo2": _spo2(vitals, scale2),
        "oxygen": None if vitals.oxygen is None else OXYGEN[vitals.oxygen],
        "systolic": _points(SYSTOLIC, vitals.systolic),
        "pulse": _points(PULSE, vitals.pulse),
        "consciousness": None if vitals.consciousness is None else CONSCIOUSNESS[vitals.consciousness],
        "temperature": _points(TEMPERATURE, _in_tenths(vitals.temperature)),
    }
    known = [points for points in parts.values() if points is not None]
    complete = len(known) == len(parts)
    band = _band(known)
    return Score(
        total=sum(known) if complete else None,
        complete=complete,
        parts=parts,
        band=None if band == "low" and not complete else band,
    )


def from_answers(answers: Answers) -> Vitals:
    """The vitals in answers to the SBAR form (assets/forms/sbar.json), by its linkIds.

    Raises msgspec.ValidationError for a value that is none, such as a respiration of -1.
    """
    return msgspec.convert(
        {name: _plain(answers, link_id) for name, link_id in LINK_IDS.items()}, Vitals, strict=True
    )


LINK_IDS: Mapping[str, str] = {
    "respiration": "a.respiration",
    "spo2": "a.spo2",
    "oxygen": "a.oxygen",
    "systolic": "a.systolic",
    "pulse": "a.pulse",
    "consciousness": "a.consciousness",
    "temperature": "a.temperature",
}


def _plain(answers: Answers, link_id: str) -> object:
    given = answers.get(link_id)
    if not given:
        return None
    value = given[0]
    return value.code if isinstance(value, Coding) else value


def _spo2(vitals: Vitals, scale2: bool) -> int | None:
    if not scale2:
        return _points(SPO2_SCALE_1, vitals.spo2)
    if vitals.spo2 is not None and vitals.spo2 > _SCALE_2_SAME_UNTIL and vitals.oxygen is None:
        return None
    return _points(SPO2_SCALE_2_ON_OXYGEN if vitals.oxygen else SPO2_SCALE_2_ON_AIR, vitals.spo2)


def _points(table: _Table, value: int | Decimal | None) -> int | None:
    return None if value is None else next(points for highest, points in table if value <= highest)


def _in_tenths(temperature: Decimal | None) -> Decimal | None:
    """The table is in tenths, so a finer reading is rounded to them."""
    return None if temperature is None else temperature.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _band(known: list[int]) -> Band:
    total = sum(known)
    if total >= 7:
        return "high"
    if total >= 5:
        return "medium"
    return "low-medium" if 3 in known else "low"


if __name__ == "__main__":
    from care.news2_lines import main

    sys.exit(main(sys.argv[1:]))

"""The values an answer can have, and how they stand in FHIR JSON as value[x] or answer[x]."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct

from care.forms import primitives
from care.forms.errors import Place


class Coding(Struct, frozen=True):
    """A chosen option. Two codings are the same choice when system and code are, whatever the display."""

    code: str
    display: str = ""
    system: str = ""

    def same(self, other: Value) -> bool:
        return isinstance(other, Coding) and (self.code, self.system) == (other.code, other.system)


class Quantity(Struct, frozen=True):
    """A number with its unit: `unit` as people read it, `code` in `system`, which is UCUM unless said."""

    value: Decimal
    unit: str = ""
    code: str = ""
    system: str = ""


# Date, dateTime and time are ISO 8601 strings.
Value = bool | int | Decimal | str | Coding | Quantity
# The answers to a form, by linkId. An item without an answer is left out or has an empty list.
Answers = dict[str, list[Value]]

UCUM = "http://unitsofmeasure.org"
_CODING_PROPERTIES = {"id", "system", "version", "code", "display", "_display", "userSelected"}
_QUANTITY_PROPERTIES = {"id", "value", "unit", "system", "code"}

PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "Boolean": primitives.is_boolean,
    "Integer": primitives.is_integer,
    "Decimal": primitives.is_decimal,
    "String": primitives.is_string,
    "Date": primitives.is_date,
    "DateTime": primitives.is_date_time,
    "Time": primitives.is_time,
    "Code": primitives.is_code,
}

# The value[x] that an item type takes. choice and open-choice take what their options are (options.py).
KIND_OF_TYPE = {
    "boolean": "Boolean",
    "integer": "Integer",
    "decimal": "Decimal",
    "date": "Date",
    "dateTime": "DateTime",
    "time": "Time",
    "string": "String",
    "text": "String",
    "quantity": "Quantity",
}


def check_value(kind: str, raw: Any, place: Place) -> bool:
    """Whether `raw` is a well-formed value of this kind; faults are added at `place`."""
    if kind == "Coding":
        return _check_coding(raw, place)
    if kind == "Quantity":
        return _check_quantity(raw, place)
    test = PRIMITIVES.get(kind)
    if test is None:
        place.fault(f"values of type {kind} are not supported")
        return False
    if not test(raw):
        place.fault(f"{raw!r} is not a valid {kind[0].lower()}{kind[1:]}")
        return False
    return True


def read_value(kind: str, raw: Any) -> Value:
    """The value of checked JSON."""
    if kind == "Coding":
        return Coding(raw["code"], raw.get("display", ""), raw.get("system", ""))
    if kind == "Quantity":
        return read_quantity(raw)
    if kind == "Decimal":
        return Decimal(str(raw))
    assert isinstance(raw, bool | int | str)
    return raw


def read_quantity(raw: Any) -> Quantity:
    system = raw.get("system", "")
    return Quantity(
        Decimal(str(raw["value"])), raw.get("unit", ""), raw.get("code", ""), "" if system == UCUM else system
    )


def write_value(kind: str, value: Value) -> Any:
    """The FHIR JSON of a value, in plain JSON types only."""
    if isinstance(value, Coding):
        parts = {"system": value.system, "code": value.code, "display": value.display}
        return {name: part for name, part in parts.items() if part}
    if isinstance(value, Quantity):
        written: dict[str, Any] = {"value": _number(value.value)}
        if value.unit:
            written["unit"] = value.unit
        if value.code:
            written |= {"system": value.system or UCUM, "code": value.code}
        return written
    if kind == "Decimal" and isinstance(value, int | Decimal):
        return _number(Decimal(value))
    if kind in ("Time", "DateTime") and isinstance(value, str):
        return _with_seconds(value)
    return value


def same_value(one: Value, other: Value) -> bool:
    """Equal as answers: 37 and 37.0 are, True and 1 are not."""
    if isinstance(one, Coding):
        return one.same(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return one.value == other.value and (one.code or one.unit) == (other.code or other.unit)
    return one == other


def _number(value: Decimal) -> int | float:
    return (
        int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    )


def _with_seconds(value: str) -> str:
    """FHIR demands seconds where people give hours and minutes."""
    day, moment, clock = value.rpartition("T") if "T" in value else ("", "", value)
    if len(clock) >= 5 and clock[2] == ":" and clock[5:6] != ":":
        clock = clock[:5] + ":00" + clock[5:]
    return day + moment + clock


def _check_coding(raw: Any, place: Place) -> bool:
    if not isinstance(raw, dict):
        place.fault("a coding must be an object")
        return False
    before = len(place.faults)
    for unknown in sorted(raw.keys() - _CODING_PROPERTIES):
        place.fault(f"unknown property of a coding: {unknown}")
    if not primitives.is_code(raw.get("code")):
        place.fault("a coding needs a code without surrounding spaces")
    if "display" in raw and not primitives.is_string(raw["display"]):
        place.fault("a coding's display must be text")
    if "system" in raw and not primitives.is_uri(raw["system"]):
        place.fault(f"a coding's system must be an absolute address, not {raw['system']!r}")
    return len(place.faults) == before


def _check_quantity(raw: Any, place: Place) -> bool:
    if not isinstance(raw, dict):
        place.fault("a quantity must be an object")
        return False
    before = len(place.faults)
    if "comparator" in raw:
        place.fault("a quantity with a comparator is not supported")
    for unknown in sorted(raw.keys() - _QUANTITY_PROPERTIES - {"comparator"}):
        place.fault(f"unknown property of a quantity: {unknown}")
    if not primitives.is_decimal(raw.get("value")):
        place.fault("a quantity needs a number as its value")
    for name in ("unit", "code"):
        if name in raw and not primitives.is_string(raw[name]):
            place.fault(f"a quantity's {name} must be text")
    if "system" in raw and not primitives.is_uri(raw["system"]):
        place.fault(f"a quantity's system must be an absolute address, not {raw['system']!r}")
    if raw.get("code") and "system" not in raw:
        place.fault("a quantity's code says nothing without its system")
    return len(place.faults) == before

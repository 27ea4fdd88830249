"""Is one answer one that its question takes?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from care.forms.conditions import compares
from care.forms.errors import Place
from care.forms.pattern import matches
from care.forms.questionnaire import Item, Limit
from care.forms.values import (
    KIND_OF_TYPE,
    UCUM,
    Coding,
    Quantity,
    Value,
    check_value,
    read_value,
    same_value,
    write_value,
)
from care.forms.vocabulary import CHOICES
from care.forms.written import kind_of


def allowed_kinds(item: Item) -> set[str]:
    """The value[x] that can answer this item."""
    if item.type not in CHOICES:
        return {KIND_OF_TYPE[item.type]}
    return {option.kind for option in item.options} | ({"String"} if item.type == "open-choice" else set())


def faults_of(item: Item, values: list[Value]) -> list[str]:
    """Why these are no answers to the question, each reason once; empty when they are, or there are none."""
    place = Place([])
    for value in values:
        kind = kind_of(item, value)
        check_answer(item, kind, write_value(kind, value), place)
    check_answers_together(item, values, place)
    return list(dict.fromkeys(fault.reason for fault in place.faults))


def check_answer(item: Item, kind: str, raw: Any, place: Place) -> bool:
    """Whether `raw` is a value that can be read; whatever makes it no answer is added at `place`."""
    if not check_value(kind, raw, place):
        return False
    value = read_value(kind, raw)
    if item.type in CHOICES:
        _check_option(item, kind, value, place)
    _check_writing(item, value, place)
    _check_limits(item, value, place)
    if isinstance(value, Quantity):
        _check_unit(item, value, place)
    return True


def check_answers_together(item: Item, values: list[Value], place: Place) -> None:
    """What several answers to one question may not be. The same answer twice is no fault in FHIR."""
    alone = [option.value for option in item.options if option.exclusive]
    for one in values:
        if any(same_value(one, value) for value in alone) and not all(same_value(one, v) for v in values):
            place.fault("an answer that excludes all others stands beside another")
            return


def _check_option(item: Item, kind: str, value: Value, place: Place) -> None:
    if item.type == "open-choice" and kind == "String":
        return
    if not any(kind == option.kind and same_value(value, option.value) for option in item.options):
        place.fault(f"{getattr(value, 'code', value)!r} is not among the options")


def _check_writing(item: Item, value: Value, place: Place) -> None:
    """Length and pattern, of the answer as FHIR writes it."""
    if isinstance(value, Coding | Quantity):
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if item.max_length is not None and len(text) > item.max_length:
        place.fault(f"longer than {item.max_length} characters")
    if len(text) < item.min_length:
        place.fault(f"shorter than {item.min_length} characters")
    if item.pattern and not matches(item.pattern, text):
        place.fault(f"{text!r} is not written as {item.entry_format or item.pattern}")


def _check_limits(item: Item, value: Value, place: Place) -> None:
    if item.minimum is not None and _passes(value, "<", item.minimum):
        place.fault(f"{_shown(value)} is below the lowest possible, {_shown(item.minimum)}")
    if item.maximum is not None and _passes(value, ">", item.maximum):
        place.fault(f"{_shown(value)} is above the highest possible, {_shown(item.maximum)}")
    number = value.value if isinstance(value, Quantity) else value
    if item.decimals is not None and isinstance(number, Decimal) and _decimals(number) > item.decimals:
        place.fault(f"more than {item.decimals} digits after the decimal point")


def _passes(value: Value, sign: str, limit: Limit) -> bool:
    """A limit that is a number holds for a quantity in whatever unit the form lets it have."""
    if isinstance(value, Quantity) and isinstance(limit, Decimal):
        return compares(value.value, sign, limit)
    return compares(value, sign, limit)


def _shown(value: Value) -> str:
    return f"{value.value} {value.unit or value.code}" if isinstance(value, Quantity) else str(value)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _check_unit(item: Item, value: Quantity, place: Place) -> None:
    if item.units and not any(_is_in(value, unit) for unit in item.units):
        place.fault(
            f"the unit {value.unit or value.code or 'that is missing'} is not one that the form allows"
        )


def _is_in(value: Quantity, unit: Coding) -> bool:
    """A code says which unit it is; without one, the unit as it is read does."""
    if value.code:
        same_system = not unit.system or unit.system == (value.system or UCUM)
        return value.code == unit.code and same_system
    return value.unit in (unit.display, unit.code) and bool(value.unit)

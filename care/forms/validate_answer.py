"""Is one answer one that its question takes?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from care.forms.enable import compares
from care.forms.errors import Place
from care.forms.questionnaire import Item
from care.forms.values import KIND_OF_TYPE, Coding, Quantity, Value, check_value, read_value, same_value
from care.forms.vocabulary import CHOICES


def allowed_kinds(item: Item) -> set[str]:
    """The value[x] that can answer this item."""
    if item.type not in CHOICES:
        return {KIND_OF_TYPE[item.type]}
    kinds = set()
    for option in item.options:
        if isinstance(option.value, Coding):
            kinds.add("Coding")
        elif isinstance(option.value, int):
            kinds.add("Integer")
        else:
            kinds |= {"String", "Date", "Time"}
    return kinds | ({"String"} if item.type == "open-choice" else set())


def check_answer(item: Item, kind: str, raw: Any, place: Place) -> bool:
    """Whether `raw` is a value that can be read; whatever makes it no answer is added at `place`."""
    if not check_value(kind, raw, place):
        return False
    value = read_value(kind, raw)
    if item.type in CHOICES:
        _check_option(item, value, place)
    if isinstance(value, str) and item.max_length is not None and len(value) > item.max_length:
        place.fault(f"longer than {item.max_length} characters")
    _check_limits(item, value, place)
    if isinstance(value, Quantity):
        _check_unit(item, value, place)
    return True


def check_answers_together(item: Item, values: list[Value], place: Place) -> None:
    """What several answers to one question may not be."""
    if any(same_value(value, earlier) for n, value in enumerate(values) for earlier in values[:n]):
        place.fault("the same answer twice")
    exclusive = [option for option in item.options if option.exclusive]
    if len(values) > 1 and any(same_value(value, option.value) for value in values for option in exclusive):
        place.fault("an answer that excludes all others stands beside another")


def _check_option(item: Item, value: Value, place: Place) -> None:
    if item.type == "open-choice" and isinstance(value, str):
        return
    if not any(same_value(value, option.value) for option in item.options):
        place.fault(f"{getattr(value, 'code', value)!r} is not among the options")


def _check_limits(item: Item, value: Value, place: Place) -> None:
    if item.minimum is not None and compares(value, "<", item.minimum):
        place.fault(f"{value} is below the lowest possible, {item.minimum}")
    if item.maximum is not None and compares(value, ">", item.maximum):
        place.fault(f"{value} is above the highest possible, {item.maximum}")
    number = value.value if isinstance(value, Quantity) else value
    if item.decimals is not None and isinstance(number, Decimal) and _decimals(number) > item.decimals:
        place.fault(f"more than {item.decimals} digits after the decimal point")


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _check_unit(item: Item, value: Quantity, place: Place) -> None:
    if not any(value.code == unit.code or value.unit in (unit.display, unit.code) for unit in item.units):
        place.fault(f"the unit {value.unit or value.code} is not one that the form allows")

"""From what an expression gives to answers of its question."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from care.forms import primitives
from care.forms.errors import NotReckoned, Place
from care.forms.questionnaire import Item
from care.forms.values import KIND_OF_TYPE, UCUM, Value, check_value, read_value

_DECIMALS = 6
"""Kept of a number whose question does not say how many it has."""


def answers_from(item: Item, given: list[Any]) -> list[Value]:
    """The answers; none when the expression gave nothing. Raises NotReckoned for what is no answer."""
    if len(given) > 1 and not item.repeats:
        raise NotReckoned(f"{len(given)} values for a question that takes one")
    return [_answer(item, value) for value in given]


def _answer(item: Item, value: Any) -> Value:
    if item.type in ("choice", "open-choice"):
        return _chosen(item, value)
    kind = KIND_OF_TYPE[item.type]
    raw = _raw(item, value)
    place = Place([])
    if not check_value(kind, raw, place):
        raise NotReckoned(f"{value!r} does not answer an item of type {item.type}")
    return read_value(kind, raw)


def _raw(item: Item, value: Any) -> Any:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if item.type == "integer" and isinstance(value, Decimal) and value % 1 == 0:
        return int(value)
    if item.type == "decimal" and number:
        return _rounded(item, value)
    if item.type == "quantity" and number:
        unit = item.units[0] if item.units else None
        said = {"unit": unit.display, "code": unit.code, "system": unit.system or UCUM} if unit else {}
        return {"value": _rounded(item, value)} | {name: part for name, part in said.items() if part}
    return value


def _rounded(item: Item, value: int | Decimal) -> Decimal:
    """As many decimals as the question has: 24.394463 is 24.4 where it has one."""
    try:
        places = _DECIMALS if item.decimals is None else item.decimals
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise NotReckoned(f"{value} is too large a number") from error
    return (
        rounded
        if item.decimals is not None or not primitives.is_decimal(rounded)
        else rounded.normalize() + 0
    )


def _chosen(item: Item, value: Any) -> Value:
    """The option that is given as a coding, or by its code or text."""
    code = value.get("code") if isinstance(value, dict) else value
    option = item.option(str(code))
    if option is None or (
        isinstance(value, dict) and value.get("system", "") != getattr(option.value, "system", "")
    ):
        raise NotReckoned(f"{value!r} is not among the options")
    return option.value

"""Conditions over answers: which items they let be asked (FHIR R4 enableWhen and enableBehavior).

Where R4 leaves room, the reading here is:
- a question that is itself not enabled has no answer, whatever was answered before;
- `!=` holds when no answer is equal, so also when there is no answer; every other comparison needs an answer;
- with several answers a comparison holds when it holds for at least one of them;
- two dates of different precision are compared as far as both go; if equal so far, no comparison holds;
- two quantities compare only in the same unit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from care.forms.questionnaire import EnableWhen, Item, Questionnaire
from care.forms.values import Answers, Coding, Quantity, Value, same_value

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def asked_by_conditions(
    form: Questionnaire, answers: Answers, switched: Mapping[str, bool] | None = None
) -> frozenset[str]:
    """The linkIds of all items of an unfolded form that are enabled: their own conditions hold, what they
    stand in is enabled, and the answer that they stand beneath is given. `switched`: what their
    enableWhenExpression says of those that have one.
    """
    items = {item.link_id: item for item in form.walk()}
    parents = {child.link_id: item.link_id for item in items.values() for child in item.children}
    known: dict[str, bool] = {}

    def is_enabled(link_id: str) -> bool:
        if link_id not in known:
            known[link_id] = conditions_hold(items[link_id]) and stands(link_id)
        return known[link_id]

    def stands(link_id: str) -> bool:
        above = parents.get(link_id)
        return above is None or (is_enabled(above) and len(given(above)) >= items[link_id].of_answer)

    def given(question: str) -> list[Value]:
        values = answers.get(question, []) if is_enabled(question) else []
        return [items[question].completed(value) for value in values]

    def conditions_hold(item: Item) -> bool:
        if item.enable_expression:
            return (switched or {}).get(item.link_id, True)
        if not item.enable_when:
            return True
        met = (holds(condition, given(condition.question)) for condition in item.enable_when)
        return any(met) if item.enable_behavior == "any" else all(met)

    return frozenset(link_id for link_id in items if is_enabled(link_id))


def answers_to(form: Questionnaire, answers: Mapping[str, list[Value]], asked: frozenset[str]) -> Answers:
    """The answers to these of an unfolded form's items, in form order. A coding given by its code alone
    becomes the option that it names.
    """
    return {
        item.link_id: [item.completed(value) for value in answers[item.link_id]]
        for item in form.walk()
        if item.is_question() and item.link_id in asked and answers.get(item.link_id)
    }


def holds(condition: EnableWhen, given: list[Value]) -> bool:
    """Whether a condition holds for the answers given to its question."""
    if condition.operator == "exists":
        return bool(given) is condition.answer
    if condition.operator == "!=":
        return not any(_equal(answer, condition.answer) for answer in given)
    if condition.operator == "=":
        return any(_equal(answer, condition.answer) for answer in given)
    return any(compares(answer, condition.operator, condition.answer) for answer in given)


def compares(answer: Value, sign: str, with_: Value) -> bool:
    """`answer sign with_`, for > < >= <=; false where the two have no order."""
    pair = _comparable(answer, with_)
    return pair is not None and _ORDER[sign](*pair)


def _equal(answer: Value, other: Value) -> bool:
    if isinstance(answer, str) and isinstance(other, str) and answer != other:
        moments = _moments(answer, other)
        return moments is not None and moments[0] == moments[1]
    if isinstance(answer, Quantity) or isinstance(other, Quantity):
        pair = _comparable(answer, other)
        return pair is not None and pair[0] == pair[1]
    return same_value(answer, other)


def _comparable(one: Value, other: Value) -> tuple[Any, Any] | None:
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        same_unit = (one.code or one.unit) == (other.code or other.unit)
        return (one.value, other.value) if same_unit else None
    if isinstance(one, str) and isinstance(other, str):
        return _moments(one, other) or _texts(one, other)
    if isinstance(one, bool | Coding) or isinstance(other, bool | Coding):
        return None
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one, other
    return None


def _moments(one: str, other: str) -> tuple[datetime, datetime] | None:
    """Both as points in time, when both name a time of day and an offset."""
    if "T" not in one or "T" not in other:
        return None
    try:
        moments = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return None
    return moments if all(moment.tzinfo for moment in moments) else None


def _texts(one: str, other: str) -> tuple[str, str] | None:
    """ISO dates and times sort as text; a date and a longer one that begins with it have no order."""
    if ":" not in one[:3] and one != other and (one.startswith(other) or other.startswith(one)):
        return None
    return one, other

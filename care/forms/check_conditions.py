"""enableWhen: each condition must ask a question that exists, in a way that its answer can meet."""

from __future__ import annotations

from typing import Any

from care.forms.check_expressions import reckoned_from
from care.forms.check_options import options_of
from care.forms.errors import Place
from care.forms.source import Json, Node
from care.forms.values import KIND_OF_TYPE, check_value, read_value, same_value
from care.forms.vocabulary import CHOICES, OPERATORS, ORDERED, QUESTIONS

_PROPERTIES = {"id", "question", "operator"}


def check_conditions(nodes: list[Node]) -> None:
    """Add every fault of every item's enableWhen, and of how they hang together."""
    by_id = {node.link_id: node for node in reversed(nodes)}
    for node in nodes:
        _check_behavior(node)
        for number, condition in enumerate(_conditions(node, report=True)):
            _check_condition(node, condition, node.place.at("enableWhen").at(number), by_id)
    _check_cycles(nodes, by_id)


def _conditions(node: Node, *, report: bool = False) -> list[Any]:
    if "enableWhen" not in node.item:
        return []
    conditions = node.item["enableWhen"]
    if not isinstance(conditions, list) or not conditions:
        if report:
            node.place.at("enableWhen").fault("enableWhen must be a list with at least one condition")
        return []
    return conditions


def _questions(node: Node) -> list[str]:
    asked = [condition.get("question") for condition in _conditions(node) if isinstance(condition, dict)]
    return [question for question in asked if isinstance(question, str)]


def _check_behavior(node: Node) -> None:
    behavior = node.item.get("enableBehavior")
    if "enableBehavior" not in node.item:
        if len(_conditions(node)) > 1:
            node.place.fault("more than one enableWhen without enableBehavior: all or any?")
    elif behavior not in ("all", "any"):
        node.place.at("enableBehavior").fault(f"enableBehavior must be all or any, not {behavior!r}")


def _check_condition(node: Node, condition: Any, place: Place, by_id: dict[str, Node]) -> None:
    if not isinstance(condition, dict):
        place.fault("a condition must be an object")
        return
    for unknown in sorted(condition.keys() - _PROPERTIES):
        if not unknown.startswith("answer"):
            place.fault(f"unknown property of a condition: {unknown}")
    asked = _asked(node, condition, place, by_id)
    operator = condition.get("operator")
    if operator not in OPERATORS:
        place.fault(f"operator must be one of {' '.join(OPERATORS)}, not {operator!r}")
        return
    kinds = [name.removeprefix("answer") for name in condition if name.startswith("answer")]
    if not kinds:
        place.fault("a condition needs an answer to compare with")
    elif len(kinds) > 1:
        place.fault("a condition has more than one answer[x]")
    elif asked is not None:
        _check_answer(asked, operator, kinds[0], condition[f"answer{kinds[0]}"], place)


def _asked(node: Node, condition: Json, place: Place, by_id: dict[str, Node]) -> Node | None:
    question = condition.get("question")
    if not isinstance(question, str) or question not in by_id:
        place.fault(f"the condition asks an item that does not exist: {question!r}")
        return None
    if question == node.link_id:
        place.fault("the condition asks its own item")
        return None
    asked = by_id[question]
    if asked.type in ("group", "display"):
        place.fault(f"the condition asks {question}, a {asked.type}, which has no answer")
        return None
    return asked if asked.type in QUESTIONS else None


def _check_answer(asked: Node, operator: str, kind: str, raw: Any, place: Place) -> None:
    if operator == "exists":
        if kind != "Boolean":
            place.fault("exists needs answerBoolean")
        else:
            check_value(kind, raw, place)
        return
    if operator not in ("=", "!=") and asked.type not in ORDERED:
        place.fault(f"operator {operator} does not fit an item of type {asked.type}")
        return
    options = options_of(asked.item)
    kinds = {option for option, _ in options} if asked.type in CHOICES else {KIND_OF_TYPE[asked.type]}
    if asked.type == "open-choice":
        kinds.add("String")
    if kind not in kinds:
        place.fault(f"answer{kind} does not fit {asked.link_id}, an item of type {asked.type}")
    elif check_value(kind, raw, place) and asked.type == "choice":
        value = read_value(kind, raw)
        if not any(same_value(value, option) for _, option in options):
            place.fault(f"the condition's answer is not among the options of {asked.link_id}")


def _check_cycles(nodes: list[Node], by_id: dict[str, Node]) -> None:
    """An item hangs on what its conditions and its calculation ask, and on the group that it stands in."""
    asked = {node.link_id: [*_questions(node), *sorted(reckoned_from(node.item))] for node in nodes}
    hangs_on = {
        node.link_id: [question for question in asked[node.link_id] if question in by_id]
        + ([node.parent.link_id] if node.parent else [])
        for node in nodes
    }
    for node in nodes:
        itself = node.link_id in _questions(node)
        if asked[node.link_id] and not itself and _reaches(node.link_id, hangs_on):
            node.place.fault("cyclic enableWhen or expression: the item hangs on itself")


def _reaches(start: str, hangs_on: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    ahead = list(hangs_on[start])
    while ahead:
        link_id = ahead.pop()
        if link_id == start:
            return True
        if link_id not in seen:
            seen.add(link_id)
            ahead.extend(hangs_on.get(link_id, []))
    return False

"""Expressions and constraints: their shape, whether the app can reckon them, and what stands beside them."""

from __future__ import annotations

from typing import Any

from care.forms import primitives
from care.forms.errors import Place
from care.forms.fhirpath_check import asked_by, faults_of
from care.forms.source import Json, Node
from care.forms.vocabulary import CALCULATED, CONSTRAINT, ENABLE_EXPRESSION, EXPRESSIONS, INITIAL_EXPRESSION

LANGUAGE = "text/fhirpath"
_PARTS = {"key": "valueId", "severity": "valueCode", "expression": "valueString", "human": "valueString"}
_SEVERITIES = ("error", "warning")


def check_expression(raw: Any, place: Place) -> bool:
    """Whether this is an Expression in a language that is known."""
    if not isinstance(raw, dict):
        place.fault("an expression must be an object")
        return False
    before = len(place.faults)
    for name in sorted(raw.keys() - {"id", "description", "name", "language", "expression"}):
        place.fault(f"unknown or unsupported property of an expression: {name}")
    if raw.get("language") != LANGUAGE:
        place.fault(f"an expression must be in {LANGUAGE}, not {raw.get('language')!r}")
    if not primitives.is_string(raw.get("expression")):
        place.fault("an expression without an expression")
    return len(place.faults) == before


def check_constraint(extension: Json, place: Place) -> bool:
    """Whether this is a constraint with key, severity, expression and human, each once, and nothing else."""
    listed = extension.get("extension")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    before = len(place.faults)
    for name in sorted(extension.keys() - {"id", "url", "extension"}):
        place.fault(f"unknown property of a constraint: {name}")
    urls = [str(part.get("url")) for part in parts]
    for url in sorted(set(urls) - _PARTS.keys() - {"requirements"}):
        place.fault(f"unknown or unsupported part of a constraint: {url}")
    for url, value in _PARTS.items():
        there = [part for part in parts if part.get("url") == url]
        if len(there) != 1 or there[0].keys() - {"id"} != {"url", value}:
            place.fault(f"a constraint needs exactly one {url}, as {value}")
        elif not primitives.is_string(there[0][value]):
            place.fault(f"a constraint's {url} must be text")
    if len(place.faults) == before and constraint_parts(extension)["severity"] not in _SEVERITIES:
        place.fault(
            f"a constraint's severity must be error or warning, not {constraint_parts(extension)['severity']}"
        )
    return len(place.faults) == before


def constraint_parts(extension: Json) -> dict[str, str]:
    """The texts of a constraint of the right shape, by what they are."""
    return {
        part["url"]: part[_PARTS[part["url"]]] for part in extension["extension"] if part["url"] in _PARTS
    }


def check_item_expressions(nodes: list[Node]) -> None:
    """Add what is wrong with each item's expressions, as far as they have the right shape."""
    link_ids = frozenset(node.link_id for node in nodes)
    for node in nodes:
        found = expressions_of(node.item)
        for url, expression in found:
            for reason in faults_of(expression, link_ids, at_start=url == INITIAL_EXPRESSION):
                node.place.fault(reason)
            if url in (CALCULATED, ENABLE_EXPRESSION) and node.link_id in asked_by(expression):
                node.place.fault("the expression asks its own item")
        urls = {url for url, _ in found}
        if ENABLE_EXPRESSION in urls and "enableWhen" in node.item:
            node.place.fault("both enableWhen and enableWhenExpression: which of them counts?")
        if INITIAL_EXPRESSION in urls and ("initial" in node.item or _selected(node.item)):
            node.place.fault("both an initial answer and an initialExpression: which of them counts?")
        if CALCULATED in urls and "item" in node.item:
            node.place.fault("items beneath what is calculated are not supported")


def reckoned_from(item: Json) -> set[str]:
    """The linkIds that an item's calculation and its enableWhenExpression name, but its own."""
    hanging = (CALCULATED, ENABLE_EXPRESSION)
    named = {one for url, text in expressions_of(item) if url in hanging for one in asked_by(text)}
    return {link_id for link_id in named if link_id != item.get("linkId")}


def expressions_of(item: Json) -> list[tuple[str, str]]:
    """The expressions of the right shape in an item's extensions, with the url of what each is."""
    listed = item.get("extension")
    found = []
    for one in listed if isinstance(listed, list) else []:
        url = one.get("url") if isinstance(one, dict) else None
        if url in EXPRESSIONS and check_expression(one.get("valueExpression"), Place([])):
            found.append((str(url), str(one["valueExpression"]["expression"])))
        elif url == CONSTRAINT and check_constraint(one, Place([])):
            found.append((CONSTRAINT, constraint_parts(one)["expression"]))
    return found


def _selected(item: Json) -> bool:
    listed = item.get("answerOption")
    options = listed if isinstance(listed, list) else []
    return any(isinstance(option, dict) and option.get("initialSelected") for option in options)

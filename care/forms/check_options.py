"""The options of a choice, and the answers that a question starts with."""

from __future__ import annotations

from typing import Any

from care.forms import primitives
from care.forms.check_extensions import check_option_extensions, check_translation
from care.forms.errors import Place
from care.forms.source import Json, Node
from care.forms.values import KIND_OF_TYPE, Value, check_value, read_value, same_value
from care.forms.vocabulary import CHOICES, OPTION_KINDS, OPTION_PROPERTIES, TYPES


def check_options(node: Node) -> None:
    """Add every fault of the item's answerOption list."""
    _check_value_set(node)
    if node.type in CHOICES and "answerValueSet" not in node.item and "answerOption" not in node.item:
        node.place.fault("a choice without options")
    if "answerOption" not in node.item:
        return
    place = node.place.at("answerOption")
    if node.type in TYPES and node.type not in CHOICES:
        place.fault(f"answerOption is for choice and open-choice, not for {node.type}")
    options = node.item["answerOption"]
    if not isinstance(options, list) or not options:
        place.fault("answerOption must be a list with at least one option")
        return
    for number, option in enumerate(options):
        _check_option(option, place.at(number))
    _check_together(node, place)


def option_kind(option: Json) -> str:
    """The kind of value an option has, as Coding or String; "" when it has none."""
    kinds = [name.removeprefix("value") for name in option if name.startswith("value")]
    return kinds[0] if len(kinds) == 1 else ""


def options_of(item: Json) -> list[tuple[str, Value]]:
    """Kind and value of each well-formed option."""
    listed = item.get("answerOption")
    found = []
    for option in listed if isinstance(listed, list) else []:
        kind = option_kind(option) if isinstance(option, dict) else ""
        if kind in OPTION_KINDS and check_value(kind, option[f"value{kind}"], Place([])):
            found.append((kind, read_value(kind, option[f"value{kind}"])))
    return found


def check_initial(node: Node) -> None:
    """Add every fault of initial and initialSelected."""
    selected = [number for number, option in enumerate(_listed(node.item)) if option.get("initialSelected")]
    repeats = node.item.get("repeats") is True
    if len(selected) > 1 and not repeats:
        node.place.at("answerOption").fault("more than one initialSelected on an item that does not repeat")
    if "initial" not in node.item:
        return
    place = node.place.at("initial")
    if node.type in ("group", "display"):
        place.fault(f"a {node.type} cannot have an initial answer")
        return
    if selected:
        place.fault("both initial and initialSelected")
    initial = node.item["initial"]
    if not isinstance(initial, list) or not initial:
        place.fault("initial must be a list with at least one value")
        return
    if len(initial) > 1 and not repeats:
        place.fault("more than one initial answer on an item that does not repeat")
    for number, entry in enumerate(initial):
        _check_initial_value(node, entry, place.at(number))


def _check_value_set(node: Node) -> None:
    """One that lists its codes in the form has become options before this; what is left cannot be asked."""
    if "answerValueSet" not in node.item:
        return
    place, named = node.place.at("answerValueSet"), node.item["answerValueSet"]
    if "answerOption" in node.item:
        place.fault("both answerOption and answerValueSet")
    else:
        place.fault(
            f"answerValueSet is supported only for a list of codes contained in the form, not {named!r}"
        )


def _check_option(option: Any, place: Place) -> None:
    if not isinstance(option, dict):
        place.fault("an option must be an object")
        return
    kind = option_kind(option)
    if not kind:
        place.fault("an option needs exactly one value")
    elif kind not in OPTION_KINDS:
        place.fault(f"options of kind {kind} are not supported")
    else:
        _check_option_value(kind, option, place)
    for unknown in sorted(option.keys() - OPTION_PROPERTIES):
        if not unknown.startswith("value"):
            place.fault(f"unknown property of an option: {unknown}")
    if "initialSelected" in option and not primitives.is_boolean(option["initialSelected"]):
        place.fault("initialSelected must be true or false")
    check_option_extensions(option, place)


def _check_option_value(kind: str, option: Json, place: Place) -> None:
    raw = option[f"value{kind}"]
    here = place.at(f"value{kind}")
    if kind == "String":
        check_translation(option, "valueString", place)
    if check_value(kind, raw, here) and kind == "Coding":
        check_translation(raw, "display", here)


def _check_together(node: Node, place: Place) -> None:
    options = options_of(node.item)
    for number, (kind, value) in enumerate(options):
        if any(kind == one and same_value(value, earlier) for one, earlier in options[:number]):
            place.at(number).fault(f"option {getattr(value, 'code', value)} is given more than once")


def _check_initial_value(node: Node, entry: Any, place: Place) -> None:
    names = list(entry) if isinstance(entry, dict) else []
    kinds = _kinds(node)
    if len(names) != 1 or not names[0].startswith("value"):
        place.fault("an initial answer needs exactly one value")
    elif kinds and names[0].removeprefix("value") not in kinds:
        place.fault(f"initial {names[0]} does not fit an item of type {node.type}")
    elif kinds and check_value(kind := names[0].removeprefix("value"), entry[names[0]], place):
        value = read_value(kind, entry[names[0]])
        free = node.type == "open-choice" and kind == "String"
        if node.type in CHOICES and not free and not _among(value, node):
            place.fault("the initial answer is not among the options")


def _among(value: Value, node: Node) -> bool:
    return any(same_value(value, option) for _, option in options_of(node.item))


def _kinds(node: Node) -> set[str]:
    if node.type in CHOICES:
        return {kind for kind, _ in options_of(node.item)} | (
            {"String"} if node.type == "open-choice" else set()
        )
    return {KIND_OF_TYPE[node.type]} if node.type in KIND_OF_TYPE else set()


def _listed(item: Json) -> list[Json]:
    listed = item.get("answerOption")
    return [option for option in listed if isinstance(option, dict)] if isinstance(listed, list) else []

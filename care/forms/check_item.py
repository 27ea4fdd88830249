"""The shape of one item: its properties, type, text, codes and what may stand inside it."""

from __future__ import annotations

from care.forms import primitives
from care.forms.check_extensions import check_translation, is_help
from care.forms.errors import Place
from care.forms.source import Json, Node
from care.forms.values import check_value
from care.forms.vocabulary import (
    ITEM_PROPERTIES,
    ITEM_UNSUPPORTED,
    LENGTHS,
    MAX_DEPTH,
    TYPES,
    UNSUPPORTED_TYPES,
)


def check_item(node: Node) -> None:
    """Add every fault of this item itself; its options, extensions and conditions are checked elsewhere."""
    _check_properties(node.item, node.place)
    _check_link_id(node.item, node.place)
    _check_type(node)
    _check_texts(node.item, node.place)
    _check_flags(node)
    _check_max_length(node)
    _check_codes(node)
    _check_inside(node)


def _check_properties(item: Json, place: Place) -> None:
    for name in sorted(item.keys() - ITEM_PROPERTIES):
        if name in ITEM_UNSUPPORTED:
            place.at(name).fault(f"{name} is not supported")
        else:
            place.at(name).fault(f"unknown property of an item: {name}")


def _check_link_id(item: Json, place: Place) -> None:
    if "linkId" not in item:
        place.fault("linkId is missing")
    elif not primitives.is_string(item["linkId"]) or item["linkId"] != item["linkId"].strip():
        place.at("linkId").fault(f"linkId must be text without surrounding spaces, not {item['linkId']!r}")


def _check_type(node: Node) -> None:
    if "type" not in node.item:
        node.place.fault("type is missing")
    elif node.type in UNSUPPORTED_TYPES:
        node.place.at("type").fault(f"items of type {node.type} are not supported")
    elif node.type not in TYPES:
        node.place.at("type").fault(f"unknown type of item: {node.item['type']!r}")


def _check_texts(item: Json, place: Place) -> None:
    for name in ("text", "prefix"):
        if name in item and not primitives.is_string(item[name]):
            place.at(name).fault(f"{name} must be text, not {item[name]!r}")
        check_translation(item, name, place)
    if "definition" in item and not primitives.is_uri(item["definition"]):
        place.at("definition").fault(f"definition must be an absolute address, not {item['definition']!r}")


def _check_flags(node: Node) -> None:
    for name in ("required", "repeats", "readOnly"):
        if name not in node.item:
            continue
        place = node.place.at(name)
        if not primitives.is_boolean(node.item[name]):
            place.fault(f"{name} must be true or false, not {node.item[name]!r}")
        elif node.type == "display":
            place.fault(f"a display item cannot have {name}")


def _check_max_length(node: Node) -> None:
    if "maxLength" not in node.item:
        return
    place, length = node.place.at("maxLength"), node.item["maxLength"]
    if node.type not in LENGTHS:
        place.fault(f"maxLength is not for {node.type or 'this'}")
    if not primitives.is_integer(length) or length < 1:
        place.fault(f"maxLength must be a whole number above 0, not {length!r}")


def _check_codes(node: Node) -> None:
    if "code" not in node.item:
        return
    codes, place = node.item["code"], node.place
    if node.type == "display":
        place.at("code").fault("a display item cannot have a code")
    if not isinstance(codes, list) or not codes:
        place.at("code").fault("code must be a list of codings")
        return
    for number, coding in enumerate(codes):
        here = place.at("code").at(number)
        if check_value("Coding", coding, here) and "system" not in coding:
            here.fault("a code says nothing without its system")


def _check_inside(node: Node) -> None:
    if node.depth > MAX_DEPTH:
        node.place.fault(f"nested deeper than {MAX_DEPTH} levels")
    if node.type == "group" and "item" not in node.item:
        node.place.fault("a group without items")
    if node.parent is not None and node.parent.type == "display":
        node.place.fault("a display item cannot hold other items")
    elif node.parent is not None and is_help(node.item):
        _check_help(node, node.parent)


def _check_help(node: Node, question: Node) -> None:
    if "enableWhen" in node.item:
        node.place.fault("help with a condition of its own is not supported")
    if (
        next(child for child in question.item["item"] if isinstance(child, dict) and is_help(child))
        is not node.item
    ):
        node.place.fault("more than one help for an item is not supported")

"""From bytes to JSON, without losing a decimal or a property on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from care.forms.errors import Fault, FaultyFormError, Place

Json = dict[str, Any]


class Node(Struct, frozen=True):
    """An item of the form as it stands in the JSON, before anything is known to be right about it."""

    item: Json
    place: Place
    parent: Node | None
    depth: int

    @property
    def link_id(self) -> str:
        return self.place.link_id

    @property
    def type(self) -> str:
        written = self.item.get("type")
        return written if isinstance(written, str) else ""


def parse(data: bytes | Json) -> Json:
    """The form as a JSON object; raises FaultyFormError for what is no JSON object.

    Numbers with a fraction become Decimal, and a property given twice is refused: the standard library
    would keep the last one and never tell.
    """
    if isinstance(data, dict):
        return data
    try:
        read = json.loads(data, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise FaultyFormError([Fault("", f"not JSON that can be read: {error}", "")]) from error
    if not isinstance(read, dict):
        raise FaultyFormError([Fault("", "the top of the file must be an object", "")])
    return read


def walk(form: Json, place: Place) -> Iterator[Node]:
    """Every item in form order. What is no item at all is a fault and is stepped over."""
    yield from _walk(form, place, None, 1)


def _walk(holder: Json, place: Place, parent: Node | None, depth: int) -> Iterator[Node]:
    if "item" not in holder:
        return
    items = holder["item"]
    if not isinstance(items, list) or not items:
        place.at("item").fault("item must be a list with at least one item")
        return
    for number, item in enumerate(items):
        here = place.at("item").at(number)
        if not isinstance(item, dict):
            here.fault("an item must be an object")
            continue
        link_id = item.get("linkId")
        node = Node(item, here.named(link_id if isinstance(link_id, str) else ""), parent, depth)
        yield node
        yield from _walk(item, here, node, depth + 1)


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"given twice in one object: {', '.join(twice)}")
    return read


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")

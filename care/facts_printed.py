"""What facts say, as Markdown for docs/facts.md: ``python -m care.facts_printed``."""

import sys
from inspect import cleandoc
from itertools import groupby
from typing import Any

from msgspec import inspect

import care.aggregates  # noqa: F401
from care.facts import Body, kind_of, known_bodies

_PLAIN: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.BoolType: "boolean",
    inspect.DateTimeType: "time",
    inspect.DateType: "date",
    inspect.BytesType: "base64",
    inspect.RawType: "JSON",
    inspect.AnyType: "JSON",
    inspect.NoneType: "null",
}


def printed() -> str:
    """Every type of fact under its kind, with its fields; then the structures that fields hold."""
    parts: dict[str, inspect.StructType] = {}
    lines: list[str] = []
    known = sorted(known_bodies().items(), key=lambda item: (kind_of(item[0][0]) or "", item[0]))
    for kind, of_kind in groupby(known, key=lambda item: kind_of(item[0][0]) or ""):
        lines += [f"## {kind}", ""]
        for (name, version), cls in of_kind:
            lines += _described(f"`{name}` {version}", cls, parts)
    lines += ["## Structures", ""]
    for name in _with_their_own(parts):
        lines += _described(f"`{name}`", parts[name].cls, parts)
    return "\n".join(lines)


def _described(heading: str, cls: type[Any], parts: dict[str, inspect.StructType]) -> list[str]:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    about = ": ".join([f"**{heading}**", *_about(cls)])
    order = " As an array, in this order." if info.array_like else ""
    fields = [f"- {_field(one, parts)}" for one in info.fields] or ["- no fields"]
    return [about + order, "", *fields, ""]


def _about(cls: type[Any]) -> list[str]:
    """What it says of itself, or of what it is one of."""
    own = [one for one in cls.__mro__ if one.__module__.startswith("care.") and one is not Body]
    said = next((text for one in own if (text := one.__dict__.get("__doc__"))), "")
    return [cleandoc(said).split("\n\n")[0].replace("\n", " ")] if said else []


def _field(one: inspect.Field, parts: dict[str, inspect.StructType]) -> str:
    return f"`{one.encode_name}`: {_type(one.type, parts)}{'' if one.required else ', or absent'}"


def _type(of: inspect.Type, parts: dict[str, inspect.StructType]) -> str:
    match of:
        case inspect.StructType():
            name = of.cls.__name__
            if parts.setdefault(name, of).cls is not of.cls:
                raise ValueError(f"two structures are called {name}")
            return f"`{name}`"
        case inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in of.values)
        case inspect.EnumType():
            return " or ".join(f"`{one.value}`" for one in of.cls)
        case inspect.UnionType():
            return " or ".join(_type(one, parts) for one in of.types if not isinstance(one, inspect.NoneType))
        case inspect.VarTupleType() | inspect.ListType() | inspect.FrozenSetType() | inspect.SetType():
            return f"list of {_type(of.item_type, parts)}"
        case inspect.TupleType():
            return f"[{', '.join(_type(one, parts) for one in of.item_types)}]"
        case inspect.DictType():
            return f"object of {_type(of.value_type, parts)} by {_type(of.key_type, parts)}"
        case inspect.IntType() | inspect.FloatType():
            number = "whole number" if isinstance(of, inspect.IntType) else "number"
            ends = of.ge if of.ge is not None else of.gt, of.le if of.le is not None else of.lt
            return f"{number} from {ends[0]} to {ends[1]}" if None not in ends else number
        case inspect.Metadata():
            return _type(of.type, parts)
        case _:
            return _PLAIN[type(of)]


def _with_their_own(parts: dict[str, inspect.StructType]) -> list[str]:
    """The names of all structures, with those that structures hold."""
    seen: set[str] = set()
    while left := parts.keys() - seen:
        for name in left:
            for one in parts[name].fields:
                _type(one.type, parts)
        seen |= left
    return sorted(seen)


if __name__ == "__main__":
    sys.stdout.write(printed())

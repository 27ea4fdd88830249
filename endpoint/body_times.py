"""The times that a body says: each with its zone, and in years that arithmetic does not leave."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

import msgspec
from msgspec import inspect

from care.facts import Body, within_years

_NO_TIME = (
    *(inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.StrType),
    *(inspect.LiteralType, inspect.EnumType, inspect.DateType, inspect.RawType),
)
_OF_ITEMS = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)


def within(body: Body) -> bool:
    """Whether every time in a body is one. Raises what msgspec does for a body that cannot be written."""
    for name in _fields(type(body)):
        value = getattr(body, name)
        if isinstance(value, datetime):
            if not within_years(value):
                return False
        elif value and not _all_within(value):
            return False
    return True


@cache
def _fields(kind: type[Body]) -> tuple[str, ...]:
    """The fields of a body that may hold a time, in whatever depth: most of what is said has one or two."""
    return tuple(field.name for field in _struct(kind).fields if _may_hold(field.type, (kind,)))


def _struct(kind: type) -> inspect.StructType:
    found = inspect.type_info(kind)
    assert isinstance(found, inspect.StructType)
    return found


def _may_hold(of: inspect.Type, within: Collection[type]) -> bool:
    if isinstance(of, _NO_TIME):
        return False
    if isinstance(of, inspect.UnionType):
        return any(_may_hold(one, within) for one in of.types)
    if isinstance(of, _OF_ITEMS):
        return _may_hold(of.item_type, within)
    if isinstance(of, inspect.StructType) and of.cls not in within:
        return any(_may_hold(field.type, (*within, of.cls)) for field in of.fields)
    # A time; or what is looked through as it comes.
    return True


def _all_within(value: object) -> bool:
    # What a form holds is opaque here: Raw is passed by, as bytes.
    left = [msgspec.to_builtins(value, builtin_types=(datetime,), enc_hook=bytes)]
    for one in left:
        if isinstance(one, str):
            continue
        if isinstance(one, dict):
            left.extend(one.values())
        elif isinstance(one, (list, tuple)):
            left.extend(one)
        elif isinstance(one, datetime) and not within_years(one):
            return False
    return True

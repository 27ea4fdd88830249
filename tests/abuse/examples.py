"""The least that a message of a type can be: for readers to begin from."""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from tests.statements import NOON, ORDER

T = TypeVar("T")
_TEXTS = (ORDER, "0" * 64, "2026-03-14", "08:00", "image/jpeg", "a")


def example(cls: type[T]) -> T:
    """One of a class, with everything in it that it may have."""
    return msgspec.json.decode(msgspec.json.encode(_of(inspect.type_info(cls))), type=cls)


def _fits(text: str, info: inspect.StrType) -> bool:
    long = info.max_length is not None and len(text) > info.max_length
    return not long and bool(re.search(info.pattern or "", text))


def _of(info: inspect.Type) -> Any:
    match info:
        case inspect.StructType():
            if info.array_like:
                return [_of(field.type) for field in info.fields]
            tag = {info.tag_field: info.tag} if info.tag_field else {}
            return tag | {field.encode_name: _of(field.type) for field in info.fields}
        case inspect.UnionType():
            return _of(next(one for one in info.types if not isinstance(one, inspect.NoneType)))
        case inspect.LiteralType():
            return info.values[0]
        case inspect.EnumType():
            return next(iter(info.cls)).value
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            return [_of(info.item_type)]
        case inspect.TupleType():
            return [_of(one) for one in info.item_types]
        case inspect.DictType():
            return {_of(info.key_type): _of(info.value_type)}
        case inspect.StrType() if info.pattern or info.max_length is not None:
            return next(one for one in _TEXTS if _fits(one, info))
        case inspect.StrType() | inspect.UUIDType():
            return ORDER
        case inspect.DateType():
            return NOON.date().isoformat()
        case inspect.DateTimeType():
            return datetime.isoformat(NOON)
        case inspect.BytesType():
            return ""
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return max(1, info.ge or 0, (info.gt or 0) + 1 if info.gt is not None else 0)
        case inspect.NoneType():
            return None
        case inspect.RawType() | inspect.AnyType():
            return {}
    raise TypeError(f"{info}: of what kind is that?")

"""What differs between two statements of the same thing, field by field."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from care.staff import RoleInUnit, StaffSet
from care.unit import Settings, UnitSet

_STAFF = ("name", "title", "identity", "phone", "email", "language")
_UNIT = ("name", "kind", "floors", "nurse", "fallback", "closed")
RISKY_UNIT = frozenset({"nurse", "fallback"})
"""What the phones dial."""


class Difference(Struct, frozen=True):
    """One field. ``role``: the role before and after, None where there was or is none."""

    field: str
    before: Any
    after: Any


def of_staff(
    before: StaffSet | None, after: StaffSet, mine: Callable[[RoleInUnit], bool]
) -> list[Difference]:
    """What is another in `after`, among the roles that are `mine`. Before there was nothing: all of it."""
    found = _fields(before, after, _STAFF)
    old = [role for role in before.roles if mine(role)] if before else []
    return found + _roles(old, [role for role in after.roles if mine(role)])


def of_unit(before: UnitSet | None, after: UnitSet) -> list[Difference]:
    found = _fields(before, after, _UNIT)
    old = before.settings if before else None
    return found + [
        Difference(f"settings.{one.field}", one.before, one.after)
        for one in _fields(old, after.settings, Settings.__struct_fields__)
    ]


def _fields(before: Struct | None, after: Struct, names: tuple[str, ...]) -> list[Difference]:
    found = []
    for name in names:
        old, new = (getattr(before, name) if before is not None else None), getattr(after, name)
        if old != new and (old or new):
            found.append(Difference(name, old, new))
    return found


def _roles(before: list[RoleInUnit], after: list[RoleInUnit]) -> list[Difference]:
    """Roles that are the same but for their dates are one change; the rest came or went."""
    old, new = list(before), list(after)
    found: list[Difference] = []
    for one in before:
        if one in new:
            old.remove(one)
            new.remove(one)
    for same in (_began_alike, _held_alike):
        for one in list(old):
            match = next((other for other in new if same(one, other)), None)
            if match is not None:
                found.append(Difference("role", one, match))
                old.remove(one)
                new.remove(match)
    found += [Difference("role", one, None) for one in old]
    return found + [Difference("role", None, one) for one in new]


def _held_alike(one: RoleInUnit, other: RoleInUnit) -> bool:
    return (one.role, one.unit) == (other.role, other.unit)


def _began_alike(one: RoleInUnit, other: RoleInUnit) -> bool:
    return _held_alike(one, other) and one.start == other.start

"""Roles as a list wants them, laid over those that are held."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from care.rights import Role
from care.staff import RoleInUnit

OPEN = date.max
"""An end that says: until further notice."""


class Wanted(Struct, frozen=True):
    """A role that a list says is held. None: the list does not say; `OPEN`: no end."""

    role: Role
    unit: str
    start: date | None = None
    end: date | None = None


class Merged(Struct, frozen=True):
    """The roles once the list has been followed, and those of them that it does not name."""

    roles: tuple[RoleInUnit, ...]
    unnamed: tuple[RoleInUnit, ...]


def merged(held: Sequence[RoleInUnit], wanted: Sequence[Wanted], day: date) -> Merged:
    """Follow the list. What it does not say stays; a role that was over before anybody knew of it is none.

    Followed twice it changes nothing the second time.
    """
    roles = list(held)
    named: set[int] = set()
    for one in wanted:
        at = _match(roles, one)
        if at is not None:
            roles[at] = _followed(roles[at], one)
            named.add(at)
        elif one.end is None or one.end >= day:
            named.add(len(roles))
            roles.append(RoleInUnit(one.role, one.unit, one.start or day, _end(one.end)))
    return Merged(tuple(roles), tuple(role for at, role in enumerate(roles) if at not in named))


def _match(roles: Sequence[RoleInUnit], wanted: Wanted) -> int | None:
    """The held role that a wanted one is: the last one, or the one whose time it touches."""
    same = [at for at, held in enumerate(roles) if (held.role, held.unit) == (wanted.role, wanted.unit)]
    if wanted.start is not None:
        same = [at for at in same if _touch(roles[at], wanted.start, _end(wanted.end))]
    return max(same, key=lambda at: roles[at].start, default=None)


def _touch(held: RoleInUnit, start: date, end: date | None) -> bool:
    return (end is None or held.start <= end) and (held.end is None or held.end >= start)


def _followed(held: RoleInUnit, wanted: Wanted) -> RoleInUnit:
    start = wanted.start or held.start
    return replace(held, start=start, end=held.end if wanted.end is None else _end(wanted.end))


def _end(end: date | None) -> date | None:
    return None if end in (None, OPEN) else end

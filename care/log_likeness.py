"""Whose record may be a relative's, or one's own: what can be told from what is held of staff and persons.

Of staff there is a name, perhaps a telephone and perhaps a street; never a personnummer. So "own record"
means the same full name, and a relative by another name at another address is not found.
docs/log-control.md says so.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

_HOUSE = re.compile(r"^(.*?\d+\s?[a-z]?)(?![a-z0-9])")


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Likeness(Struct, frozen=True, omit_defaults=True):
    """Ids of the persons whom a member of staff is like, and in what."""

    own: tuple[str, ...] = ()
    """The same full name."""
    surname: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    """The same street and number, or the same telephone."""


def likeness(staff: Named, persons: Iterable[Named]) -> Likeness:
    """Compare one member of staff with persons."""
    own, surname, home = set(), set(), set()
    for person in persons:
        if _plain(staff.name) and _words(staff.name) == _words(person.name):
            own.add(person.id)
        elif _surnames(staff.name) & _surnames(person.name):
            surname.add(person.id)
        if _homes(staff) & _homes(person):
            home.add(person.id)
    return Likeness(tuple(sorted(own)), tuple(sorted(surname)), tuple(sorted(home)))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(_plain(name).replace(",", " ").split()))


def _surnames(name: str) -> frozenset[str]:
    """The surname's parts: of "Anna Berg-Ek" and of "Berg-Ek, Anna" both berg and ek."""
    before, comma, _ = _plain(name).partition(",")
    words = before.split()
    if not comma:
        words = words[-1:] if len(words) > 1 else []
    return frozenset(part for word in words for part in word.split("-") if part)


def _homes(one: Named) -> frozenset[str]:
    street = _plain(getattr(one, "street", ""))
    phone = re.sub(r"\D", "", re.sub(r"^\s*(\+|00)46", "0", getattr(one, "phone", "")))
    house = _HOUSE.match(street)
    return frozenset(part for part in (house[1].replace(" ", "") if house else "", phone) if part)

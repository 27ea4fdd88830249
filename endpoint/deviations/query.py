"""What is asked of figures: a period, some values of some dimensions, and what to group by."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from msgspec import Struct

from care.deviation_figures import CATEGORIES, DIMENSIONS, HARMS
from endpoint.deviations.days import months
from endpoint.deviations.scope import Place, Scope
from endpoint.deviations.times import FIRST, LAST
from endpoint.deviations.words import PROFESSIONS, UNIT_TYPE
from endpoint.errors import NotReadable
from endpoint.people.words import plain

FILTERS = ("unit", "unit_type", "category", "subcategory", "harm", "profession")
GROUPS_MOST = 4
VALUES_MOST = 200
_WORD_MOST = 60
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODES: Mapping[str, Collection[str]] = {
    "unit_type": sorted(set(UNIT_TYPE.values())),
    "category": CATEGORIES,
    "harm": HARMS,
    "profession": PROFESSIONS,
}


class Query(Struct, frozen=True):
    """``first``, ``last``: local days, both included; None: no limit."""

    first: date | None = None
    last: date | None = None
    filters: Mapping[str, tuple[str, ...]] = {}
    group_by: tuple[str, ...] = ()


def asked(pairs: Iterable[tuple[str, str]], scope: Scope) -> Query:
    """Read the parameters of a call. Raises NotReadable, naming the parameter and what is wrong with it."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in ("from", "to", "group_by", *FILTERS):
            raise _fault(name[:60], f"unknown; known are from, to, group_by, {', '.join(FILTERS)}")
        if not value.strip():
            raise _fault(name, "is empty")
        given.setdefault(name, []).append(value.strip())
    for name, values in given.items():
        if len(values) > (1 if name in ("from", "to") else VALUES_MOST):
            raise _fault(name, "is given too many times")
    first, last = _day(given, "from"), _day(given, "to")
    if first and last and last < first:
        raise _fault("to", "is before from")
    if scope.protected:
        _by_months(first, last)
    filters = {
        name: tuple(_value(name, one, scope) for one in given[name]) for name in FILTERS if name in given
    }
    return Query(first, last, filters, _groups(given.get("group_by", [])))


def _day(given: Mapping[str, list[str]], name: str) -> date | None:
    text = given[name][0] if name in given else ""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            if not FIRST <= day < LAST:
                raise _fault(name, f"must be from {FIRST} and before {LAST}")
            return day
    except ValueError:
        raise _fault(name, "there is no such day") from None
    raise _fault(name, "must be a day, as 2024-03-05")


def _by_months(first: date | None, last: date | None) -> None:
    """Two periods that differ by a day would tell that day's small number."""
    if first and first.day != 1:
        raise _fault("from", "must be the first of a month for readers to whom no small numbers are told")
    if last and months(last.replace(day=1), last) is None:
        raise _fault("to", "must be the last of a month for readers to whom no small numbers are told")


def _value(name: str, text: str, scope: Scope) -> str:
    if name == "unit":
        return _unit(text, scope).id
    if name == "subcategory":
        if len(text) > _WORD_MOST:
            raise _fault(name, f"is longer than {_WORD_MOST} characters")
        return text
    if text not in _CODES[name]:
        raise _fault(name, f"must be one of {', '.join(_CODES[name])}")
    return text


def _unit(text: str, scope: Scope) -> Place:
    """A unit by its id, or by a name that only one of them has."""
    if text in scope.places:
        return scope.places[text]
    named = [place for place in scope.places.values() if plain(place.name) == plain(text)]
    if len(named) != 1:
        reason = "more than one unit is called so; give its id" if named else "is no unit that you may count"
        raise _fault("unit", reason)
    return named[0]


def _groups(given: list[str]) -> tuple[str, ...]:
    found = tuple(one.strip() for text in given for one in text.split(","))
    for one in found:
        if one not in DIMENSIONS:
            raise _fault("group_by", f"must be of {', '.join(DIMENSIONS)}")
    if len(set(found)) != len(found):
        raise _fault("group_by", "has the same twice")
    if len(found) > GROUPS_MOST:
        raise _fault("group_by", f"at most {GROUPS_MOST} at a time")
    return found


def _fault(name: str, reason: str) -> NotReadable:
    return NotReadable("bad_request", reason, field=name)

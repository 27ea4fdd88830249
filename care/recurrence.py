"""Which days a rule of RFC 5545 names, reckoned from the day that is asked about and never by walking there.

A rule comes from outside: typed, read in from a file, sent by a phone. Walked from its first day, one that
names no day (the 30th of February), or every 0th, keeps a phone or the endpoint busy for seconds or for ever.
So the parts that name days are read here, each within bounds, and every answer takes as long as any other.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import NoReturn

from msgspec import Struct

from care.errors import ScheduleError

RULE_MOST = 500
"""Characters of a rule."""
INTERVAL_MOST = 999
COUNT_MOST = 9999
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(_CODES)})", re.ASCII)
_UNTIL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T\d{6})?", re.ASCII)
_COUNTED_DAYS = 36_525
"""How long a rule with a count is followed (d): a century."""


class Weekday(Struct, frozen=True):
    """``day``: 0 is Monday. ``nth``: the 2nd, or the last (-1), of the month or year; 0: each of them."""

    nth: int
    day: int


class Recurrence(Struct, frozen=True):
    """A rule whose defaults are filled in from its first day (RFC 5545, 3.3.10)."""

    first: date
    every: str
    interval: int = 1
    count: int = 0
    """0: without end."""
    until: date | None = None
    months: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    weekdays: frozenset[Weekday] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0

    def names(self, day: date) -> bool:
        """Whether a day is one of the rule's."""
        if day < self.first or not self._fits(day):
            return False
        return not self.count or day.toordinal() <= _last(self)

    def _fits(self, day: date) -> bool:
        """Whether it is, of as many as there would be without a count."""
        if self.until is not None and day > self.until:
            return False
        return (
            self._in_turn(day)
            and self._named(day)
            and (not self.positions or day in _placed(self, *self._span(day)))
        )

    def _in_turn(self, day: date) -> bool:
        """Whether the day, week, month or year is one of every so many."""
        first = self.first
        match self.every:
            case "DAILY":
                passed = (day - first).days
            case "WEEKLY":
                passed = self._week(day) - self._week(first)
            case "MONTHLY":
                passed = (day.year - first.year) * 12 + day.month - first.month
            case _:
                passed = day.year - first.year
        return passed % self.interval == 0

    def _week(self, day: date) -> int:
        # The first day of the calendar, number 1, is a Monday.
        return (day.toordinal() - 1 - self.week_start) // 7

    def _named(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.monthdays and self.monthdays.isdisjoint((day.day, day.day - _days_in(day) - 1)):
            return False
        return not self.weekdays or any(self._is(day, one) for one in self.weekdays)

    def _is(self, day: date, one: Weekday) -> bool:
        if one.day != day.weekday():
            return False
        start, end = self._span(day) if not self.months or self.every != "YEARLY" else _month(day)
        return one.nth in (0, (day - start).days // 7 + 1, -((end - day).days // 7) - 1)

    def _span(self, day: date) -> tuple[date, date]:
        return _month(day) if self.every == "MONTHLY" else (date(day.year, 1, 1), date(day.year, 12, 31))


@lru_cache(maxsize=1024)
def recurrence(rule: str, first: date) -> Recurrence:
    """A rule that begins on a day. Raises ScheduleError for one that does not name days within bounds."""
    parts = _parts(rule)
    every = parts.pop("FREQ")
    weekdays = frozenset(_weekdays(parts.pop("BYDAY", "")))
    monthdays = frozenset(_numbers("BYMONTHDAY", parts, -31, 31))
    months = frozenset(_numbers("BYMONTH", parts, 1, 12))
    positions = frozenset(_numbers("BYSETPOS", parts, -366, 366))
    if (positions or any(one.nth for one in weekdays)) and every not in ("MONTHLY", "YEARLY"):
        raise ScheduleError(f"days {rule!r}: the nth of a month or a year alone")
    if not weekdays and not monthdays:
        if every == "WEEKLY":
            weekdays = frozenset({Weekday(0, first.weekday())})
        elif every in ("MONTHLY", "YEARLY"):
            monthdays = frozenset({first.day})
            if every == "YEARLY":
                months = months or frozenset({first.month})
    found = Recurrence(
        first,
        every,
        _number("INTERVAL", parts, INTERVAL_MOST) or 1,
        _number("COUNT", parts, COUNT_MOST),
        _until(parts.pop("UNTIL", "")),
        months,
        monthdays,
        weekdays,
        positions,
        _code(parts.pop("WKST", "MO")),
    )
    if parts:
        raise ScheduleError(f"days {rule!r}: {', '.join(sorted(parts))} is not read here")
    return found


@lru_cache(maxsize=1024)
def _last(one: Recurrence) -> int:
    """The day of the last of so many, by its number in the calendar (`date.toordinal`); 0: there is none."""
    start = one.first.toordinal()
    found = filter(one._fits, _between(start, min(start + _COUNTED_DAYS, date.max.toordinal())))
    return max((day.toordinal() for day in islice(found, one.count)), default=0)


@lru_cache(maxsize=256)
def _placed(one: Recurrence, start: date, end: date) -> frozenset[date]:
    """Of what is named in a month or year the first, or the last, or as many as are asked for (BYSETPOS)."""
    named = [day for day in _between(start.toordinal(), end.toordinal()) if one._named(day)]
    places = (place - 1 if place > 0 else place + len(named) for place in one.positions)
    return frozenset(named[place] for place in places if 0 <= place < len(named))


def _parts(rule: str) -> dict[str, str]:
    if len(rule) > RULE_MOST:
        raise ScheduleError(f"days: longer than {RULE_MOST} characters")
    pairs = [part.partition("=") for part in rule.upper().split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs) or not all(parts.values()):
        raise ScheduleError(f"days {rule!r}: no rule such as FREQ=DAILY;INTERVAL=2")
    if parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise ScheduleError(f"days {rule!r}: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY")
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise ScheduleError(f"days {rule!r}: COUNT or UNTIL, not both")
    return parts


def _number(name: str, parts: dict[str, str], most: int) -> int:
    """A part that is a number from 1; 0: it is not there."""
    text = parts.pop(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= most):
        raise ScheduleError(f"days: {name}={text[:20]}, not 1 to {most}")
    return int(text)


def _numbers(name: str, parts: dict[str, str], least: int, most: int) -> list[int]:
    text = parts.pop(name, "")
    found = []
    for one in text.split(",") if text else ():
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", one) or not least <= int(one) <= most or not int(one):
            raise ScheduleError(f"days: {name}={one[:20]}, not {least} to {most}")
        found.append(int(one))
    return found


def _weekdays(text: str) -> Iterator[Weekday]:
    for one in text.split(",") if text else ():
        found = _DAY.fullmatch(one)
        if found is None or (found[1] and not 1 <= abs(int(found[1])) <= 53):
            raise ScheduleError(f"days: BYDAY={one[:20]}, not MO, TU, WE, TH, FR, SA or SU")
        yield Weekday(int(found[1] or 0), _CODES.index(found[2]))


def _code(text: str) -> int:
    if text not in _CODES:
        raise ScheduleError(f"days: WKST={text[:20]}")
    return _CODES.index(text)


def _until(text: str) -> date | None:
    if not text:
        return None
    found = _UNTIL.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> NoReturn:
    raise ScheduleError(f"days: UNTIL={text[:20]}, not a day as 20261231")


def _month(day: date) -> tuple[date, date]:
    start = day.replace(day=1)
    return start, start + timedelta(days=_days_in(day) - 1)


def _days_in(day: date) -> int:
    if day.month == 12:
        return 31
    return (date(day.year, day.month + 1, 1) - date(day.year, day.month, 1)).days


def _between(start: int, end: int) -> Iterator[date]:
    return map(date.fromordinal, range(start, end + 1))

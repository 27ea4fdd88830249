"""The days of an order as one says them, and the RFC 5545 rule that they are.

Only what can be said in a few words has an editor; any other rule is kept, worked out and shown as it is.
"""

import re
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

Every = Literal["day", "week", "month", "once"]
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQ: dict[Every, str] = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
WORKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)
INTERVAL_MOST = 99
Say = Callable[..., str]
"""Gives the text of a key, filled with values: both catalogues of texts are called like this."""


class Days(Struct, frozen=True):
    """Every so many days, weeks or months, from the order's first day on; or that day alone (once).

    ``weekdays``: 0 is Monday. ``monthdays``: 1 to 31; a month without the day is passed over.
    """

    every: Every = "day"
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()

    @property
    def rule(self) -> str:
        """As an RFC 5545 recurrence rule."""
        if self.every == "once":
            return "FREQ=DAILY;COUNT=1"
        parts = [f"FREQ={_FREQ[self.every]}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(_CODES[day] for day in self.weekdays))
        if self.monthdays:
            parts.append("BYMONTHDAY=" + ",".join(map(str, self.monthdays)))
        return ";".join(parts)


def of_rule(rule: str) -> Days | None:
    """The days that a rule says; None when it says more than `Days` can."""
    parts = dict(re.findall(r"([A-Z]+)=([^;]*)", rule.upper()))
    if ";".join(f"{name}={value}" for name, value in parts.items()) != rule.upper():
        return None
    if parts == {"FREQ": "DAILY", "COUNT": "1"}:
        return Days("once")
    every = next((name for name, freq in _FREQ.items() if freq == parts.get("FREQ")), None)
    interval = parts.get("INTERVAL", "1")
    weekdays = [code for code in parts.get("BYDAY", "").split(",") if code]
    monthdays = [day for day in parts.get("BYMONTHDAY", "").split(",") if day]
    known = parts.keys() <= {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY"}
    fits = (every == "week") >= bool(weekdays) and (every == "month") >= bool(monthdays)
    plain = set(weekdays) <= set(_CODES) and all(_counts(day) and int(day) <= 31 for day in monthdays)
    if every is None or not known or not fits or not plain or not _counts(interval):
        return None
    numbers = tuple(sorted(_CODES.index(code) for code in weekdays))
    return Days(every, int(interval), numbers, tuple(sorted(map(int, monthdays))))


def _counts(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 4 and int(text) > 0


def words(rule: str, say: Say) -> str:
    """The days in words: *varje dag*, *varannan dag*, *mån, ons och fre*. A rule that has none: itself."""
    days = of_rule(rule)
    if days is None:
        return rule
    if days.every == "once":
        return say("days.once")
    if days.weekdays:
        named = _weekdays(days, say)
        return named if days.interval == 1 else f"{named}, {_each(days, say)}"
    if days.monthdays:
        listed = together([str(day) for day in days.monthdays], say)
        return f"{say('days.monthdays', days=listed)} {_each(days, say)}"
    return _each(days, say)


def _each(days: Days, say: Say) -> str:
    if days.interval > 2:
        return say(f"days.nth_{days.every}", number=days.interval)
    return say(f"days.{'other' if days.interval == 2 else 'every'}_{days.every}")


def _weekdays(days: Days, say: Say) -> str:
    if days.weekdays in (WORKDAYS, WEEKEND):
        return say("days.workdays" if days.weekdays == WORKDAYS else "days.weekend")
    names = say("days.weekdays").split()
    return together([names[day] for day in days.weekdays], say)


def together(parts: list[str], say: Say) -> str:
    """*08:00, 14:00 och 20:00*."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {say('days.and')} {parts[-1]}"

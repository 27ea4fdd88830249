"""When something is to be done, read from plain Swedish: "var dag 08 och 20", "mån ons fre 10".

What orders are written in is Swedish, in whatever language the app speaks to its reader.
"""

import re
from datetime import date, datetime, timedelta

from msgspec import Struct

from care.days import INTERVAL_MOST, WEEKEND, WORKDAYS, Days
from care.schedule import local

_WEEKDAYS = (
    ("må", "mån", "månd", "måndag", "måndagar"),
    ("ti", "tis", "tisd", "tisdag", "tisdagar"),
    ("on", "ons", "onsd", "onsdag", "onsdagar"),
    ("to", "tor", "tors", "torsd", "torsdag", "torsdagar"),
    ("fr", "fre", "fred", "fredag", "fredagar"),
    ("lö", "lör", "lörd", "lördag", "lördagar"),
    ("sö", "sön", "sönd", "söndag", "söndagar"),
)
_OF_DAY = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_NTH = {
    "annan": 2,
    "tredje": 3,
    "fjärde": 4,
    "femte": 5,
    "sjätte": 6,
    "sjunde": 7,
    "åttonde": 8,
    "nionde": 9,
    "tionde": 10,
    "fjortonde": 14,
}
_CLOCKS = {"morgon": "08:00", "lunch": "12:00", "middag": "12:00", "kväll": "20:00", "natt": "22:00"}
"""(p) What a part of the day is taken to be; the preview shows it, and a time can be written instead."""
_PASSED_OVER = {"och", "kl", "kl.", "klockan", "samt", "på", "till", "i", "vid", "om", "en", "gång", "ggr"}
_EVERY = re.compile(
    r"\b(?:dagligen|(?:varje|var|varannan|vart?\s+(?:annat|\w+)|var(?:t)?\s+(?P<digits>\d{1,2}):[ea])\s+"
    r"(?P<unit>dag|dygn|vecka|månad)\b)"
)
_YEARS = (2000, 2200)
"""What a day that is written may be in: the rest is a slip of a finger."""
_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?")


class Said(Struct, frozen=True):
    """What was read. ``times`` are local "HH:MM", each once, in order of the day."""

    days: Days
    times: tuple[str, ...]


def read(text: str) -> Said | str:
    """The days and times that a text says, or the part of it that was not understood.

    Without days it is every day. "en gång" is the first day alone.
    """
    left = " ".join(text.lower().replace(",", " ").replace(";", " ").split())
    once = bool(re.search(r"\b(?:en gång|engångsdos)\b", left))
    left = re.sub(r"\b(?:en gång|engångsdos)\b", " ", left)
    monthdays, left = _monthdays(left)
    every, interval, left = _every(left)
    if monthdays and every != "month":
        return "den"
    weekdays, times, strange = _words(left.split())
    if strange:
        return strange
    if once:
        return Said(Days("once"), times) if not weekdays and not every else "en gång"
    if weekdays:
        if every == "month" or (every == "day" and interval > 1):
            return left
        return Said(Days("week", interval, weekdays), times)
    if every == "week":
        return Said(Days("week", interval), times)
    if every == "month":
        return Said(Days("month", interval, (), monthdays), times)
    return Said(Days("day", interval), times)


def moment(text: str, today: date) -> datetime | None:
    """A day and a time, Swedish time: "i dag 18", "i morgon 08:30", "2026-03-14 08". Without a day it is
    today. None: not understood, or of no one day, as "mån 10" is."""
    plain = text.strip().lower().replace("i dag", "idag").replace("i morgon", "imorgon")
    first, _, rest = plain.partition(" ")
    day = {"idag": today, "imorgon": today + timedelta(days=1)}.get(first)
    if day is None:
        try:
            day = date.fromisoformat(first)
        except ValueError:
            day, rest = today, plain
    said = read(rest)
    if not isinstance(said, Said) or said.days != Days("day") or len(said.times) != 1:
        return None
    return local(day, said.times[0]) if _YEARS[0] <= day.year < _YEARS[1] else None


def _every(text: str) -> tuple[str, int, str]:
    """How often, and what is left of the text."""
    found = _EVERY.search(text)
    if found is None:
        return "", 1, text
    left = f"{text[: found.start()]} {text[found.end() :]}"
    unit = {"vecka": "week", "månad": "month"}.get(found["unit"] or "dag", "day")
    if found["digits"]:
        return unit, min(int(found["digits"]) or 1, INTERVAL_MOST), left
    first, *rest = found[0].split()
    if first in ("varannan",) or rest[:1] == ["annat"]:
        return unit, 2, left
    nth = rest[0] if len(rest) > 1 else ""
    if nth and nth not in _NTH:
        return "", 1, text
    return unit, _NTH.get(nth, 1), left


def _monthdays(text: str) -> tuple[tuple[int, ...], str]:
    """The days after "den": *den 1 och 15*."""
    found = re.search(r"\bden\s+((?:\d{1,2}(?:\s+och)?\s+)*\d{1,2})(?![:.\d])", f"{text} ")
    if found is None:
        return (), text
    days = {int(day) for day in re.findall(r"\d+", found[1])}
    left = f"{text[: found.start()]} {text[found.end() :]}"
    return tuple(sorted(day for day in days if 1 <= day <= 31)), left


def _words(words: list[str]) -> tuple[tuple[int, ...], tuple[str, ...], str]:
    """Weekdays and times among single words, and the first one that is neither."""
    weekdays: set[int] = set()
    times: set[str] = set()
    for word in words:
        clock = _TIME.fullmatch(word)
        if word in _OF_DAY:
            weekdays.add(_OF_DAY[word])
        elif word in ("vardag", "vardagar"):
            weekdays |= set(WORKDAYS)
        elif word in ("helg", "helger"):
            weekdays |= set(WEEKEND)
        elif clock:
            times.add(f"{int(clock['hour']):02}:{clock['minute'] or '00'}")
        elif word in _CLOCKS:
            times.add(_CLOCKS[word])
        elif word not in _PASSED_OVER:
            return (), (), word
    return tuple(sorted(weekdays)), tuple(sorted(times)), ""

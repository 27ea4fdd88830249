"""Reading a time as other systems write it: ISO 8601, or Swedish time in Europe/Stockholm.

What can be read in two ways is not read at all: 05/03/2024 is March or May.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from msgspec import Struct

from care.schedule import STOCKHOLM

FIRST, LAST = date(1990, 1, 1), date(2200, 1, 1)
"""No report is older (p), and none of a time to come: what says so is a slip of the pen."""

_CLOCK = (
    r"(?:[T ]\s*(?:kl\.? ?)?(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})"
    r"(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})" + _CLOCK, re.IGNORECASE),
    re.compile(
        r"(?P<year>[0-9]{4})(?P<sep>[./]?)(?P<month>[0-9]{2})(?P=sep)(?P<day>[0-9]{2})" + _CLOCK, re.I
    ),
    re.compile(
        r"(?:den )?(?P<day>[0-9]{1,2}) (?P<word>[a-z]{3,9})\.? (?P<year>[0-9]{4}),?" + _CLOCK, re.IGNORECASE
    ),
)
_TWO_WAYS = re.compile(
    r"[0-9]{1,2}[-./][0-9]{1,2}[-./](?:[0-9]{2}|[0-9]{4})(?![0-9]).*|[0-9]{2}-[0-9]{2}-[0-9]{2}.*"
)
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_WHOLE = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
          "november", "december")  # fmt: skip


class Told(Struct, frozen=True):
    """A local date, and the moment (UTC) where a time of day is told.

    ``again``: the second moment that the same words name, in the hour that an October night has twice.
    """

    day: date
    at: datetime | None = None
    again: datetime | None = None

    @property
    def local(self) -> datetime | None:
        return None if self.at is None else self.at.astimezone(STOCKHOLM)

    @property
    def moment(self) -> datetime:
        """The moment; the day's beginning, where no time of day is told."""
        return self.at or datetime.combine(self.day, time(), STOCKHOLM).astimezone(UTC)


@lru_cache(10_000)
def told(text: str) -> Told:
    """Read a date, or a date and a time. Raises ValueError with a reason for whoever wrote the file."""
    said = " ".join(text.split())
    match = next((found for one in _DATES if (found := one.fullmatch(said))), None)
    if match is None:
        if _TWO_WAYS.fullmatch(said):
            raise ValueError("can be read in more than one way; write it as 2024-03-05 14:30")
        raise ValueError("is no date or time; write it as 2024-03-05 14:30")
    day = _day(match)
    if day < FIRST:
        raise ValueError(f"is before {FIRST}")
    if day >= LAST:
        raise ValueError("is in the future")
    if match["hour"] is None:
        return Told(day)
    naive = datetime.combine(day, _time(match))
    if match["zone"]:
        at = naive.replace(tzinfo=_zone(match["zone"])).astimezone(UTC)
        return Told(at.astimezone(STOCKHOLM).date(), at)
    return _local(naive)


def _day(match: re.Match[str]) -> date:
    named = match.groupdict()
    month = _month(named["word"]) if "word" in named else int(named["month"])
    try:
        return date(int(named["year"]), month, int(named["day"]))
    except ValueError:
        raise ValueError("there is no such day") from None


def _month(word: str) -> int:
    for names in (_WHOLE, _MONTHS):
        if word.casefold() in names:
            return names.index(word.casefold()) + 1
    if word.casefold() == "sept":
        return 9
    raise ValueError("is no date or time; write it as 2024-03-05 14:30")


def _time(match: re.Match[str]) -> time:
    part = (match["part"] or "")[:6].ljust(6, "0")
    try:
        return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), int(part))
    except ValueError:
        raise ValueError("there is no such time of day") from None


def _zone(text: str) -> timezone:
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 14 or minutes > 59:
        raise ValueError(f"there is no zone {text}")
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)


def _local(naive: datetime) -> Told:
    first, second = (naive.replace(tzinfo=STOCKHOLM, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(STOCKHOLM).replace(tzinfo=None) != naive:
        raise ValueError("there is no such time: the clock was put forward over it that night")
    return Told(naive.date(), first, second if second != first else None)

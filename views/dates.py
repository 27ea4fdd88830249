"""Times and dates as one says them: 07:12, i går 20:10, 12 nov 05:58, 14 mars 2026. Always 24 hours.

All times given here are already in the unit's own time zone; these functions read the clock from nowhere.
"""

from datetime import date, datetime, timedelta

from views.texts import Texts


def clock(at: datetime) -> str:
    """07:12."""
    return f"{at:%H:%M}"


def day(on: date, texts: Texts) -> str:
    """14 mars 2026."""
    return f"{on.day} {texts('date.months').split()[on.month - 1]} {on.year}"


def month_day(on: date, texts: Texts) -> str:
    """14 mars."""
    return f"{on.day} {texts('date.months').split()[on.month - 1]}"


def short_day(on: date, texts: Texts) -> str:
    """12 nov."""
    return f"{on.day} {texts('date.months_short').split()[on.month - 1]}"


def weekday(on: date, texts: Texts) -> str:
    """torsdag."""
    return texts("date.weekdays").split()[on.weekday()]


def relative_day(on: date, today: date, texts: Texts) -> str:
    """i dag, i går, i morgon, 12 nov (this year), 12 nov 2024."""
    near = {0: "date.today", -1: "date.yesterday", 1: "date.tomorrow"}.get((on - today).days)
    if near:
        return texts(near)
    return short_day(on, texts) if on.year == today.year else f"{short_day(on, texts)} {on.year}"


def moment(at: datetime, now: datetime, texts: Texts) -> str:
    """07:12 today, otherwise the day before it: i går 20:10, 12 nov 05:58."""
    if at.date() == now.date():
        return clock(at)
    return f"{relative_day(at.date(), now.date(), texts)} {clock(at)}"


def duration(length: timedelta, texts: Texts) -> str:
    """20 min, 2 timmar, 3 dagar; rounded down, because nobody is later than they are."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return texts.n("date.minutes", minutes)
    if minutes < 48 * 60:
        return texts.n("date.hours", minutes // 60)
    return texts.n("date.days", minutes // (24 * 60))

"""Times as one says them, in Europe/Stockholm: 07:12, i går 20:10, 12 nov 05:58, 14 mars 2026."""

from datetime import date, datetime

from care.schedule import STOCKHOLM
from endpoint.console.texts import Texts


def clock(at: datetime) -> str:
    """07:12."""
    return f"{at.astimezone(STOCKHOLM):%H:%M}"


def day(on: date, t: Texts) -> str:
    """14 mars 2026."""
    return f"{on.day} {t('date.months').split()[on.month - 1]} {on.year}"


def short_day(at: datetime, t: Texts) -> str:
    """14 mar."""
    local = at.astimezone(STOCKHOLM)
    return f"{local.day} {t('date.months_short').split()[local.month - 1]}"


def moment(at: datetime, now: datetime, t: Texts) -> str:
    """07:12 today, otherwise the day before it: i går 20:10, 12 nov 05:58."""
    local, today = at.astimezone(STOCKHOLM), now.astimezone(STOCKHOLM).date()
    if local.date() == today:
        return clock(at)
    if (today - local.date()).days == 1:
        return f"{t('date.yesterday')} {clock(at)}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {t('date.months_short').split()[local.month - 1]}{year} {clock(at)}"


def dated(at: datetime, t: Texts) -> str:
    """14 mars 2026 07:12: for what is printed, handed out or kept, and read on another day."""
    return f"{day(at.astimezone(STOCKHOLM).date(), t)} {clock(at)}"


def waited(since: datetime, now: datetime, t: Texts) -> str:
    """2 min, 3 timmar, 4 dagar; rounded down."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return t.n("date.minutes", minutes)
    if minutes < 48 * 60:
        return t.n("date.hours", minutes // 60)
    return t.n("date.days", minutes // (24 * 60))

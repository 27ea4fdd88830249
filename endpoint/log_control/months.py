"""Months as they are controlled: "2026-10", local days, half-open."""

import re
from datetime import UTC, date, datetime, timedelta

from care.log_control import local_month
from care.schedule import STOCKHOLM
from care.signing import local_day
from endpoint.audit.heads import AFTER_MIDNIGHT

_NAME = re.compile(r"2\d{3}-(0[1-9]|1[0-2])")


def name(day: date) -> str:
    """The month of a day."""
    return f"{day:%Y-%m}"


def first(month: str) -> date | None:
    """The first day of a month; None for what is no month's name."""
    return date.fromisoformat(f"{month}-01") if _NAME.fullmatch(month) else None


def period(month: date) -> tuple[datetime, datetime]:
    """From the first local midnight of a month up to that of the next."""
    start, end = local_month(month)
    return midnight(start), midnight(end)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)


def before(day: date, count: int) -> list[date]:
    """The first days of the `count` whole months before a day's own, the latest first."""
    found, at = [], day.replace(day=1)
    for _ in range(count):
        at = (at - timedelta(days=1)).replace(day=1)
        found.append(at)
    return found


def over(now: datetime, count: int) -> list[date]:
    """The first days of the last `count` months that are over, and whose log grows no more."""
    return before(local_day(now - AFTER_MIDNIGHT), count)


def due(month: date, by_day: int) -> date:
    """The day after which the control of a month is overdue."""
    _, following = local_month(month)
    return following + timedelta(days=min(max(by_day, 1), 28) - 1)

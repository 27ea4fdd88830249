"""Wrong enrolment codes: few from one address, and not many from all of them together.

A code has ten signs of 31 (50 bits) and lives for half an hour, so that guessing is hopeless already; the
limits make it show, and cost the endpoint nothing.
"""

import os
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from care.ids import uuid7
from endpoint.errors import TooOften
from endpoint.schema import enrol_tries

WINDOW = timedelta(minutes=15)
MOST_FROM_ONE = 10
MOST_FROM_ALL = 100
_SOURCE_MOST = 80


def check(connection: Connection, source: str, now: datetime) -> None:
    """Raise TooOften when too many wrong codes came lately, from this address or from everywhere."""
    recent = select(func.count()).select_from(enrol_tries).where(enrol_tries.c.at > now - WINDOW)
    from_all = connection.scalar(recent) or 0
    from_one = connection.scalar(recent.where(enrol_tries.c.source == _named(source))) or 0
    if from_one >= MOST_FROM_ONE or from_all >= MOST_FROM_ALL:
        wait = int(WINDOW.total_seconds())
        raise TooOften("too_often", "too many wrong codes", field="code", retry_after=wait)


def note(connection: Connection, source: str, now: datetime) -> None:
    """Count a wrong code. Those that count no longer are deleted."""
    connection.execute(delete(enrol_tries).where(enrol_tries.c.at <= now - WINDOW))
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    connection.execute(enrol_tries.insert().values(id=id, source=_named(source), at=now))


def _named(source: str) -> str:
    return source.replace("\0", "")[:_SOURCE_MOST]

"""Five years: the one way in which rows of the log leave it, whole days at a time.

The database lets go of a day only when five years have passed since (its own clock) and the day's signed head
is there. The heads stay: that there was a log of so many rows, and what it ended in, is kept.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, exists, select

from care.signing import local_day
from endpoint.audit.tables import audit, audit_chains, audit_heads
from endpoint.schema import facts

YEARS = 5
"""HSLF-FS 2016:40, 4 kap. 9 §: logs are kept for at least five years."""
_SLACK = timedelta(days=2)
"""So that no time zone and no leap day makes it a day less."""


def forget(connection: Connection, now: datetime) -> int:
    """Delete the days that are older than five years, with the facts of reading. Returns how many rows."""
    before = oldest_kept(now)
    gone = 0
    for table in (audit, audit_chains):
        signed = exists(select(1).where(audit_heads.c.unit == table.c.unit, audit_heads.c.day == table.c.day))
        done = connection.execute(delete(table).where(table.c.day < before.isoformat(), signed))
        gone += done.rowcount if table is audit else 0
    limit = now - (now.date() - before)
    connection.execute(delete(facts).where(facts.c.type == "person.viewed", facts.c.received < limit))
    return gone


def oldest_kept(now: datetime) -> date:
    """The first day whose rows stay."""
    today = local_day(now)
    leap = today.month == 2 and today.day == 29
    return today.replace(year=today.year - YEARS, day=28 if leap else today.day) - _SLACK

"""Five years: the one way in which rows of the log leave it, whole days at a time.

The database lets go of a day only when five years have passed since (its own clock) and the day's signed head
is there. The heads stay: that there was a log of so many rows, and what it ended in, is kept.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select

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
    signed = (audit_heads.c.unit == audit_chains.c.unit) & (audit_heads.c.day == audit_chains.c.day)
    due = connection.execute(
        select(audit_chains.c.unit, audit_chains.c.day)
        .join(audit_heads, signed)
        .where(audit_chains.c.day < before.isoformat())
        .order_by(audit_chains.c.day, audit_chains.c.unit)
    ).all()
    gone = 0
    # Chain by chain, as they are stored: nobody waits while all of the log is gone through.
    for unit, day in due:
        rows = delete(audit).where(audit.c.unit == unit, audit.c.day == day)
        gone += connection.execute(rows).rowcount
        connection.execute(delete(audit_chains).where(audit_chains.c.unit == unit, audit_chains.c.day == day))
    limit = now - (now.date() - before)
    connection.execute(delete(facts).where(facts.c.type == "person.viewed", facts.c.received < limit))
    return gone


def oldest_kept(now: datetime) -> date:
    """The first day whose rows stay."""
    today = local_day(now)
    leap = today.month == 2 and today.day == 29
    return today.replace(year=today.year - YEARS, day=28 if leap else today.day) - _SLACK

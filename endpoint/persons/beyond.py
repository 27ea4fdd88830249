"""Aktivt val: seeing a person of a unit where one does not work now, for a reason, for a while.

HSLF-FS 2016:40 4 kap.: whoever needs more than their own units' records makes an active choice first. It is
logged with its reason, and every one is part of the log control.
"""

import os
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Column, Connection, Index, String, Table, select

from care.ids import uuid7
from endpoint.schema import Moment, metadata

LASTS = timedelta(hours=1)
"""(p): long enough for what one came for; then the choice is made anew."""
Reason = Literal["acute", "asked", "taking_over", "other"]
"""Akut hjälp · ombedd av kollega · personen flyttar hit · annat, med egna ord."""
REASONS: tuple[Reason, ...] = get_args(Reason)
WORDS_MOST = 300

beyond = Table(
    "beyond",
    metadata,
    Column("id", String, primary_key=True),
    Column("staff", String, nullable=False),
    Column("person", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("words", String, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Index("beyond_by_staff", "staff", "person"),
)


def choose(
    connection: Connection, staff: str, person: str, reason: Reason, words: str, now: datetime
) -> datetime:
    """Open a person for somebody; until when. The caller logs it in the same transaction."""
    connection.execute(
        beyond.insert().values(
            id=uuid7(int(now.timestamp() * 1000), os.urandom(10)),
            staff=staff,
            person=person,
            reason=reason,
            words=words,
            opened=now,
            until=now + LASTS,
        )
    )
    return now + LASTS


def open_until(connection: Connection, staff: str, person: str, now: datetime) -> datetime | None:
    """Until when somebody's active choice of a person holds; None: they have made none that does."""
    held = (
        beyond.c.staff == staff,
        beyond.c.person == person,
        beyond.c.opened <= now,
        beyond.c.until > now,
    )
    return connection.scalar(select(beyond.c.until).where(*held).order_by(beyond.c.until.desc()).limit(1))

"""Locking (PDL 2008:355 3:10; HSLF-FS 2016:40 5 kap.): from a set day on nothing that was entered is changed.

Every fact is signed when it is made, and none is ever changed. What locking adds is until when somebody may
take back or correct what is their own as if it had not been said. From then on a correction is an addition:
it says so, and both are shown. It is derived, never stored: a longer or shorter time counts for all at once.
"""

from datetime import date, datetime, timedelta

from care.documents import Document
from care.signing import local_day


def lock_day(stated: datetime, days: int) -> date:
    """The local day from whose beginning something is locked, so many days after it was stated."""
    return local_day(stated) + timedelta(days=days)


def is_locked(stated: datetime, now: datetime, days: int) -> bool:
    """Whether what was stated at a moment is locked now."""
    return local_day(now) >= lock_day(stated, days)


def locked(document: Document, now: datetime, days: int) -> bool:
    """Whether the entry that a document began with is locked; what was added later has its own day."""
    return document.created is not None and is_locked(document.created, now, days)

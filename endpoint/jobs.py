"""What the endpoint does by itself, and when. Add a job here; endpoint/scheduler.py runs them."""

from datetime import datetime, time

from endpoint.audit import heads
from endpoint.escalating import escalate
from endpoint.keeping import ledger, retention
from endpoint.keeping.carrying_out import carry_out
from endpoint.keeping.terms import keep
from endpoint.parts import Parts
from endpoint.publish_anew import publish_anew
from endpoint.scheduler import Job
from endpoint.watch.sending import send_due
from endpoint.watch.telling import remind, watch


def _unanswered(parts: Parts, now: datetime, since: datetime) -> None:
    escalate(parts, now)


def _watch(parts: Parts, now: datetime, since: datetime) -> None:
    watch(parts, now)


def _reminders(parts: Parts, now: datetime, since: datetime) -> None:
    remind(parts, now)


def _outgoing(parts: Parts, now: datetime, since: datetime) -> None:
    send_due(parts)


def _erasures(parts: Parts, now: datetime, since: datetime) -> None:
    carry_out(parts)


def _publications(parts: Parts, now: datetime, since: datetime) -> None:
    publish_anew(parts)


def _heads(parts: Parts, now: datetime, since: datetime) -> None:
    parts.database.write_now(lambda connection: heads.make_due(connection, parts.keys.sign_private, now))


def _retention(parts: Parts, now: datetime, since: datetime) -> None:
    if not parts.settings.keep:
        # Nobody has decided on the terms here: what care has recorded is not for the endpoint to erase.
        retention.sweep_ended(parts.database, now)
        return
    file = ledger.path_in(parts.settings.data)
    retention.run(parts.database, parts.keys, file, keep(parts.settings.keep), now, rewrite=False)


def _rewrite(parts: Parts, now: datetime, since: datetime) -> None:
    if not parts.database.postgres and parts.database.read_now(lambda c: ledger.any_since(c, since)):
        parts.database.rewrite()


JOBS = (
    Job("unanswered", _unanswered),
    Job("watch", _watch),
    Job("reminders", _reminders, at=time(7), until=time(18)),
    Job("outgoing", _outgoing),
    Job("erasures", _erasures, long=True),
    Job("heads", _heads, at=time(1, 5), long=True),
    Job("publications", _publications, at=time(1, 20), until=time(5), long=True),
    Job("retention", _retention, at=time(2, 30), until=time(4), long=True),
    Job("rewrite", _rewrite, at=time(3, 30), until=time(5), long=True),
)
"""Heads are signed in the day too where the night was missed; what takes time or locks waits for a night.

PostgreSQL's tables are not written anew here: that locks them (`erasures rewrite`, docs/keeping.md).
"""

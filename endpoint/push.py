"""Push: sealed facts in, one signed receipt out. One bad fact never blocks the others."""

import logging
import threading
from collections import Counter as Tally
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from prometheus_client import Counter
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from care.ids import is_uuid
from endpoint import logs
from endpoint.arrival import Examined, Fault, Sent, examine
from endpoint.batches import Batch, Done, Outcome, Unrecordable, alone, told, whole
from endpoint.database import Database, away
from endpoint.errors import NotAllSigned
from endpoint.keys import Keys
from endpoint.record import Arrival
from endpoint.verifying import Verifier
from wire.messages import Receipt

logger = logging.getLogger("rapp.endpoint")
_HERE = Verifier()
_examining = threading.Lock()
"""One batch at a time in a worker: several would take turns at Python's lock, and lose a third by it."""


_sent = Counter("rapp_facts", "Facts that phones have sent, by what became of them", ["status"])


def push(
    database: Database, keys: Keys, sent: Sequence[Sent], now: datetime, verifier: Verifier = _HERE
) -> list[Receipt]:
    """Take it in, all or nothing if it is of several phones, and wake those who wait for it. Blocking."""
    with _examining:
        examined = examine(database, keys, sent, now, verifier)
        batches = _batches(sent, examined.believed())
    try:
        done = _at_once(database, batches, examined, now)
    except Exception as error:
        if len(sent) > 1 or away(error):
            raise
        [batch] = _batches(sent, examined.verified())
        logger.exception("a batch of %d could not be recorded; each fact is tried alone", len(batch.examined))
        done = [_one_by_one(database, batch, now)]
    for of, one in zip(sent, done, strict=True):
        _note(of.caller.device, one)
    return [
        Receipt(device=of.caller.device, received=now, results=tuple(one.results), chain=one.chain)
        for of, one in zip(sent, done, strict=True)
    ]


def _batches(sent: Sequence[Sent], examined: Sequence[Sequence[Arrival | Fault]]) -> list[Batch]:
    return [Batch(*one) for one in zip(sent, examined, strict=True)]


def _note(device: str, done: Done) -> None:
    """Count it, and log what was set aside."""
    for status, many in Tally(result.status for result in done.results).items():
        _sent.labels(status).inc(many)
    for reason in sorted({fault.reason for fault in done.faults}):
        of = [fault.sealed.id for fault in done.faults if fault.reason == reason]
        logs.set_aside(device, reason, len(of), of[0] if is_uuid(of[0]) else "")


def _at_once(database: Database, batches: Sequence[Batch], examined: Examined, now: datetime) -> list[Done]:
    """In one transaction, that ends when the last signature has been verified. Mostly all hold; where not,
    nothing stands, and it is done again with what does."""

    def confirmed(connection: Connection) -> tuple[list[Done], frozenset[str]]:
        found = whole(connection, batches, now)
        if not examined.confirmed():
            raise NotAllSigned
        return found

    try:
        done, woken = database.write_now(confirmed)
    except NotAllSigned:
        batches = _batches([one.sent for one in batches], examined.verified())
        done, woken = database.write_now(lambda connection: whole(connection, batches, now))
    # At once: whatever becomes of the rest of the call, this is committed.
    database.wake.up(woken, by={one.device for one in batches})
    return done


def _one_by_one(database: Database, batch: Batch, now: datetime) -> Done:
    outcomes: list[Outcome] = []
    for one in batch.arrivals:
        try:
            done = database.write_now(partial(alone, batch=batch, arrival=one, now=now))
        except (OperationalError, PoolTimeout):
            raise  # the database's trouble, not the fact's: the phone sends it again
        except Exception as error:
            logger.exception("fact %s could not be recorded", one.fact.id)
            outcomes.append(Unrecordable(str(error)))
            continue
        outcomes += done.results
        database.wake.up(done.woken, by={batch.device})
    return database.write_now(lambda connection: told(connection, batch, outcomes, now))

"""Push: sealed facts in, one signed receipt out. One bad fact never blocks the others."""

import hashlib
import logging
import threading
from collections import Counter as Tally
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from prometheus_client import Counter
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from care.ids import is_uuid
from endpoint import chains, devices, devices_told, logs
from endpoint.arrival import Examined, Fault, examine, oversized
from endpoint.chains import Link, link_of
from endpoint.database import Database, insert_once
from endpoint.errors import NotAllSigned
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.record import Arrival, Record, Recorded, record
from endpoint.schema import quarantine
from endpoint.sessions import Caller
from endpoint.verifying import Verifier
from endpoint.wake import standing_of
from wire.messages import ChainEnd, PushResult, Receipt
from wire.seal import Sealed

logger = logging.getLogger("rapp.endpoint")
_DETAIL_MOST = 300
_HERE = Verifier()
_examining = threading.Lock()
"""One batch at a time in a worker: several would take turns at Python's lock, and lose a third by it."""


class Unrecordable(Struct, frozen=True):
    """A well-formed fact that cannot stand beside the others of its aggregate."""

    detail: str


Outcome = Recorded | Unrecordable

_sent = Counter("rapp_facts", "Facts that phones have sent, by what became of them", ["status"])


class _Batch(Struct, frozen=True):
    """What a phone has sent: examined, each for itself. ``left``: how much it says waits behind it."""

    caller: Caller
    items: Sequence[Sealed]
    examined: Sequence[Arrival | Fault]
    now: datetime
    left: int | None


class _Done(Struct, frozen=True):
    """What became of a batch, in its order; ``woken``: names to wake; ``chain``: how the phone's ends now."""

    results: list[PushResult]
    faults: list[Fault]
    woken: frozenset[str]
    chain: ChainEnd | None


def push(
    database: Database,
    keys: Keys,
    caller: Caller,
    items: Sequence[Sealed],
    now: datetime,
    left: int | None = None,
    verifier: Verifier = _HERE,
) -> Receipt:
    """Take a batch in, and wake those who wait for it. Blocking."""
    with _examining:
        examined = examine(database, keys, caller, items, now, verifier)
        batch = _Batch(caller, items, examined.believed(), now, left)
    try:
        done = _at_once(database, batch, examined)
    except Exception:
        logger.exception("a batch of %d could not be recorded; each fact is tried alone", len(items))
        done = _one_by_one(database, replace(batch, examined=examined.verified()))
    # At once: whatever becomes of the rest of the call, this is committed.
    database.wake.up(done.woken, by=caller.device)
    for status, many in Tally(result.status for result in done.results).items():
        _sent.labels(status).inc(many)
    for reason in sorted({fault.reason for fault in done.faults}):
        of = [fault.sealed.id for fault in done.faults if fault.reason == reason]
        logs.set_aside(caller.device, reason, len(of), of[0] if is_uuid(of[0]) else "")
    return Receipt(device=caller.device, received=now, results=tuple(done.results), chain=done.chain)


def _at_once(database: Database, batch: _Batch, examined: Examined) -> _Done:
    """In one transaction, that ends when the last signature has been verified. Mostly all hold; where not,
    nothing stands, and it is done again with what does."""
    try:
        return database.write_now(lambda connection: _confirmed(connection, batch, examined))
    except NotAllSigned:
        batch = replace(batch, examined=examined.verified())
        return database.write_now(lambda connection: _whole(connection, batch))


def _confirmed(connection: Connection, batch: _Batch, examined: Examined) -> _Done:
    done = _whole(connection, batch)
    if not examined.confirmed():
        raise NotAllSigned
    return done


def _whole(connection: Connection, batch: _Batch) -> _Done:
    """All of it in one transaction."""
    _heard(connection, batch)  # its row before any stream's: `standing.locked`
    arrivals = [one for one in batch.examined if isinstance(one, Arrival)]
    done = _take(connection, batch.caller.device, arrivals, batch.now)
    results, faults = _answers(batch, done.results)
    return _Done(results, faults, done.woken, _set_aside(connection, batch, faults))


def _one_by_one(database: Database, batch: _Batch) -> _Done:
    outcomes: list[Outcome] = []
    device, now = batch.caller.device, batch.now
    for one in batch.examined:
        if isinstance(one, Fault):
            continue
        try:
            done = database.write_now(partial(_take, device=device, arrivals=[one], now=now))
        except (OperationalError, PoolTimeout):
            raise  # the database's trouble, not the fact's: the phone sends it again
        except Exception as error:
            logger.exception("fact %s could not be recorded", one.fact.id)
            outcomes.append(Unrecordable(str(error)))
            continue
        outcomes += done.results
        database.wake.up(done.woken, by=device)
    results, faults = _answers(batch, outcomes)

    def note(connection: Connection) -> ChainEnd | None:
        _heard(connection, batch)
        return _set_aside(connection, batch, faults)

    return _Done(results, faults, frozenset(), database.write_now(note))


def _take(connection: Connection, device: str, arrivals: Sequence[Arrival], now: datetime) -> Record:
    if not arrivals:
        return Record([], frozenset())
    done = record(connection, arrivals, now)
    new = [
        _link(one)
        for one, result in zip(arrivals, done.results, strict=True)
        if result.status == "accepted" and not result.conflict
    ]
    if chains.recorded(connection, device, new, now):
        done = replace(done, woken=done.woken | {standing_of(device)})
    if done.woken:
        announce(connection, done.woken)
    return done


def _link(arrival: Arrival) -> Link:
    return arrival.link or link_of(arrival.fact, arrival.envelope)


def _answers(batch: _Batch, outcomes: Sequence[Outcome]) -> tuple[list[PushResult], list[Fault]]:
    """What is said of each, and what is set aside. ``outcomes``: of those that were fit to be recorded."""
    left = iter(outcomes)
    results: list[PushResult] = []
    faults: list[Fault] = []
    for sealed, one in zip(batch.items, batch.examined, strict=True):
        result, fault = _faulty(one) if isinstance(one, Fault) else _result(sealed, _link(one), next(left))
        results.append(result)
        faults += [fault] if fault else []
    return results, faults


def _result(sealed: Sealed, link: Link, outcome: Outcome) -> tuple[PushResult, Fault | None]:
    if isinstance(outcome, Unrecordable):
        return _faulty(Fault(sealed, "malformed", outcome.detail, link))
    if outcome.conflict:
        fault = Fault(sealed, "conflict", f"the endpoint holds {outcome.hash.hex()} by that id", link)
        return PushResult(id=sealed.id, status="quarantined", hash=outcome.hash, reason="conflict"), fault
    return PushResult(id=sealed.id, status=outcome.status, hash=outcome.hash), None


def _faulty(fault: Fault) -> tuple[PushResult, Fault]:
    return PushResult(id=fault.sealed.id, status="quarantined", reason=fault.reason), fault


def _heard(connection: Connection, batch: _Batch) -> None:
    """The phone was heard from, and said how much waits behind this."""
    devices.heard(connection, batch.caller.device, batch.now)
    if batch.left is not None:
        devices_told.unsent(connection, batch.caller.device, batch.left)


def _set_aside(connection: Connection, batch: _Batch, faults: Sequence[Fault]) -> ChainEnd | None:
    """Keep what cannot be taken in, with its bytes unless they are too many. How the phone's chain ends."""
    device = batch.caller.device
    rows = []
    for fault in faults:
        data = msgspec.json.encode(fault.sealed)
        rows.append(
            {
                "digest": hashlib.sha256(data).digest(),
                "device": device,
                "fact": fault.sealed.id if is_uuid(fault.sealed.id) else None,
                "reason": fault.reason,
                "detail": fault.detail.replace("\0", "")[:_DETAIL_MOST],
                "received": batch.now,
                "sealed": b"" if oversized(fault.sealed) else data,
                "hash": bytes.fromhex(fault.link.hash) if fault.link else None,
            }
        )
    if rows:
        links = [fault.link for fault in faults if fault.link]
        chains.set_aside(connection, device, links, batch.now)
        connection.execute(
            insert_once(connection, quarantine), sorted(rows, key=lambda row: str(row["digest"]))
        )
    held = chains.compared(connection, [device]).get(device)
    return held.end if held else None

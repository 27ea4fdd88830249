"""Push: sealed facts in, one signed receipt out. One bad fact never blocks the others."""

import hashlib
import logging
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
from endpoint.arrival import Fault, examine, oversized
from endpoint.chains import Link, link_of
from endpoint.database import Database, insert_once
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.record import Arrival, Record, Recorded, record
from endpoint.schema import quarantine
from endpoint.sessions import Caller
from endpoint.wake import standing_of
from wire.messages import ChainEnd, PushResult, Receipt
from wire.seal import Sealed

logger = logging.getLogger("rapp.endpoint")
_DETAIL_MOST = 300


class Unrecordable(Struct, frozen=True):
    """A well-formed fact that cannot stand beside the others of its aggregate."""

    detail: str


Outcome = Recorded | Unrecordable

_sent = Counter("rapp_facts", "Facts that phones have sent, by what became of them", ["status"])


def push(
    database: Database,
    keys: Keys,
    caller: Caller,
    items: Sequence[Sealed],
    now: datetime,
    left: int | None = None,
) -> Receipt:
    """Take a batch in, and wake those who wait for it. Blocking."""
    examined = examine(database, keys, caller, items, now)
    arrivals = [one for one in examined if isinstance(one, Arrival)]
    outcomes, woken = _recorded(database, caller.device, arrivals, now)
    # At once: whatever becomes of the rest of the call, this is committed.
    database.wake.up(woken)
    answers = iter(outcomes)
    results: list[PushResult] = []
    faults: list[Fault] = []
    for sealed, one in zip(items, examined, strict=True):
        result, fault = _faulty(one) if isinstance(one, Fault) else _result(sealed, _link(one), next(answers))
        results.append(result)
        faults += [fault] if fault else []
    for status, many in Tally(result.status for result in results).items():
        _sent.labels(status).inc(many)
    chain = database.write_now(partial(_note, caller=caller, faults=faults, now=now, left=left))
    for reason in sorted({fault.reason for fault in faults}):
        of = [fault.sealed.id for fault in faults if fault.reason == reason]
        logs.set_aside(caller.device, reason, len(of), of[0] if is_uuid(of[0]) else "")
    return Receipt(device=caller.device, received=now, results=tuple(results), chain=chain)


def _recorded(
    database: Database, device: str, arrivals: Sequence[Arrival], now: datetime
) -> tuple[list[Outcome], frozenset[str]]:
    if not arrivals:
        return [], frozenset()
    try:
        done = database.write_now(partial(_take, device=device, arrivals=arrivals, now=now))
    except Exception:
        logger.exception("a batch of %d could not be recorded; each fact is tried alone", len(arrivals))
        return _one_by_one(database, device, arrivals, now)
    return list(done.results), done.woken


def _one_by_one(
    database: Database, device: str, arrivals: Sequence[Arrival], now: datetime
) -> tuple[list[Outcome], frozenset[str]]:
    outcomes: list[Outcome] = []
    woken: frozenset[str] = frozenset()
    for one in arrivals:
        try:
            done = database.write_now(partial(_take, device=device, arrivals=[one], now=now))
        except (OperationalError, PoolTimeout):
            raise  # the database's trouble, not the fact's: the phone sends it again
        except Exception as error:
            logger.exception("fact %s could not be recorded", one.fact.id)
            outcomes.append(Unrecordable(str(error)))
            continue
        outcomes += done.results
        woken |= done.woken
    return outcomes, woken


def _take(connection: Connection, device: str, arrivals: Sequence[Arrival], now: datetime) -> Record:
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


def _result(sealed: Sealed, link: Link, outcome: Outcome) -> tuple[PushResult, Fault | None]:
    if isinstance(outcome, Unrecordable):
        return _faulty(Fault(sealed, "malformed", outcome.detail, link))
    if outcome.conflict:
        fault = Fault(sealed, "conflict", f"the endpoint holds {outcome.hash.hex()} by that id", link)
        return PushResult(id=sealed.id, status="quarantined", hash=outcome.hash, reason="conflict"), fault
    return PushResult(id=sealed.id, status=outcome.status, hash=outcome.hash), None


def _faulty(fault: Fault) -> tuple[PushResult, Fault]:
    return PushResult(id=fault.sealed.id, status="quarantined", reason=fault.reason), fault


def _note(
    connection: Connection, caller: Caller, faults: Sequence[Fault], now: datetime, left: int | None
) -> ChainEnd | None:
    """Keep what was set aside, with its bytes unless they are too many; and that the phone was heard from.

    Returns how its chain ends now.
    """
    devices.heard(connection, caller.device, now)
    if left is not None:
        devices_told.unsent(connection, caller.device, left)
    rows = []
    for fault in faults:
        data = msgspec.json.encode(fault.sealed)
        rows.append(
            {
                "digest": hashlib.sha256(data).digest(),
                "device": caller.device,
                "fact": fault.sealed.id if is_uuid(fault.sealed.id) else None,
                "reason": fault.reason,
                "detail": fault.detail.replace("\0", "")[:_DETAIL_MOST],
                "received": now,
                "sealed": b"" if oversized(fault.sealed) else data,
                "hash": bytes.fromhex(fault.link.hash) if fault.link else None,
            }
        )
    if rows:
        links = [fault.link for fault in faults if fault.link]
        chains.set_aside(connection, caller.device, links, now)
        connection.execute(
            insert_once(connection, quarantine), sorted(rows, key=lambda row: str(row["digest"]))
        )
    held = chains.compared(connection, [caller.device]).get(caller.device)
    return held.end if held else None

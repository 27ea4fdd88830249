"""Batches that phones have sent, recorded in one transaction, and what is answered to each."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from care.ids import is_uuid
from endpoint import chains, devices_told
from endpoint.arrival import Fault, Sent, oversized
from endpoint.chains import Link, link_of
from endpoint.database import insert_once
from endpoint.publish import announce
from endpoint.record import Arrival, Record, Recorded, record
from endpoint.schema import quarantine
from endpoint.wake import standing_of
from wire.messages import ChainEnd, PushResult
from wire.seal import Sealed

_DETAIL_MOST = 300


class Unrecordable(Struct, frozen=True):
    """A well-formed fact that cannot stand beside the others of its aggregate."""

    detail: str


Outcome = Recorded | Unrecordable


class Batch(Struct, frozen=True):
    """What a phone has sent, examined, each fact for itself."""

    sent: Sent
    examined: Sequence[Arrival | Fault]

    @property
    def device(self) -> str:
        return self.sent.caller.device

    @property
    def arrivals(self) -> list[Arrival]:
        return [one for one in self.examined if isinstance(one, Arrival)]


class Done(Struct, frozen=True):
    """What became of a batch, in its order; ``chain``: how the phone's ends now."""

    results: list[PushResult]
    faults: list[Fault]
    chain: ChainEnd | None


def whole(
    connection: Connection, batches: Sequence[Batch], now: datetime
) -> tuple[list[Done], frozenset[str]]:
    """All of them, no two of one phone. Returns names to wake, too."""
    _heard(connection, batches, now)  # their rows before any stream's: `standing.locked`
    arrivals = [one for batch in batches for one in batch.arrivals]
    recorded = record(connection, arrivals, now) if arrivals else Record([], frozenset())
    of = iter(recorded.results)
    results = [list(islice(of, len(batch.arrivals))) for batch in batches]
    woken = recorded.woken | _linked(connection, zip(batches, results, strict=True), now)
    if woken:
        announce(connection, woken)
    return answered(connection, batches, results, now), woken


def alone(connection: Connection, batch: Batch, arrival: Arrival, now: datetime) -> Record:
    """One fact of a batch."""
    done = record(connection, [arrival], now)
    one = Batch(batch.sent, [arrival])
    woken = done.woken | _linked(connection, [(one, done.results)], now)
    if woken:
        announce(connection, woken)
    return Record(done.results, woken)


def told(connection: Connection, batch: Batch, outcomes: Sequence[Outcome], now: datetime) -> Done:
    """What is left of a batch of which each fact was recorded alone."""
    _heard(connection, [batch], now)
    [done] = answered(connection, [batch], [outcomes], now)
    return done


def answered(
    connection: Connection, batches: Sequence[Batch], outcomes: Sequence[Sequence[Outcome]], now: datetime
) -> list[Done]:
    """Set aside what cannot be taken in, and say what became of all. ``outcomes``: of the arrivals."""
    said = [_answers(*one) for one in zip(batches, outcomes, strict=True)]
    faults = {batch.device: faults for batch, (_, faults) in zip(batches, said, strict=True)}
    _set_aside(connection, faults, now)
    held = chains.compared(connection, list(faults))
    ends = (held[batch.device].end if batch.device in held else None for batch in batches)
    return [Done(results, faults, end) for (results, faults), end in zip(said, ends, strict=True)]


def _heard(connection: Connection, batches: Sequence[Batch], now: datetime) -> None:
    """The phones were heard from, and said how much waits behind this."""
    devices_told.heard(connection, {one.device: one.sent.left for one in batches}, now)


def _linked(
    connection: Connection, recorded: Iterable[tuple[Batch, Sequence[Recorded]]], now: datetime
) -> frozenset[str]:
    """What is new takes its place in its phone's chain. Whom to wake of that."""
    links = {
        batch.device: [
            _link(one)
            for one, result in zip(batch.arrivals, results, strict=True)
            if result.status == "accepted" and not result.conflict
        ]
        for batch, results in recorded
    }
    return frozenset(map(standing_of, chains.recorded(connection, links, now)))


def _answers(batch: Batch, outcomes: Sequence[Outcome]) -> tuple[list[PushResult], list[Fault]]:
    """What is said of each, and what is set aside. ``outcomes``: of those that were fit to be recorded."""
    left = iter(outcomes)
    results: list[PushResult] = []
    faults: list[Fault] = []
    for sealed, one in zip(batch.sent.items, batch.examined, strict=True):
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


def _link(arrival: Arrival) -> Link:
    return arrival.link or link_of(arrival.fact, arrival.envelope)


def _set_aside(connection: Connection, faults: Mapping[str, Sequence[Fault]], now: datetime) -> None:
    """Keep what cannot be taken in, by phone, with its bytes unless they are too many."""
    rows = [_row(device, fault, now) for device, some in faults.items() for fault in some]
    if rows:
        links = {device: [fault.link for fault in some if fault.link] for device, some in faults.items()}
        chains.set_aside(connection, links, now)
        connection.execute(
            insert_once(connection, quarantine), sorted(rows, key=lambda row: str(row["digest"]))
        )


def _row(device: str, fault: Fault, now: datetime) -> dict[str, object]:
    data = msgspec.json.encode(fault.sealed)
    return {
        "digest": hashlib.sha256(data).digest(),
        "device": device,
        "fact": fault.sealed.id if is_uuid(fault.sealed.id) else None,
        "reason": fault.reason,
        "detail": fault.detail.replace("\0", "")[:_DETAIL_MOST],
        "received": now,
        "sealed": b"" if oversized(fault.sealed) else data,
        "hash": bytes.fromhex(fault.link.hash) if fault.link else None,
    }

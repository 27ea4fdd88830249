"""The ledger: every erasure once more, in a file apart from the database, one line each.

Restored from a backup of before, the database holds again what was erased since. The ledger says what that
is; it is applied whenever the endpoint starts. It has ids, hashes and references of decisions, no content.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, select, update

from care.erasing import erasure
from care.errors import FactError
from care.facts import ENDPOINT
from care.ids import uuid7
from endpoint.database import Database
from endpoint.errors import EndpointError
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.record import Arrival, record
from endpoint.schema import chain, facts
from wire.envelope import Envelope, envelope
from wire.errors import WireError

File = Path
_AT_A_TIME = 100


class LedgerError(EndpointError):
    """A line of a ledger that is no erasure of this endpoint's. Nothing of the file has been applied."""


class Line(Struct, frozen=True):
    """One erasure as it was stated and signed."""

    envelope: bytes


def path_in(data: Path) -> File:
    """Where the ledger is kept, in the endpoint's data folder."""
    return data / "erasures.jsonl"


def made(connection: Connection) -> list[str]:
    """The ids of every erasure that the database holds."""
    return sorted(
        set(connection.scalars(select(facts.c.erased).where(facts.c.erased.is_not(None)).distinct()))
    )


def any_since(connection: Connection, since: datetime) -> bool:
    """Whether anything has been erased since."""
    newest = connection.scalar(select(func.max(facts.c.erased)).where(facts.c.erased.is_not(None)))
    return newest is not None and newest >= uuid7(int(since.timestamp() * 1000), bytes(10))


def written(connection: Connection, ids: Sequence[str]) -> list[bytes]:
    """Lines of some erasures."""
    lines: list[bytes] = []
    for start in range(0, len(ids), 500):
        query = select(facts.c.envelope).where(facts.c.id.in_(ids[start : start + 500])).order_by(facts.c.id)
        lines += [msgspec.json.encode(Line(data)) + b"\n" for data in connection.scalars(query)]
    return lines


def keep(database: Database, file: File) -> int:
    """Add to the file the erasures that it lacks, on disk when it returns. Returns how many. Blocking."""
    held = set(_ids(read(file))) if file.exists() else set()
    lines = database.read_now(
        lambda connection: written(connection, [id for id in made(connection) if id not in held])
    )
    if lines:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
            _cut_the_last_line(file, out)
            out.writelines(lines)
            out.flush()
            os.fsync(out.fileno())
    return len(lines)


def read(file: File) -> list[Envelope]:
    """The erasures in a ledger. A last line that was broken off is passed over."""
    lines = file.read_bytes().split(b"\n")
    found: list[Envelope] = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            found.append(envelope(msgspec.json.decode(line, type=Line).envelope))
        except (msgspec.DecodeError, WireError) as error:
            if number == len(lines):
                break
            raise LedgerError(f"{file}, line {number}: {error}") from error
    return found


def apply(database: Database, keys: Keys, erasures: Iterable[Envelope]) -> int:
    """Erase again what a ledger names and the database holds, or may yet be sent. Returns how many were new.

    Raises LedgerError for what the endpoint has not signed. Safe to run again. Blocking.
    """
    arrivals = [_verified(one, keys) for one in erasures]
    if not arrivals:
        return 0
    held = set(database.read_now(made))
    fresh = [one for one in arrivals if one.fact.id not in held]
    for start in range(0, len(fresh), _AT_A_TIME):
        some = fresh[start : start + _AT_A_TIME]
        woken = database.write_now(partial(_take, arrivals=some))
        database.wake.up(woken)
    return len(fresh)


def settle(database: Database, keys: Keys, file: File) -> int:
    """At start: apply what the file has and the database lacks, and the other way round. Returns how many."""
    fresh = apply(database, keys, read(file)) if file.exists() else 0
    keep(database, file)
    if fresh:
        database.rewrite()
    return fresh


def _take(connection: Connection, arrivals: Sequence[Arrival]) -> frozenset[str]:
    last = max(arrivals, key=lambda one: one.fact.seq)
    # The endpoint's own count goes on after what it had reached before the backup was restored.
    connection.execute(
        update(chain)
        .where(chain.c.device == ENDPOINT, chain.c.seq < last.fact.seq)
        .values(seq=last.fact.seq, prev=last.envelope.hash.hex())
    )
    done = record(connection, arrivals, datetime.now(UTC))
    announce(connection, done.woken)
    return done.woken


def _verified(one: Envelope, keys: Keys) -> Arrival:
    try:
        keys.verify(one)
        fact = one.fact()
    except (WireError, FactError) as error:
        raise LedgerError(f"not an erasure of this endpoint's: {error}") from error
    if erasure(fact) is None:
        raise LedgerError(f"{fact.id}: {fact.type} is no erasure")
    return Arrival(fact, one)


def _ids(erasures: Iterable[Envelope]) -> Iterable[str]:
    return (one.fact().id for one in erasures)


def _cut_the_last_line(file: File, out: IO[bytes]) -> None:
    """A line that was broken off goes: what it was about is in the database, and is written again."""
    data = file.read_bytes()
    if data and not data.endswith(b"\n"):
        out.truncate(data.rfind(b"\n") + 1)

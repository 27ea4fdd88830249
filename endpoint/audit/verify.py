"""Verification: every hash of the log computed anew, and its chains held against their signed heads.

What is wrong is named by unit, day and number: ``changed`` (a row is not what was hashed), ``missing``,
``inserted``, ``head`` (a head that does not hold, or is not there). Rows after a broken one hang on it and
are not named again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, select

from endpoint.audit.chain import START, link
from endpoint.audit.heads import FIRST, Head, SignedHead
from endpoint.audit.retention import oldest_kept
from endpoint.audit.tables import audit_chains, audit_heads
from endpoint.database import Database

Wrong = Literal["changed", "missing", "inserted", "head"]
_READ_AT_ONCE = 5000
_ROWS = """
    SELECT unit, day, number, recorded, at, staff, device, person, act, what, role, law, reason, ref,
      prev, hash
    FROM audit ORDER BY unit, day, number
"""


class Broken(Struct, frozen=True):
    """One thing that is wrong. ``number`` is a row's; of a head, the head's."""

    unit: str
    day: str
    number: int
    wrong: Wrong
    detail: str

    def __str__(self) -> str:
        return f"unit {self.unit}, {self.day}, number {self.number}: {self.wrong} ({self.detail})"


class Verified(Struct, frozen=True):
    """What was looked through, and what is wrong with it, by unit and day."""

    rows: int
    chains: int
    heads: int
    broken: tuple[Broken, ...]


class _Walked(Struct):
    """A chain gone through: how many rows, the hash after each of the numbers asked for, what broke first."""

    rows: int = 0
    last: bytes = START
    at: dict[int, bytes] = {}
    broken: Broken | None = None


Key = tuple[str, str]


def verify(
    database: Database, publics: Sequence[bytes], now: datetime, outside: Iterable[SignedHead] = ()
) -> Verified:
    """Compute everything anew. ``publics``: the endpoint's keys, present and past; ``outside``: heads kept
    elsewhere. Blocking; on one snapshot, so that writers need not stop."""
    kept_from, heads = oldest_kept(now).isoformat(), list(outside)
    if not database.postgres:
        return database.read_now(lambda connection: _verify(connection, publics, kept_from, heads))
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return _verify(connection, publics, kept_from, heads)


def _verify(
    connection: Connection, publics: Sequence[bytes], kept_from: str, outside: Sequence[SignedHead]
) -> Verified:
    ends = {(row.unit, row.day): row for row in connection.execute(select(audit_chains))}
    heads, of_heads = _heads(connection, publics)
    foreign, of_outside = _foreign(outside, heads, publics)
    broken = [*of_heads, *of_outside]
    claims: dict[Key, list[Head]] = {}
    for key, head in [*heads.items(), *foreign]:
        claims.setdefault(key, []).append(head)
    walked = dict(_walk(connection, {key: {one.rows for one in of} for key, of in claims.items()}))
    for key in sorted(walked.keys() | ends.keys() | claims.keys()):
        walk = walked.get(key)
        gone = walk is None and key not in ends and key in heads and key[1] < kept_from
        if not gone:
            broken += _held_against(key, walk or _Walked(), ends.get(key), claims.get(key, []), key in heads)
    return Verified(
        sum(walk.rows for walk in walked.values()),
        len(walked),
        len(heads),
        tuple(sorted(broken, key=lambda one: (one.unit, one.day, one.wrong == "head", one.number))),
    )


def _walk(connection: Connection, ask: Mapping[Key, set[int]]) -> Iterator[tuple[Key, _Walked]]:
    found = connection.execution_options(stream_results=True, yield_per=_READ_AT_ONCE).exec_driver_sql(_ROWS)
    for key, rows in groupby(found, key=itemgetter(0, 1)):
        yield key, _walk_chain(key, rows, ask.get(key, set()))


def _walk_chain(key: Key, rows: Iterable[Any], ask: set[int]) -> _Walked:
    walk, last, count = _Walked(at={}), START, 0
    for row in rows:
        count += 1
        prev, hash = bytes(row[14]), bytes(row[15])
        if walk.broken is None and (row[2] != count or prev != last or link(prev, row[:14]) != hash):
            walk.broken = _what(key, row, count, last)
        last = hash
        if count in ask:
            walk.at[count] = hash
    walk.rows, walk.last = count, last
    return walk


def _what(key: Key, row: Any, expected: int, last: bytes) -> Broken:
    number, prev, hash = row[2], bytes(row[14]), bytes(row[15])
    if number > expected:
        return Broken(*key, expected, "missing", f"after {expected - 1} comes {number}")
    if number < expected:
        return Broken(*key, number, "inserted", "no such number in a chain")
    if prev != last and link(prev, row[:14]) == hash:
        return Broken(*key, number, "inserted", "whole in itself, but does not follow the row before it")
    return Broken(*key, number, "changed", "its columns are not those that were hashed")


def _held_against(
    key: Key, walk: _Walked, end: Row[Any] | None, claims: Sequence[Head], signed: bool
) -> list[Broken]:
    """The first thing that is wrong with a chain, and what is wrong with its end's marks."""
    found = [walk.broken] if walk.broken else []
    if not found:
        against = [(head.rows, bytes.fromhex(head.last)) for head in claims]
        if end is not None and not claims:
            against.append((end.number, bytes(end.hash)))
        found += [wrong for rows, last in against if (wrong := _ends(key, walk, rows, last))][:1]
    if not found and end is None:
        found.append(Broken(*key, walk.rows, "missing", "the end of the chain"))
    if not found and end is not None and (end.number, bytes(end.hash)) != (walk.rows, walk.last):
        found.append(Broken(*key, walk.rows, "changed", "the end of the chain is not that of its rows"))
    if end is not None and bool(end.closed) is not signed:
        why = "open, but signed" if signed else "closed, but there is no signed head"
        found.append(Broken(*key, 0, "head", why))
    return found


def _ends(key: Key, walk: _Walked, rows: int, last: bytes) -> Broken | None:
    """Whether a chain ends as it is said to."""
    if walk.rows < rows:
        return Broken(*key, walk.rows + 1, "missing", f"{walk.rows} rows of {rows}")
    if (walk.last if walk.rows == rows else walk.at.get(rows, last)) != last:
        return Broken(*key, rows, "changed", "the chain was written anew")
    if walk.rows > rows:
        return Broken(*key, rows + 1, "inserted", f"{walk.rows} rows instead of {rows}")
    return None


def _heads(connection: Connection, publics: Sequence[bytes]) -> tuple[dict[Key, Head], list[Broken]]:
    """The heads that hold, and what is wrong with the others."""
    found: dict[Key, Head] = {}
    broken: list[Broken] = []
    last: dict[str, tuple[int, str]] = {}
    rows = connection.execute(select(audit_heads).order_by(audit_heads.c.unit, audit_heads.c.number))
    for row in rows:
        number, before = last.get(row.unit, (0, FIRST))
        # Whatever is wrong with this one, the next is held against what it says.
        last[row.unit] = row.number, hashlib.sha256(row.signed).hexdigest()
        one = SignedHead(bytes(row.signed), bytes(row.signature))
        if not one.holds(publics):
            broken.append(Broken(row.unit, row.day, row.number, "head", "the signature does not hold"))
            continue
        head = one.head
        if (head.unit, head.number, head.day) != (row.unit, row.number, row.day):
            broken.append(Broken(row.unit, row.day, row.number, "head", "signed for another place"))
            continue
        if (head.number, head.before) != (number + 1, before):
            broken.append(Broken(row.unit, row.day, number + 1, "head", "the head before it is not there"))
        found[head.unit, head.day] = head
    return found, broken


def _foreign(
    outside: Sequence[SignedHead], held: Mapping[Key, Head], publics: Sequence[bytes]
) -> tuple[list[tuple[Key, Head]], list[Broken]]:
    """Heads kept elsewhere: those to hold the chains against, and those that the database lacks."""
    found: list[tuple[Key, Head]] = []
    broken: list[Broken] = []
    for one in outside:
        try:
            head = one.head
        except msgspec.DecodeError:
            broken.append(Broken("", "", 0, "head", "kept elsewhere: not a head"))
            continue
        if not one.holds(publics):
            why = "kept elsewhere: the signature does not hold"
            broken.append(Broken(head.unit, head.day, head.number, "head", why))
            continue
        key = head.unit, head.day
        if held.get(key) != head:
            why = "kept elsewhere, and the database has another" if key in held else "only kept elsewhere"
            broken.append(Broken(*key, head.number, "head", why))
        found.append((key, head))
    return found, broken

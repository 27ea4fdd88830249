"""The outbox: facts sealed to the endpoint, from the moment they are saved until it says that it has them.

Readable by nobody on the phone, sendable by the phone alone: it works while everybody is locked out.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from storage.errors import Damaged
from storage.rows import RowKeys
from storage.salvage import Queued
from wire.messages import PushResult, QuarantineReason
from wire.seal import Sealed

_TABLE = "outbox"
WAITING, SET_ASIDE, QUIET = 0, 1, 2
"""Quiet: waits like any other, but is of the log of who has read, and is nothing that its reader is shown."""

_AT_ONCE = 200
"""Rows asked for in one query."""
_SELECT = "SELECT n, id, enc, box, state, payload FROM outbox"
_Row = tuple[int, str, bytes, bytes, int, bytes]

Aside = QuarantineReason | Literal["damaged"]


class SetAside(Struct, frozen=True):
    """A fact that the endpoint would not take, or whose seal was damaged: kept, and shown to a person."""

    id: str
    reason: Aside


class Counts(Struct, frozen=True):
    """What the sync chip counts: facts that wait to be sent, and facts that somebody must look at."""

    waiting: int
    needs_action: int
    quiet: int = 0
    """Readings on their way to the log. No chip counts them."""
    photos: int = 0
    """Photos that wait to be sent, or for what is left of them."""

    @property
    def unsent(self) -> int:
        """What its writers are told of: facts and photos that wait."""
        return self.waiting + self.photos


class _Kept(Struct, frozen=True, omit_defaults=True):
    hash: bytes
    reason: Aside | None = None


class Outbox:
    """The rows, and in memory which ids wait. Call within the database's lock."""

    def __init__(self, keys: RowKeys) -> None:
        self._keys = keys
        self.waiting: dict[str, int] = {}
        self.aside: dict[str, int] = {}
        self.quiet: dict[str, int] = {}
        self._unsent: frozenset[str] | None = None

    def load(self, connection: sqlite3.Connection) -> None:
        """Read anew which ids wait and which are set aside."""
        rows = connection.execute("SELECT id, n, state FROM outbox ORDER BY n").fetchall()
        self.waiting = {fact: n for fact, n, state in rows if state == WAITING}
        self.aside = {fact: n for fact, n, state in rows if state == SET_ASIDE}
        self.quiet = {fact: n for fact, n, state in rows if state == QUIET}
        self._unsent = None

    @property
    def unsent(self) -> frozenset[str]:
        """Ids of the facts that wait."""
        if self._unsent is None:
            self._unsent = frozenset(self.waiting)
        return self._unsent

    def holds(self, fact: str) -> bool:
        """Whether a fact has not left yet, for whatever reason."""
        return fact in self.waiting or fact in self.aside or fact in self.quiet

    @property
    def counts(self) -> Counts:
        return Counts(len(self.waiting), len(self.aside), len(self.quiet))

    def add(
        self, connection: sqlite3.Connection, seq: int, sealed: Sealed, fact_hash: bytes, state: int = WAITING
    ) -> None:
        """Queue a fact, at its place in the device's chain. `added` follows once committed."""
        payload = self._payload(seq, sealed, state, _Kept(fact_hash))
        connection.execute(
            "INSERT INTO outbox (n, id, state, enc, box, payload) VALUES (?, ?, ?, ?, ?, ?)",
            (seq, sealed.id, state, sealed.enc, sealed.box, payload),
        )

    def found(self, connection: sqlite3.Connection, row: Queued) -> bool:
        """Take over a row of a damaged file. Returns whether it is as it was written."""
        try:
            self._kept(row.n, row.sealed, row.state, row.payload)
        except Damaged:
            return False
        connection.execute(
            "INSERT OR IGNORE INTO outbox (n, id, state, enc, box, payload) VALUES (?, ?, ?, ?, ?, ?)",
            (row.n, row.sealed.id, row.state, row.sealed.enc, row.sealed.box, row.payload),
        )
        return True

    def added(self, seq: int, fact: str, state: int = WAITING) -> None:
        """Count a fact whose transaction has been committed."""
        (self.quiet if state == QUIET else self.waiting)[fact] = seq
        self._unsent = None

    def oldest(
        self, connection: sqlite3.Connection, limit: int, after: str | None = None
    ) -> tuple[list[Sealed], list[int]]:
        """What to send next, and the rows that are damaged: those must not stop the others."""
        found: list[Sealed] = []
        damaged: list[int] = []
        rows = connection.execute(
            f"{_SELECT} WHERE n > ? AND state != ? ORDER BY n LIMIT ?",
            (self._place(after), SET_ASIDE, limit),
        )
        for n, fact, enc, box, state, payload in rows:
            sealed = Sealed(fact, enc, box)
            try:
                self._kept(n, sealed, state, payload)
            except Damaged:
                damaged.append(n)
            else:
                found.append(sealed)
        return found, damaged

    def settle(self, connection: sqlite3.Connection, results: Sequence[PushResult]) -> dict[str, int | None]:
        """Do what the endpoint's answer says. A fact leaves only when the endpoint holds our very bytes.

        Returns the places of what is set aside; None: it is gone. `settled` follows once committed.
        """
        rows = self._rows(connection, [result.id for result in results])
        places = {one.id: self._settle(connection, one, rows.get(one.id)) for one in results}
        gone = [(rows[fact][0],) for fact, n in places.items() if n is None and fact in rows]
        connection.executemany("DELETE FROM outbox WHERE n = ?", gone)
        return places

    def _settle(self, connection: sqlite3.Connection, result: PushResult, row: _Row | None) -> int | None:
        if row is None:
            return None
        n, _, enc, box, state, payload = row
        sealed = Sealed(result.id, enc, box)
        try:
            kept = self._kept(n, sealed, state, payload)
        except Damaged:
            self.set_damaged_aside(connection, [n])
            return n
        ours = result.hash == kept.hash or not kept.hash
        if state == QUIET or (result.status != "quarantined" and ours):
            # What the endpoint would not log it keeps; nobody here can do anything about it.
            # Of what was read off a broken page the hash may not be known: the endpoint opened its seal.
            return None
        reason = result.reason or "malformed" if result.status == "quarantined" else "conflict"
        self._mark(connection, n, sealed, SET_ASIDE, _Kept(kept.hash, reason))
        return n

    def settled(self, places: Mapping[str, int | None]) -> None:
        """Count what has been settled and committed. The others are not read for it: there may be many."""
        for fact, n in places.items():
            for rows in (self.waiting, self.aside, self.quiet):
                rows.pop(fact, None)
            if n is not None:
                self.aside[fact] = n
        self.aside = dict(sorted(self.aside.items(), key=lambda one: one[1]))
        self._unsent = None

    def last(self, connection: sqlite3.Connection) -> int:
        """The highest place in the device's chain of what has not left."""
        return int(connection.execute("SELECT coalesce(max(n), 0) FROM outbox").fetchone()[0])

    def nothing_waits(self, connection: sqlite3.Connection) -> bool:
        """Whether everything has been sent, as the transaction sees it."""
        query = "SELECT 1 FROM outbox WHERE state = ? LIMIT 1"
        return connection.execute(query, (WAITING,)).fetchone() is None

    def set_damaged_aside(self, connection: sqlite3.Connection, rows: list[int]) -> None:
        """Keep damaged rows as they are, out of the queue."""
        connection.executemany("UPDATE outbox SET state = ? WHERE n = ?", [(SET_ASIDE, n) for n in rows])

    def set_aside(self, connection: sqlite3.Connection) -> list[SetAside]:
        """What is set aside, oldest first, and why."""
        found: list[SetAside] = []
        for n, fact, enc, box, state, payload in connection.execute(
            f"{_SELECT} WHERE state = ? ORDER BY n", (SET_ASIDE,)
        ):
            try:
                reason = self._kept(n, Sealed(fact, enc, box), state, payload).reason
            except Damaged:
                reason = None
            found.append(SetAside(fact, reason or "damaged"))
        return found

    def send_again(self, connection: sqlite3.Connection, fact: str) -> None:
        """Put a fact that was set aside back in the queue. Raises Damaged."""
        row = self._rows(connection, [fact]).get(fact)
        if row is None or row[4] != SET_ASIDE:
            return
        n, _, enc, box, state, payload = row
        sealed = Sealed(fact, enc, box)
        kept = self._kept(n, sealed, state, payload)
        self._mark(connection, n, sealed, WAITING, _Kept(kept.hash))

    def replace(self, connection: sqlite3.Connection, sealed: Sealed, fact_hash: bytes) -> None:
        """Seal a damaged row's fact anew, from a copy that could still be read."""
        row = self._rows(connection, [sealed.id]).get(sealed.id)
        if row is not None:
            self._mark(connection, row[0], sealed, WAITING, _Kept(fact_hash))

    def _rows(self, connection: sqlite3.Connection, facts: Sequence[str]) -> dict[str, _Row]:
        """By their ids. Which ids are held is known in memory: an index would cost every save a page."""
        found: dict[str, _Row] = {}
        for at in range(0, len(facts), _AT_ONCE):
            places = [self._place(fact) for fact in facts[at : at + _AT_ONCE]]
            query = f"{_SELECT} WHERE n IN ({','.join('?' * len(places))})"
            found |= {row[1]: row for row in connection.execute(query, places)}
        return found

    def _place(self, fact: str | None) -> int:
        """The number that a fact is held under; 0, which none has, for what is not held."""
        if fact is None:
            return 0
        return self.waiting.get(fact, self.aside.get(fact, self.quiet.get(fact, 0)))

    def _mark(self, connection: sqlite3.Connection, n: int, sealed: Sealed, state: int, kept: _Kept) -> None:
        connection.execute(
            "UPDATE outbox SET state = ?, enc = ?, box = ?, payload = ? WHERE n = ?",
            (state, sealed.enc, sealed.box, self._payload(n, sealed, state, kept), n),
        )

    def _payload(self, n: int, sealed: Sealed, state: int, kept: _Kept) -> bytes:
        return self._keys.seal(
            _TABLE, sealed.id.encode(), msgspec.msgpack.encode(kept), _bound(n, sealed, state)
        )

    def _kept(self, n: int, sealed: Sealed, state: int, payload: bytes) -> _Kept:
        try:
            bound = _bound(n, sealed, state)
        except (ValueError, OverflowError) as error:
            raise Damaged(_TABLE, sealed.id, "a number that no row has") from error
        content = self._keys.open(_TABLE, sealed.id.encode(), payload, bound)
        return msgspec.msgpack.decode(content, type=_Kept)


def _bound(n: int, sealed: Sealed, state: int) -> bytes:
    """The columns that the payload vouches for."""
    return n.to_bytes(8, "big") + bytes((state,)) + hashlib.sha256(sealed.enc + sealed.box).digest()

"""The facts of one ring, in the file: encrypted, found by their aggregate, never changed."""

import sqlite3
from collections.abc import Iterable

from msgspec import Struct

from care.errors import FactError
from care.facts import Fact, Ref
from storage.errors import Damaged
from storage.rows import RowKeys, mark
from storage.together import Together
from wire.envelope import Envelope, envelope

_TABLE = "facts"
_OF = "SELECT id, mark, payload FROM facts WHERE ring = ? AND aggregate = ?"
_ONE = _OF + " AND id = ?"
_INSERT = "INSERT INTO facts (ring, aggregate, id, mark, payload) VALUES (?, ?, ?, ?, ?)"


class Held(Struct, frozen=True):
    """A fact that is held: read, with the bytes it came in and the mark of its row."""

    fact: Fact
    envelope: Envelope
    mark: bytes


class FactRows:
    """Call within the database's lock. Aggregates go by their blind names."""

    def __init__(self, rows: RowKeys) -> None:
        self._rows = rows
        self._ring = rows.name
        self.new = Together(_INSERT)
        self.unread = rows.lookup("unread")
        """Stands for the aggregate of what this app cannot read as a fact. It has no document."""
        self._broken: dict[bytes, set[str]] = {}
        self.damage: list[Damaged] = []
        """What was found damaged since the ring was opened, each once."""

    def lookup(self, ref: Ref) -> bytes:
        """The blind name of an aggregate in this ring."""
        return self._rows.lookup("aggregate", ref.kind, ref.id)

    def note(self, damage: Damaged) -> None:
        """Name what was found damaged."""
        if all((one.table, one.row) != (damage.table, damage.row) for one in self.damage):
            self.damage.append(damage)

    @property
    def whole(self) -> bool:
        """Whether none has been found damaged."""
        return not self._broken

    def broken(self, aggregate: bytes) -> int:
        """How many facts of an aggregate have been found damaged."""
        return len(self._broken.get(aggregate, ()))

    def aggregates(self, connection: sqlite3.Connection, facts: frozenset[str]) -> dict[str, bytes]:
        """Which aggregates some facts are of, those that are in this ring."""
        rows = connection.execute("SELECT id, aggregate FROM facts WHERE ring = ?", (self._ring,))
        return {fact: aggregate for fact, aggregate in rows if fact in facts}

    def of(self, connection: sqlite3.Connection, aggregate: bytes, strict: bool = False) -> dict[str, Held]:
        """The facts of an aggregate by id. Damaged ones are named in `damage`, and raised when `strict`."""
        rows = connection.execute(_OF, (self._ring, aggregate))
        return self._read(aggregate, rows.fetchall(), strict)

    def some(self, connection: sqlite3.Connection, aggregate: bytes, facts: Iterable[str]) -> dict[str, Held]:
        """Those of some facts of an aggregate that are held and can be read. Damaged ones are named."""
        rows = [connection.execute(_ONE, (self._ring, aggregate, fact)).fetchone() for fact in facts]
        return self._read(aggregate, [row for row in rows if row])

    def _read(
        self, aggregate: bytes, rows: list[tuple[str, bytes, bytes]], strict: bool = False
    ) -> dict[str, Held]:
        found: dict[str, Held] = {}
        for fact, its_mark, payload in rows:
            try:
                found[fact] = self._held(aggregate, fact, its_mark, payload)
            except Damaged as error:
                self._broken.setdefault(aggregate, set()).add(fact)
                self.note(error)
                if strict:
                    raise
        return found

    def one(self, connection: sqlite3.Connection, fact: str) -> Held | None:
        """One fact by its id, if it is held and readable. Looks through the whole ring: for repairs."""
        row = connection.execute(
            "SELECT aggregate, mark, payload FROM facts WHERE ring = ? AND id = ?", (self._ring, fact)
        ).fetchone()
        try:
            return self._held(row[0], fact, row[1], row[2]) if row else None
        except Damaged:
            return None

    def readable(self, connection: sqlite3.Connection, aggregate: bytes) -> list[str]:
        """Which facts of an aggregate are held whole. Opens each row; damaged ones are named."""
        found: list[str] = []
        for fact, its_mark, payload in connection.execute(_OF, (self._ring, aggregate)):
            try:
                if mark(payload) != its_mark:
                    raise Damaged(_TABLE, fact)
                self._rows.open(_TABLE, fact.encode(), payload, aggregate)
            except Damaged as error:
                self._broken.setdefault(aggregate, set()).add(fact)
                self.note(error)
            else:
                found.append(fact)
        return found

    def add(
        self, connection: sqlite3.Connection, aggregate: bytes, new: Iterable[tuple[Fact, Envelope]]
    ) -> dict[str, bytes]:
        """Write facts that are not held. Returns their marks."""
        marks: dict[str, bytes] = {}
        broken = self._broken.get(aggregate, ())
        for fact, read in new:
            if fact.id in broken:
                # Come again whole: it takes the place of the damaged row.
                self._remove(connection, aggregate, fact.id)
            marks[fact.id] = self._insert(connection, aggregate, fact.id, read)
        return marks

    def forget(self, aggregate: bytes, facts: Iterable[str]) -> None:
        """Facts that have been taken out are not damaged any more either."""
        self._broken.get(aggregate, set()).difference_update(facts)

    def keep_unread(self, connection: sqlite3.Connection, read: Envelope) -> None:
        """Keep the bytes of what this app cannot even read as a fact; a later one may."""
        name = read.hash.hex()
        held = connection.execute(
            "SELECT 1 FROM facts WHERE ring = ? AND aggregate = ? AND id = ?",
            (self._ring, self.unread, name),
        )
        if held.fetchone() is None:
            self._insert(connection, self.unread, name, read)

    def encrypt_anew(self, connection: sqlite3.Connection, aggregate: bytes) -> None:
        """Put the facts of an aggregate under the key in use, each with a new mark. Damaged ones stay."""
        query = "SELECT id, payload FROM facts WHERE ring = ? AND aggregate = ?"
        for fact, payload in connection.execute(query, (self._ring, aggregate)).fetchall():
            if not self._rows.is_older(payload):
                continue
            try:
                content = self._rows.open(_TABLE, fact.encode(), payload, aggregate)
            except Damaged:
                continue
            anew = self._rows.seal(_TABLE, fact.encode(), content, aggregate)
            connection.execute(
                "UPDATE facts SET payload = ?, mark = ? WHERE ring = ? AND aggregate = ? AND id = ?",
                (anew, mark(anew), self._ring, aggregate, fact),
            )

    def _insert(self, connection: sqlite3.Connection, aggregate: bytes, name: str, read: Envelope) -> bytes:
        payload = self._rows.seal(_TABLE, name.encode(), bytes(read), aggregate)
        its_mark = mark(payload)
        self.new.put(connection, (self._ring, aggregate, name, its_mark, payload))
        return its_mark

    def _remove(self, connection: sqlite3.Connection, aggregate: bytes, fact: str) -> None:
        connection.execute(
            "DELETE FROM facts WHERE ring = ? AND aggregate = ? AND id = ?", (self._ring, aggregate, fact)
        )
        self._broken[aggregate].discard(fact)

    def _held(self, aggregate: bytes, fact: str, its_mark: bytes, payload: bytes) -> Held:
        if mark(payload) != its_mark:
            raise Damaged(_TABLE, fact)
        read = envelope(self._rows.open(_TABLE, fact.encode(), payload, aggregate))
        try:
            return Held(read.fact(), read, its_mark)
        except FactError as error:
            raise Damaged(_TABLE, fact, str(error)) from error

"""A ring: the facts and documents under one key. What is read of it is in working.py; here it is written."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from care.documents import Document, fold, with_new
from care.facts import Fact, Ref
from storage import entries
from storage.entries import Entry, with_marks
from storage.errors import Damaged
from storage.rows import SECRET, RowKeys
from storage.working import Working
from wire.envelope import Envelope


class Ring(Working):
    """Call within the database's lock."""

    def __init__(self, key: bytes, device: RowKeys | None = None) -> None:
        super().__init__(key, device)
        self._older: dict[bytes, None] | None = None
        """Aggregates with a row under an older key; None: nobody has looked since the key was exchanged."""

    # Writing. Call `show` with what is returned once the transaction has been committed.

    def with_new(self, ref: Ref, known: Entry | None, facts: Iterable[Fact]) -> Document | None:
        """The document of an aggregate, of which `known` is known, with more facts; None: fold it anew."""
        if not self.facts.whole and self.facts.broken(self._name(ref, known)):
            return None
        if known is None:
            return fold(ref.kind, ref.id, facts)
        return with_new(known.document, facts) if known.marks is not None else None

    def _name(self, ref: Ref, known: Entry | None) -> bytes:
        return known.name if known else self.facts.lookup(ref)

    @contextmanager
    def together(self, connection: sqlite3.Connection) -> Iterator[None]:
        """What is written meanwhile, each aggregate once, reaches the file at the end."""
        with self.facts.new.gathering(connection), self._rows.new.gathering(connection):
            yield

    def write(
        self,
        connection: sqlite3.Connection,
        ref: Ref,
        known: Entry | None,
        new: list[tuple[Fact, Envelope]],
        document: Document | None = None,
    ) -> Entry:
        """Add facts to an aggregate, and to its document: the one that `with_new` has made, if it has."""
        aggregate = self._name(ref, known)
        document = document or self.with_new(ref, known, [fact for fact, _ in new])
        if document is None or self.facts.broken(aggregate):
            return self.write_anew(connection, ref, new)
        added = self.facts.add(connection, aggregate, new)
        marks = with_marks((known.marks or b"") if known else b"", added)
        was = known.document if known else None
        return self._put(connection, Entry(aggregate, ref, document, marks), marks, was)

    def write_anew(
        self, connection: sqlite3.Connection, ref: Ref, new: Iterable[tuple[Fact, Envelope]] = ()
    ) -> Entry:
        """Add facts to an aggregate, and fold its document from all that are held and can be read."""
        aggregate, new = self.facts.lookup(ref), list(new)
        held = self.facts.of(connection, aggregate)
        added = self.facts.add(connection, aggregate, new)
        marks = with_marks(b"", {fact: one.mark for fact, one in held.items()} | added)
        document = fold(ref.kind, ref.id, [one.fact for one in held.values()] + [fact for fact, _ in new])
        broken = self.facts.broken(aggregate)
        document.unreadable += broken
        return self._put(connection, Entry(aggregate, ref, document, None if broken else marks), marks)

    def _put(
        self,
        connection: sqlite3.Connection,
        entry: Entry,
        marks: bytes,
        was: Document | None = None,
    ) -> Entry:
        said = entries.content(entry.ref, entry.document)
        self._rows.put(connection, entry.name, entry.ref, entry.document, said, marks, was)
        return entry

    # Exchanging the key.

    def use(self, chain: bytes) -> None:
        """Take the newer secrets of a chain into use, those that the ring does not have."""
        for at in range(len(self.rows.secret), len(chain), SECRET):
            self.rows.add(chain[at : at + SECRET])
            self._older = None

    def under_older_keys(self, connection: sqlite3.Connection) -> dict[bytes, None]:
        """The aggregates with a row under an older key, in no order; looked for once."""
        if self._older is None:
            query = (
                "SELECT aggregate FROM {0} WHERE ring = ? AND substr(payload, 2, 1) < ? GROUP BY aggregate"
            )
            found = [
                connection.execute(query.format(table), (self.id, bytes((self.rows.version,)))).fetchall()
                for table in ("facts", "documents")
            ]
            self._older = dict.fromkeys(aggregate for rows in found for (aggregate,) in rows)
        return self._older

    def encrypt_anew(self, connection: sqlite3.Connection, aggregate: bytes) -> None:
        """Put the facts of an aggregate and its document under the key in use. What is damaged stays."""
        said: bytes | None = None
        with suppress(Damaged):
            said = next((self._rows.open(row) for row in self._rows.some(connection, [aggregate])), None)
        self.facts.encrypt_anew(connection, aggregate)
        if said is not None:
            # Read again: its facts have other marks now.
            for row in self._rows.some(connection, [aggregate]):
                self._rows.encrypt_anew(connection, row, said)

    def encrypted_anew(self, aggregates: Iterable[bytes]) -> None:
        """They have been committed: what is known of them by the old marks is not believed any more."""
        if self._unindexed:
            self._unindexed.clear()
            self._apart = None
        for aggregate in aggregates:
            self._working.pop(aggregate, None)
            if self._older:
                self._older.pop(aggregate, None)

    # Rows of an older file.

    def unindexed(self, connection: sqlite3.Connection) -> bool:
        """Whether there are rows of an older file, that no index finds."""
        self._looked_through(connection)
        return bool(self._unindexed)

    def index(self, connection: sqlite3.Connection) -> list[bytes]:
        """Write rows of an older file anew, with what they are found by. Call `indexed` once committed."""
        apart = self._looked_through(connection)
        found = [(row, entry) for row, entry in self._unindexed if apart.get(row.aggregate) is entry]
        for row, entry in found:
            self._put(connection, entry, row.marks or b"")
        return [row.aggregate for row, _ in found]

    def indexed(self, aggregates: list[bytes]) -> None:
        """From now on the indices find them."""
        self._unindexed.clear()
        for aggregate in aggregates:
            if self._apart and (entry := self._apart.pop(aggregate, None)):
                self._kinds.add(entry.ref.kind)
                self._keep(aggregate, entry)

"""A ring: the facts and documents under one key, and while it is open, its documents in memory.

A document is bound to the marks of the facts it was folded from: a fact
taken away, put back or exchanged shows when the document is read.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache

import msgspec
from msgspec import Raw, Struct

# Every kind must be known before the first document is read.
import care.aggregates  # noqa: F401
from care.documents import Document, document_type, fold, known_kinds
from care.facts import Fact, Ref, known_types
from storage.errors import Damaged
from storage.facts import FactRows, Held
from storage.rows import RowKeys, taken_out
from wire.envelope import Envelope

FOLDING = 1
"""Raised when an `apply` in care/ makes something else of the same facts: documents are then folded anew."""
_TABLE = "documents"


class _Row(Struct, frozen=True, array_like=True):
    folding: str
    kind: str
    id: str
    document: Raw


class Ring:
    """Call within the database's lock."""

    def __init__(self, key: bytes, device: RowKeys | None = None) -> None:
        self.rows = RowKeys(key, b"ring")
        self._device = device
        self.id = self.rows.name
        self.facts = FactRows(self.rows)
        self.sessions = 0
        """How many are unlocked who share it."""
        self._kinds: dict[str, dict[str, Document]] | None = None

    def documents(self, connection: sqlite3.Connection) -> dict[str, dict[str, Document]]:
        """Every document by kind and id; read from the file at the first call."""
        if self._kinds is None:
            kinds: dict[str, dict[str, Document]] = {}
            for ref, document in self._load(connection):
                kinds.setdefault(ref.kind, {})[ref.id] = document
            self._kinds = kinds
        return self._kinds

    def document(self, connection: sqlite3.Connection, ref: Ref) -> Document | None:
        """One document, or None."""
        return self.documents(connection).get(ref.kind, {}).get(ref.id)

    def held(self, connection: sqlite3.Connection, ref: Ref, strict: bool = False) -> dict[str, Held]:
        """The facts held of an aggregate, by id. `strict` raises Damaged."""
        return self.facts.of(connection, self.facts.lookup(ref), strict)

    def write(
        self,
        connection: sqlite3.Connection,
        ref: Ref,
        held: Mapping[str, Held],
        new: Iterable[tuple[Fact, Envelope]],
        document: Document | None = None,
    ) -> Document:
        """Add facts to an aggregate of which `held` are held, and its document (folded here when not given).

        Call `show` with what is returned once the transaction has been committed.
        """
        aggregate = self.facts.lookup(ref)
        new = list(new)
        marks = {fact: one.mark for fact, one in held.items()} | self.facts.add(connection, aggregate, new)
        if document is None:
            document = fold(ref.kind, ref.id, [one.fact for one in held.values()] + [fact for fact, _ in new])
        document.unreadable += self.facts.broken(aggregate)
        content = msgspec.json.encode((folding(), ref.kind, ref.id, document))
        connection.execute(
            "INSERT INTO documents (ring, aggregate, payload) VALUES (?, ?, ?)"
            " ON CONFLICT (ring, aggregate) DO UPDATE SET payload = excluded.payload",
            (self.id, aggregate, self.rows.seal(_TABLE, aggregate, content, self._bound(marks))),
        )
        return document

    def show(self, ref: Ref, document: Document) -> None:
        """Take a committed document into the working set."""
        if self._kinds is not None:
            self._kinds.setdefault(ref.kind, {})[ref.id] = document

    def forget(self, lookups: set[bytes]) -> frozenset[Ref]:
        """Drop purged aggregates from the working set. Returns which they were."""
        kinds = self._kinds or {}
        every = [Ref(kind, of_id) for kind, documents in kinds.items() for of_id in documents]
        gone = frozenset(ref for ref in every if self.facts.lookup(ref) in lookups)
        for ref in gone:
            del kinds[ref.kind][ref.id]
        return gone

    def close(self) -> None:
        """Drop what was decrypted."""
        self._kinds = None

    def _load(self, connection: sqlite3.Connection) -> Iterable[tuple[Ref, Document]]:
        marks = self.facts.marks(connection)
        rows = connection.execute("SELECT aggregate, payload FROM documents WHERE ring = ?", (self.id,))
        for aggregate, payload in rows.fetchall():
            bound = self._bound(marks.pop(aggregate, {}))
            try:
                content = self.rows.open(_TABLE, aggregate, payload, bound)
            except Damaged as error:
                self.facts.note(error)
                yield from self._refolded(connection, aggregate)
            else:
                yield self._read(connection, content)
        for aggregate in marks:
            if self._device is None or not taken_out(connection, self._device, self.id, aggregate):
                self.facts.note(Damaged(_TABLE, aggregate.hex(), "missing"))
            yield from self._refolded(connection, aggregate)

    def _read(self, connection: sqlite3.Connection, content: bytes) -> tuple[Ref, Document]:
        row = msgspec.json.decode(content, type=_Row)
        ref = Ref(row.kind, row.id)
        if row.folding == folding():
            with suppress(msgspec.DecodeError):
                return ref, msgspec.json.decode(row.document, type=document_type(row.kind))
        # Folded by another version of the app: the facts say it anew.
        return ref, fold(ref.kind, ref.id, (one.fact for one in self.held(connection, ref).values()))

    def _refolded(self, connection: sqlite3.Connection, aggregate: bytes) -> Iterable[tuple[Ref, Document]]:
        """A damaged document from its facts, those that can be read."""
        facts = [held.fact for held in self.facts.of(connection, aggregate).values()]
        if facts:
            ref = facts[0].aggregate
            document = fold(ref.kind, ref.id, facts)
            document.unreadable += self.facts.broken(aggregate)
            yield ref, document

    def _bound(self, marks: Mapping[str, bytes]) -> bytes:
        """What a document is bound to: its ring and its facts' ids and marks, in the order of the ids."""
        digest = hashlib.sha256(self.id)
        for fact in sorted(marks):
            digest.update(fact.encode() + marks[fact])
        return digest.digest()


def folding() -> str:
    """Which facts and documents this app knows: documents folded by another app are folded anew."""
    return _named(len(known_types()), len(known_kinds()))


@cache
def _named(_types: int, _kinds: int) -> str:
    # The registries only grow, and only while modules are imported: their sizes say whether they have.
    shapes = [(kind, document_type(kind).__struct_fields__) for kind in sorted(known_kinds())]
    return hashlib.sha256(repr((FOLDING, sorted(known_types()), shapes)).encode()).hexdigest()[:16]

"""A ring: the facts and documents under one key, and while it is open, its documents in memory.

Rows are per (ring, aggregate). A document is bound to the marks of the facts it was folded from: a fact
taken away, put back or exchanged shows when the document is read.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
from msgspec import Raw, Struct

# Every kind must be known before the first document is read.
import care.delegation
import care.deviation
import care.dose
import care.order
import care.person
import care.published
import care.sbar
import care.staff
import care.unit  # noqa: F401
from care.documents import Document, document_type, fold, known_kinds
from care.errors import FactError
from care.facts import Fact, Ref, known_types
from storage.errors import Damaged
from storage.rows import RowKeys, mark
from wire.envelope import Envelope, envelope

FOLDING = 1
"""Raised when an `apply` in care/ makes something else of the same facts: documents are then folded anew."""


class Held(Struct, frozen=True):
    """A fact that is held: read, with the bytes it came in and the mark of its row."""

    fact: Fact
    envelope: Envelope
    mark: bytes


class _Row(Struct, frozen=True, array_like=True):
    folding: str
    kind: str
    id: str
    document: Raw


class Ring:
    """Call within the database's lock."""

    def __init__(self, key: bytes) -> None:
        self._rows = RowKeys(key, b"ring")
        self.id = self._rows.name
        self.sessions = 0
        self.damage: list[Damaged] = []
        """What was found damaged since it was opened."""
        self._broken: dict[bytes, set[str]] = {}
        self._kinds: dict[str, dict[str, Document]] | None = None

    def lookup(self, ref: Ref) -> bytes:
        """The blind name of an aggregate in this ring."""
        return self._rows.lookup("aggregate", ref.kind, ref.id)

    @property
    def rows(self) -> RowKeys:
        """The keys of this ring, for other rows that belong in it."""
        return self._rows

    # Documents, in memory while the ring is open.

    def documents(self, connection: sqlite3.Connection) -> dict[str, dict[str, Document]]:
        """Every document by kind and id; read from the file at the first call."""
        if self._kinds is None:
            kinds: dict[str, dict[str, Document]] = {}
            for ref, document in self._load(connection):
                kinds.setdefault(ref.kind, {})[ref.id] = document
            self._kinds = kinds
        return self._kinds

    def document(self, connection: sqlite3.Connection, ref: Ref) -> Document | None:
        return self.documents(connection).get(ref.kind, {}).get(ref.id)

    def show(self, ref: Ref, document: Document) -> None:
        """Take a committed document into the working set."""
        if self._kinds is not None:
            self._kinds.setdefault(ref.kind, {})[ref.id] = document

    def forget(self, lookups: set[bytes]) -> frozenset[Ref]:
        """Drop purged aggregates from the working set. Returns which they were."""
        gone = frozenset(
            ref
            for kind, documents in (self._kinds or {}).items()
            for ref in (Ref(kind, of_id) for of_id in documents)
            if self.lookup(ref) in lookups
        )
        for ref in gone:
            del (self._kinds or {})[ref.kind][ref.id]
        return gone

    def close(self) -> None:
        """Drop what was decrypted."""
        self._kinds = None

    def _load(self, connection: sqlite3.Connection) -> Iterable[tuple[Ref, Document]]:
        marks = self._marks(connection)
        rows = connection.execute("SELECT aggregate, payload FROM documents WHERE ring = ?", (self.id,))
        seen: set[bytes] = set()
        for aggregate, payload in rows.fetchall():
            seen.add(aggregate)
            try:
                content = self._rows.open(
                    "documents", aggregate, payload, self._bound(marks.get(aggregate, {}))
                )
                yield self._read(connection, aggregate, content)
            except Damaged as error:
                self._note(error)
                yield from self._refolded(connection, aggregate)
        for aggregate in marks.keys() - seen:
            if aggregate != self._unread:
                self._note(Damaged("documents", aggregate.hex(), "missing"))
                yield from self._refolded(connection, aggregate)

    def _marks(self, connection: sqlite3.Connection) -> dict[bytes, dict[str, bytes]]:
        marks: dict[bytes, dict[str, bytes]] = {}
        for aggregate, fact, its_mark in connection.execute(
            "SELECT aggregate, id, mark FROM facts WHERE ring = ?", (self.id,)
        ):
            marks.setdefault(aggregate, {})[fact] = its_mark
        return marks

    def _read(self, connection: sqlite3.Connection, aggregate: bytes, content: bytes) -> tuple[Ref, Document]:
        row = msgspec.json.decode(content, type=_Row)
        ref = Ref(row.kind, row.id)
        if row.folding == folding():
            try:
                return ref, msgspec.json.decode(row.document, type=document_type(row.kind))
            except msgspec.DecodeError:
                pass
        # Folded by another version of the app: the facts say it anew.
        held = self.facts(connection, ref)
        return ref, fold(ref.kind, ref.id, (one.fact for one in held.values()))

    def _refolded(self, connection: sqlite3.Connection, aggregate: bytes) -> Iterable[tuple[Ref, Document]]:
        """A damaged document from its facts, those that can be read."""
        facts = [held.fact for held in self._facts(connection, aggregate).values()]
        if facts:
            ref = facts[0].aggregate
            document = fold(ref.kind, ref.id, facts)
            document.unreadable += len(self._broken.get(aggregate, ()))
            yield ref, document

    def _note(self, damage: Damaged) -> None:
        if all((one.table, one.row) != (damage.table, damage.row) for one in self.damage):
            self.damage.append(damage)

    # Facts, in the file.

    def facts(self, connection: sqlite3.Connection, ref: Ref, strict: bool = False) -> dict[str, Held]:
        """The facts held of an aggregate. Damaged ones are named in `damage`, or raised when `strict`."""
        return self._facts(connection, self.lookup(ref), strict)

    def _facts(
        self, connection: sqlite3.Connection, aggregate: bytes, strict: bool = False
    ) -> dict[str, Held]:
        rows = connection.execute(
            "SELECT id, mark, payload FROM facts WHERE ring = ? AND aggregate = ?", (self.id, aggregate)
        )
        found: dict[str, Held] = {}
        for fact, its_mark, payload in rows.fetchall():
            try:
                found[fact] = self._held(aggregate, fact, its_mark, payload)
            except Damaged as error:
                if strict:
                    raise
                self._broken.setdefault(aggregate, set()).add(fact)
                self._note(error)
        return found

    def fact(self, connection: sqlite3.Connection, fact: str) -> Held | None:
        """One fact by its id, if it is held and readable. Looks through the whole ring: for repairs."""
        row = connection.execute(
            "SELECT aggregate, mark, payload FROM facts WHERE ring = ? AND id = ?", (self.id, fact)
        ).fetchone()
        if row is None:
            return None
        try:
            return self._held(row[0], fact, row[1], row[2])
        except Damaged:
            return None

    def _held(self, aggregate: bytes, fact: str, its_mark: bytes, payload: bytes) -> Held:
        key = fact.encode()
        if mark(payload) != its_mark:
            raise Damaged("facts", fact)
        read = envelope(self._rows.open("facts", key, payload, aggregate))
        try:
            return Held(read.fact(), read, its_mark)
        except FactError as error:
            raise Damaged("facts", fact, str(error)) from error

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
        aggregate = self.lookup(ref)
        broken = self._broken.get(aggregate, set())
        new = list(new)
        for fact, _ in new:
            if fact.id in broken:
                # Come again whole: it takes the place of the damaged row.
                self._remove(connection, aggregate, fact.id)
        rows = [(fact, self._rows.seal("facts", fact.id.encode(), bytes(of), aggregate)) for fact, of in new]
        connection.executemany(
            "INSERT INTO facts (ring, aggregate, id, mark, payload) VALUES (?, ?, ?, ?, ?)",
            [(self.id, aggregate, fact.id, mark(payload), payload) for fact, payload in rows],
        )
        if document is None:
            facts = [one.fact for one in held.values()] + [fact for fact, _ in rows]
            document = fold(ref.kind, ref.id, facts)
        document.unreadable += len(broken)
        marks = {fact: one.mark for fact, one in held.items()}
        marks.update((fact.id, mark(payload)) for fact, payload in rows)
        self._put(connection, aggregate, ref, document, marks)
        return document

    def _remove(self, connection: sqlite3.Connection, aggregate: bytes, fact: str) -> None:
        connection.execute(
            "DELETE FROM facts WHERE ring = ? AND aggregate = ? AND id = ?", (self.id, aggregate, fact)
        )
        self._broken[aggregate].discard(fact)

    def _put(
        self,
        connection: sqlite3.Connection,
        aggregate: bytes,
        ref: Ref,
        document: Document,
        marks: Mapping[str, bytes],
    ) -> None:
        content = msgspec.json.encode((folding(), ref.kind, ref.id, document))
        connection.execute(
            "INSERT INTO documents (ring, aggregate, payload) VALUES (?, ?, ?)"
            " ON CONFLICT (ring, aggregate) DO UPDATE SET payload = excluded.payload",
            (self.id, aggregate, self._rows.seal("documents", aggregate, content, self._bound(marks))),
        )

    def keep_unread(self, connection: sqlite3.Connection, read: Envelope) -> None:
        """Keep the bytes of what this app cannot even read as a fact; a later one may."""
        name = read.hash.hex()
        if not connection.execute(
            "SELECT 1 FROM facts WHERE ring = ? AND aggregate = ? AND id = ?", (self.id, self._unread, name)
        ).fetchone():
            payload = self._rows.seal("facts", name.encode(), bytes(read), self._unread)
            connection.execute(
                "INSERT INTO facts (ring, aggregate, id, mark, payload) VALUES (?, ?, ?, ?, ?)",
                (self.id, self._unread, name, mark(payload), payload),
            )

    @property
    def _unread(self) -> bytes:
        return self._rows.lookup("unread")

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

"""The documents of a ring that are in use.

A document is read when it is asked for, and stays in memory while there is room: what is asked for again
and again costs nothing, and what nobody asks for is never decrypted. It is bound to the marks of the facts
that it was folded from: a fact taken away, put back or exchanged shows when the document is read.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

from care.documents import Document, fold, known_kinds
from care.facts import Ref
from storage import entries
from storage.documents import DocumentRows, Row
from storage.entries import Entry
from storage.errors import Damaged
from storage.facts import FactRows, Held
from storage.purged import PurgedRows
from storage.rows import RowKeys, taken_out
from storage.wanted import WantedRows

WORKING_SET = 8192
"""Documents of one ring that stay in memory: what a unit has to do with in a month, some 20 MB of them."""


class Working:
    """The reading half of a ring. Call within the database's lock."""

    def __init__(self, key: bytes, device: RowKeys | None = None) -> None:
        self.rows = RowKeys(key, b"ring")
        self._device = device
        self.id = self.rows.name
        self.facts = FactRows(self.rows)
        self.purged = PurgedRows(self.rows, self.facts.note)
        self.wanted = WantedRows(self.rows)
        self._rows = DocumentRows(self.rows)
        self.brought: set[bytes] = set()
        """What was fetched whole since the ring was opened: not purged before the lock, since it is read."""
        self.sessions = 0
        """How many are unlocked who share it."""
        self._working: OrderedDict[bytes, Entry | None] = OrderedDict()
        """What has been read or shown, last used last; None: there is none."""
        self._kinds: set[str] = set()
        """What there are rows of; looked for together with what is apart."""
        self._apart: dict[bytes, Entry] | None = None
        """What no row gives or no index finds, by its facts; None: nobody has looked yet."""
        self._unindexed: list[tuple[Row, Entry]] = []
        """Of what is apart: rows of an older file, to be written anew."""

    def entry(self, connection: sqlite3.Connection, ref: Ref) -> Entry | None:
        """One document with what it was folded from, or None."""
        return self._entry(connection, self.facts.lookup(ref)) if self._any_of(connection, ref.kind) else None

    def _any_of(self, connection: sqlite3.Connection, kind: str) -> bool:
        """Whether there may be anything of a kind: a ring has nothing at all of most."""
        return bool(self._looked_through(connection)) or kind in self._kinds

    def may_hold(self, known: Entry | None, fact: str) -> bool:
        """Whether a fact may be among those of an aggregate, by what is `known` of it."""
        if known is None:
            return False
        return known.marks is None or fact.encode() in known.marks

    def some(self, connection: sqlite3.Connection, refs: Iterable[Ref]) -> dict[Ref, Document]:
        """Those of some documents that there are."""
        lookup, refs = self.facts.lookup, list(refs)
        kinds = {kind for kind in {ref.kind for ref in refs} if self._any_of(connection, kind)}
        entries = self.known(connection, [lookup(ref) for ref in refs if ref.kind in kinds])
        return {one.ref: one.document for one in entries if one}

    def of_kind(
        self, connection: sqlite3.Connection, kind: str, person: str | None = None
    ) -> dict[Ref, Document]:
        """Every document of a kind, or of a kind and a person."""
        found = self._found(connection, self._rows.of_kind(connection, kind, person))
        return {
            ref: one
            for ref, one in found.items()
            if ref.kind == kind and (person is None or one.person == person)
        }

    def newest(self, connection: sqlite3.Connection, person: str, limit: int) -> dict[Ref, Document]:
        """The documents of a person that changed last, at least `limit` of them if there are."""
        found = self._found(connection, self._rows.newest(connection, person, limit))
        return {ref: one for ref, one in found.items() if one.person == person}

    def of_facts(self, connection: sqlite3.Connection, facts: frozenset[str]) -> dict[str, Ref]:
        """What some facts are of, those that are in this ring. Looks through an index of all its facts."""
        names = self.facts.aggregates(connection, facts)
        entries = self.known(connection, list(names.values()))
        return {fact: entry.ref for fact, entry in zip(names, entries, strict=True) if entry}

    def unchanged_since(self, connection: sqlite3.Connection, before: datetime) -> list[bytes]:
        """The aggregates that last changed before a time, by their blind names, the longest ago first."""
        return self._rows.unchanged_since(connection, before)

    def settled(self, connection: sqlite3.Connection, aggregate: bytes) -> Ref | None:
        """What a row is of; None when there is none, or it is not as it was written."""
        entry = self._entry(connection, aggregate)
        return entry.ref if entry and aggregate not in self._looked_through(connection) else None

    def lacks(self, connection: sqlite3.Connection, ref: Ref) -> bool:
        """Whether there are facts of an aggregate that are yet to be fetched."""
        return self.wanted.holds(connection, self.facts.lookup(ref))

    def _found(self, connection: sqlite3.Connection, names: list[bytes]) -> dict[Ref, Document]:
        """The documents of some rows, and all that no index finds."""
        entries = self.known(connection, names)
        apart = self._looked_through(connection)
        return {one.ref: one.document for one in [*entries, *apart.values()] if one}

    def _entry(self, connection: sqlite3.Connection, aggregate: bytes) -> Entry | None:
        apart, working = self._looked_through(connection), self._working
        if aggregate in apart:
            return apart[aggregate]
        if aggregate in working:
            working.move_to_end(aggregate)
            return working[aggregate]
        # Facts without a row were looked for when the ring was opened: without one, there are none.
        row = self._rows.one(connection, aggregate)
        entry = self._opened(connection, row) if row else None
        if aggregate not in apart:
            self._keep(aggregate, entry)
        return entry

    def known(self, connection: sqlite3.Connection, names: list[bytes]) -> list[Entry | None]:
        """What there is of some aggregates, by their blind names, in their order; read from the file where it
        is not in memory."""
        apart, working = self._looked_through(connection), self._working
        found: dict[bytes, Entry | None] = {}
        missing: list[bytes] = []
        for name in names:
            if name in working:
                working.move_to_end(name)
                found[name] = working[name]
            elif name not in apart:
                missing.append(name)
        if missing:
            rows = self._rows.some(connection, missing)
            read = dict.fromkeys(missing) | {row.aggregate: self._opened(connection, row) for row in rows}
            for name, entry in read.items():
                if name not in apart:
                    self._keep(name, entry)
            found |= read
        return [apart.get(name) or found[name] for name in names]

    def _keep(self, aggregate: bytes, entry: Entry | None) -> None:
        self._working[aggregate] = entry
        self._working.move_to_end(aggregate)
        if len(self._working) > WORKING_SET:
            self._working.popitem(last=False)

    def _looked_through(self, connection: sqlite3.Connection) -> dict[bytes, Entry]:
        """What no index finds: looked for once, before anything else is read. Reads few rows, if any."""
        if self._apart is None:
            self._apart = {}
            for row in self._rows.unindexed(connection):
                entry = self._opened(connection, row)
                if entry and row.aggregate not in self._apart:
                    self._apart[row.aggregate] = entry
                    self._unindexed.append((row, entry))
            for aggregate in self._rows.missing(connection, self.facts.unread):
                if self._device is None or not taken_out(connection, self._device, self.id, aggregate):
                    self.facts.note(Damaged("documents", aggregate.hex(), "missing"))
                self._refolded(connection, aggregate)
            there = self._rows.kinds(connection)
            self._kinds = {kind for kind in known_kinds() if self._rows.kind(kind) in there}
            for blind in there - {self._rows.kind(kind) for kind in self._kinds}:
                strange = self.known(connection, self._rows.of_blind(connection, blind))
                self._kinds.update(one.ref.kind for one in strange if one)
        return self._apart

    def _opened(self, connection: sqlite3.Connection, row: Row) -> Entry | None:
        try:
            content = self._rows.open(row)
        except Damaged as error:
            self.facts.note(error)
            return self._refolded(connection, row.aggregate)
        return self._read(connection, row, content)

    def _read(self, connection: sqlite3.Connection, row: Row, data: bytes) -> Entry:
        ref, document = entries.read(data)
        if document is not None:
            return Entry(row.aggregate, ref, document, row.marks or b"")
        # The facts say it anew.
        document = fold(ref.kind, ref.id, (one.fact for one in self.held(connection, ref).values()))
        broken = self.facts.broken(row.aggregate)
        document.unreadable += broken
        return Entry(row.aggregate, ref, document, None if broken else row.marks or b"")

    def _refolded(self, connection: sqlite3.Connection, aggregate: bytes) -> Entry | None:
        """A document without a row that can be read, from its facts, those that can be read; set apart."""
        facts = [held.fact for held in self.facts.of(connection, aggregate).values()]
        if not facts:
            return None
        ref = facts[0].aggregate
        document = fold(ref.kind, ref.id, facts)
        document.unreadable += self.facts.broken(aggregate)
        entry = Entry(aggregate, ref, document, None)
        if self._apart is not None:
            self._apart[aggregate] = entry
        return entry

    def held(self, connection: sqlite3.Connection, ref: Ref, strict: bool = False) -> dict[str, Held]:
        """The facts held of an aggregate, by id. `strict` raises Damaged."""
        return self.facts.of(connection, self.facts.lookup(ref), strict)

    # What has changed in the file.

    def show(self, entry: Entry) -> None:
        """Take a committed document into the working set."""
        if self._apart is not None:
            self._apart.pop(entry.name, None)
            self._kinds.add(entry.ref.kind)
            self._keep(entry.name, entry)

    def forget(self, lookups: set[bytes]) -> frozenset[Ref]:
        """Drop purged aggregates from the working set. Returns which of them were in it."""
        gone = [self._working.pop(one, None) for one in lookups]
        gone += [self._apart.pop(one, None) for one in lookups] if self._apart else []
        return frozenset(entry.ref for entry in gone if entry)

    def close(self) -> None:
        """Drop what was decrypted."""
        self.rows.forget()
        self._working.clear()
        self._unindexed.clear()
        self.brought.clear()
        self._apart = None
        self.purged.close()

"""The peers of the store: an app that keeps the same rows in plain SQLite, or in SQLCipher under a raw key.

They do what the store does but sign, seal and encrypt rows: make the fact, number and chain it, fold it into
its document, and write fact, document, outbox row and the end of the chain, with the same indices, in one
durable transaction. What they list they decode to the same documents. Opened again, they go on where the
chain ended, also when the outbox is empty.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlcipher3 import dbapi2 as sqlcipher

from care.documents import Document, document_type, fold, with_new
from care.facts import Fact, Ref, decode, encode, raw, type_of
from care.ids import uuid7
from storage import Statement

_TABLES = (
    "CREATE TABLE IF NOT EXISTS facts (aggregate TEXT, id TEXT, payload BLOB)",
    "CREATE INDEX IF NOT EXISTS facts_of_aggregate ON facts (aggregate, id)",
    "CREATE TABLE IF NOT EXISTS documents"
    " (id TEXT PRIMARY KEY, kind TEXT, person TEXT, changed INTEGER, payload BLOB)",
    "CREATE INDEX IF NOT EXISTS documents_of_kind ON documents (kind, person)",
    "CREATE INDEX IF NOT EXISTS documents_of_person ON documents (person, changed)",
    "CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, id TEXT, state INTEGER, payload BLOB)",
    "CREATE TABLE IF NOT EXISTS chain (one INTEGER PRIMARY KEY, seq INTEGER, prev TEXT)",
    "INSERT OR IGNORE INTO chain VALUES (1, 0, NULL)",
)
# As storage/database.py has sqlite3, which the plain peer uses too.
sqlcipher.register_adapter(bytes, bytes.__bytes__)
_encode = msgspec.json.Encoder().encode


class Peer:
    """One connection, prepared statements, no layer in between."""

    def __init__(self, path: Path, author: str, key: bytes | None = None) -> None:
        self._author = author
        connect: Any = sqlite3.connect if key is None else sqlcipher.connect
        self._connection: sqlite3.Connection = connect(path, isolation_level=None)
        if key is not None:
            self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        for table in _TABLES:
            self._connection.execute(table)
        self._seq, self._prev = self._connection.execute("SELECT seq, prev FROM chain").fetchone()

    def close(self) -> None:
        self._connection.close()

    def save(self, statement: Statement) -> None:
        """One fact, durable when it returns."""
        ref = statement.aggregate
        self._connection.execute("BEGIN IMMEDIATE")
        known = self._document(ref)
        fact = self._fact(statement, known.rank + 1 if known else 1)
        data = encode(fact)
        document = with_new(known, [fact]) if known else fold(ref.kind, ref.id, [fact])
        assert document is not None
        self._connection.execute("INSERT INTO facts VALUES (?, ?, ?)", (ref.id, fact.id, data))
        self._put(document, known)
        self._connection.execute("INSERT INTO outbox VALUES (?, ?, 0, ?)", (fact.seq, fact.id, data))
        prev = hashlib.sha256(data).hexdigest()
        self._connection.execute("UPDATE chain SET seq = ?, prev = ? WHERE one = 1", (fact.seq, prev))
        self._connection.execute("COMMIT")
        self._seq, self._prev = fact.seq, prev

    def bring(self, facts: list[bytes]) -> None:
        """Facts of others: one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        by: dict[Ref, list[tuple[Fact, bytes]]] = {}
        for data in facts:
            fact = decode(data)
            by.setdefault(fact.aggregate, []).append((fact, data))
        for ref, new in by.items():
            known = self._document(ref)
            added = [fact for fact, _ in new]
            document = with_new(known, added) if known else fold(ref.kind, ref.id, added)
            assert document is not None
            rows = [(ref.id, fact.id, data) for fact, data in new]
            self._connection.executemany("INSERT INTO facts VALUES (?, ?, ?)", rows)
            self._put(document, known)
        self._connection.execute("COMMIT")

    def document(self, kind: str, id: str) -> Document | None:
        return self._document(Ref(kind, id))

    def some(self, kind: str, ids: list[str]) -> list[Document]:
        marks = ",".join("?" * len(ids))
        rows = self._connection.execute(f"SELECT payload FROM documents WHERE id IN ({marks})", ids)
        return _decoded(kind, rows)

    def newest(self, kind: str, person: str, limit: int) -> list[Document]:
        query = "SELECT payload FROM documents WHERE person = ? ORDER BY changed DESC LIMIT ?"
        return _decoded(kind, self._connection.execute(query, (person, limit)))

    def _document(self, ref: Ref) -> Document | None:
        row = self._connection.execute("SELECT payload FROM documents WHERE id = ?", (ref.id,)).fetchone()
        return msgspec.json.decode(row[0], type=document_type(ref.kind)) if row else None

    def _fact(self, statement: Statement, rank: int) -> Fact:
        at = datetime.now(UTC)
        fact_type, version = type_of(statement.body)
        return Fact(
            id=uuid7(int(at.timestamp() * 1000), os.urandom(10)),
            type=fact_type,
            version=version,
            aggregate=statement.aggregate,
            rank=rank,
            at=at,
            author=self._author,
            device=self._author,
            seq=self._seq + 1,
            prev=self._prev,
            unit=statement.unit,
            person=statement.person,
            body=raw(statement.body),
        )

    def _put(self, document: Document, known: Document | None) -> None:
        changed = int(document.changed.timestamp() * 1000) if document.changed else 0
        payload = _encode(document)
        if known is None:
            row = (document.id, document.kind, document.person, changed, payload)
            self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row)
        else:
            query = "UPDATE documents SET changed = ?, payload = ? WHERE id = ?"
            self._connection.execute(query, (changed, payload, document.id))


def _decoded(kind: str, rows: Iterable[tuple[bytes]]) -> list[Document]:
    decode = msgspec.json.Decoder(document_type(kind)).decode
    return [decode(payload) for (payload,) in rows]

"""Tables, and how a file comes from one version of them to the next.

In the clear are: fact ids (UUIDs), by which stream (a blind lookup) each came, sets of rows by an eight-byte
name, blind lookups, the times of a document's last change and of a photo's first save, in which months
something was purged, sequence numbers and whether a row of the outbox waits, is set aside, or is of the log
of reading. Everything else is in `payload` (see rows.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from storage.errors import Damaged, Newer

if TYPE_CHECKING:
    # Imported where a file is made or brought up to date: not at each start of the app.
    import sqlite_utils
    from sqlite_utils.db import Table

APPLICATION = 0x52617070
"""``Rapp``: tells the file from any other SQLite file."""


def _first(database: sqlite_utils.Database) -> None:
    _table(database, "state").create({"name": str, "payload": bytes}, pk="name", strict=True)
    _table(database, "slots").create(
        {"id": bytes, "salt": bytes, "n": int, "wrapped": bytes, "card": bytes, "tries": bytes},
        pk="id",
        strict=True,
    )
    _table(database, "facts").create(
        {"ring": bytes, "aggregate": bytes, "id": str, "mark": bytes, "payload": bytes}, strict=True
    )
    # Covers what a document is checked against, so that opening a ring reads no fact.
    _table(database, "facts").create_index(["ring", "aggregate", "id", "mark"], "facts_of_aggregate")
    _table(database, "documents").create(
        {"ring": bytes, "aggregate": bytes, "payload": bytes}, pk=("ring", "aggregate"), strict=True
    )
    _table(database, "outbox").create(
        {"n": int, "id": str, "state": int, "enc": bytes, "box": bytes, "payload": bytes},
        pk="n",
        strict=True,
    )
    for kept in ("drafts", "notes"):
        _table(database, kept).create(
            {"ring": bytes, "key": bytes, "payload": bytes}, pk=("ring", "key"), strict=True
        )
    _table(database, "cursors").create({"id": bytes, "payload": bytes}, pk="id", strict=True)
    _table(database, "arrivals").create(
        {"ring": bytes, "aggregate": bytes, "cursor": bytes}, pk=("ring", "aggregate", "cursor"), strict=True
    )
    _table(database, "arrivals").create_index(["cursor"], "arrivals_by_cursor")


def _erasing(database: sqlite_utils.Database) -> None:
    _table(database, "unfolded").create(
        {"ring": bytes, "aggregate": bytes, "payload": bytes}, pk=("ring", "aggregate"), strict=True
    )


def _closing(database: sqlite_utils.Database) -> None:
    _table(database, "kept").create(
        {"id": str, "device": str, "enc": bytes, "box": bytes}, pk=("device", "id"), strict=True
    )


def _finding(database: sqlite_utils.Database) -> None:
    """Documents are found by kind and person (blind), and by when they changed.

    ``changed`` is the time of the last fact, in milliseconds since 1970 (UTC). What is in the file already
    has no kind until somebody unlocks its ring (ring.py).
    """
    documents = _table(database, "documents")
    for column, of in (("kind", bytes), ("person", bytes), ("changed", int)):
        documents.add_column(column, of)
    # Both end in what is asked for, so that no row is read; the first stays as it is when a document changes.
    documents.create_index(["ring", "kind", "person", "aggregate"], "documents_of_kind")
    documents.create_index(["ring", "person", "changed", "aggregate"], "documents_of_person")


def _rotation(database: sqlite_utils.Database) -> None:
    """Newer secrets of rings, each under the one before it (rotation.py)."""
    _table(database, "links").create(
        {"ring": bytes, "version": int, "payload": bytes}, pk=("ring", "version"), strict=True
    )


def _purging(database: sqlite_utils.Database) -> None:
    _table(database, "purged").create(
        {"ring": bytes, "month": int, "payload": bytes}, pk=("ring", "month"), strict=True
    )
    _table(database, "wanted").create(
        {"ring": bytes, "aggregate": bytes, "payload": bytes}, pk=("ring", "aggregate"), strict=True
    )


def _fifth(database: sqlite_utils.Database) -> None:
    _purging(database)
    _rotation(database)


def _came(database: sqlite_utils.Database) -> None:
    """Which facts a stream has brought of an aggregate (selfcheck.py); null: nobody has kept count."""
    _table(database, "arrivals").add_column("came", bytes)


def _photos(database: sqlite_utils.Database) -> None:
    _table(database, "photos").create(
        {"ring": bytes, "owner": bytes, "id": str, "saved": int, "payload": bytes},
        pk=("ring", "owner", "id"),
        strict=True,
    )
    _table(database, "photos").create_index(["id"], "photos_by_id")
    _table(database, "pieces").create(
        {"photo": str, "n": int, "enc": bytes, "box": bytes, "payload": bytes}, pk=("photo", "n"), strict=True
    )


MIGRATIONS: tuple[Callable[[sqlite_utils.Database], None], ...] = (
    _first,
    _erasing,
    _closing,
    _finding,
    _fifth,
    _came,
    _photos,
)
"""Each brings a file from the version of its place to the next, all of it or nothing."""


def is_of_now(connection: sqlite3.Connection) -> bool:
    """Whether a file has this app's version; otherwise it is for `migrate` to say what it is."""
    asked = [
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    ]
    return asked == [APPLICATION, len(MIGRATIONS)]


def migrate(database: sqlite_utils.Database) -> None:
    """Bring a file to this app's version. Raises Newer, or Damaged when it is no file of this app."""
    version = _pragma(database, "user_version")
    if version > len(MIGRATIONS):
        raise Newer(f"version {version}, this app knows {len(MIGRATIONS)}")
    if _pragma(database, "application_id") != APPLICATION and (version or database.table_names()):
        raise Damaged("file", "*", "not a store of this app")
    for number, step in enumerate(MIGRATIONS[version:], version + 1):
        with database.atomic():
            step(database)
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {number}")


def _pragma(database: sqlite_utils.Database, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def _table(database: sqlite_utils.Database, name: str) -> Table:
    return database.table(name)

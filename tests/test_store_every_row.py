"""Every column of every table, changed: named, or listed here with the reason why it does no harm."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from care.photo import CHUNK
from storage import Damaged, FileSecret, PinError, Store, Unlocked
from storage.chain import BREAK
from tests.photographs import pixels, reported
from tests.store_case import ANNA, BERTIL, PIN, UNIT, Time, asked, elsewhere, given, page, phone, sign_in

STREAM = f"unit:{UNIT}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with phone(folder) as store:
        bertil = sign_in(store, BERTIL, "Bertil")
        bertil.lock()
        anna = sign_in(store)
        for _ in range(2):
            anna.save(given(), asked())
        for key in ("1", "2"):
            anna.save_draft(f"sbar:{key}", b"words")
            anna.remember(f"seen:{key}", b"1")
        reported(anna, pixels(5000), pixels(CHUNK + 5))
        for stream in (STREAM, f"nurse:{UNIT}"):
            there = given()
            store.take_page(page(stream, [elsewhere(there.body, there.aggregate)]), anna)
    return folder


def columns(folder: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")] for table in tables
        }


def noticed(folder: Path) -> set[str]:
    """Read all that the app reads; the tables in which something was found not to be as it was written."""
    found: list[Damaged] = []
    try:
        store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), Time())
    except Damaged as error:
        return {error.table}
    try:
        return _noticed(store, found) | {error.table for error in [*found, *store.damage]}
    finally:
        store.close()


def _noticed(store: Store, found: list[Damaged]) -> set[str]:
    named: set[str] = set()
    store.waiting()
    if any(one.reason == "damaged" for one in store.set_aside()):
        named.add("outbox")
    if len(store.slots()) != 2:
        named.add("slots")
    try:
        anna = store.unlock(ANNA, PIN)
    except (PinError, Damaged):
        return named | {"slots"}
    reads: list[Callable[[], object]] = [anna.drafts]
    for number in ("1", "2"):
        reads += [partial(anna.draft, f"sbar:{number}"), partial(anna.recall, f"seen:{number}")]
    for kind in ("dose", "sbar"):
        reads += [partial(anna.envelopes, kind, one.id) for one in anna.documents(kind)]
    reads += [partial(store.pieces_of, photo) for photo in store.photos_waiting()]
    reads += [partial(_two_photos, anna, one.id) for one in anna.documents("deviation")]
    for read in reads:
        try:
            if read() is None:
                named.add("missed")
        except Damaged as error:
            found.append(error)
    for stream in (STREAM, f"nurse:{UNIT}"):
        if store.cursor(stream, anna) is None:
            named.add("missed")
    found += anna.damage
    # Whatever was done to the file, nobody is kept from recording.
    assert anna.save(given())
    return named


def _two_photos(who: Unlocked, report: str) -> bool | None:
    return len(who.photos_of("deviation", report)) == 2 or None


def changed(value: object) -> object:
    if isinstance(value, bytes):
        return value[:-1] + bytes((value[-1] ^ 1,))
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    assert isinstance(value, int)
    return value + 1000


def test_the_file_as_it_was_written_is_as_it_was_written(made: Path) -> None:
    assert noticed(made) == set()


HARMLESS = {
    ("state", "name", "secret"): "tells a wrong device secret from damage; without it each row still does",
    ("state", "name", "rings"): "noted anew at the next unlock",
    ("state", "name", "price"): "measured again before the next slot is made",
    ("state", "payload", "price"): "as before: it is read where a slot is made, not here",
    ("arrivals", "ring", ""): "what came by a stream is purged later than it could be, or not at all",
    ("arrivals", "aggregate", ""): "as before",
    ("arrivals", "cursor", ""): "as before",
    ("arrivals", "came", ""): "the self-check has the stream read anew for nothing, or later than it could",
}
ELSEWHERE = {
    # A row that went to where nobody looks for it is missed there, or seen by what is bound to it.
    ("facts", "ring", ""): {"documents"},
    ("drafts", "ring", ""): {"missed"},
    ("notes", "ring", ""): {"missed"},
    ("photos", "ring", ""): {"missed"},
    ("photos", "owner", ""): {"missed"},
    ("notes", "key", ""): {"missed"},
    ("cursors", "id", ""): {"missed"},
    # The number stands in the row's own seal, and the chain has not come so far.
    ("outbox", "n", ""): {"outbox", "state"},
}
EMPTY = {"unfolded", "kept", "documents.closed"}


def test_every_column_of_every_table_that_is_changed_is_named(made: Path, tmp_path: Path) -> None:
    tried = 0
    for table, names in columns(made).items():
        for place, column in enumerate(names):
            for rowid, *values in rows_of(made, table):
                which = str(values[0]) if table == "state" else ""
                if values[place] is None:
                    assert f"{table}.{column}" in EMPTY
                    break
                shutil.copyfile(made / "rapp.db", tmp_path / "rapp.db")
                shutil.copyfile(made / "secret", tmp_path / "secret")
                with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
                    update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                    rows.execute(update, (changed(values[place]), rowid))
                found, key = noticed(tmp_path), (table, column, which)
                tried += 1
                if key in HARMLESS:
                    assert found == set(), key
                elif key in ELSEWHERE:
                    assert found == ELSEWHERE[key], key
                else:
                    assert table in found, key
                if table != "state":
                    break
    assert tried > 35


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(
            (table, "payload")
            for table in (
                "documents",
                "outbox",
                "drafts",
                "notes",
                "cursors",
                "state",
                "facts",
                "photos",
                "pieces",
            )
        ),
        *(("slots", column) for column in ("card", "tries", "wrapped")),
        ("outbox", "box"),
        ("pieces", "box"),
    ],
)
def test_two_rows_that_changed_places_are_named(made: Path, tmp_path: Path, table: str, column: str) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    place = columns(made)[table].index(column)
    first, second, *_ = rows_of(made, table)
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
        for here, there in ((first, second), (second, first)):
            rows.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (there[place + 1], here[0]))
    assert table in noticed(tmp_path)


def test_an_end_of_the_chain_that_was_put_back_gives_no_number_twice(tmp_path: Path) -> None:
    def end(change: bytes | None = None) -> bytes:
        with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
            if change:
                rows.execute("UPDATE state SET payload = ? WHERE name = 'chain'", (change,))
            found: bytes = rows.execute("SELECT payload FROM state WHERE name = 'chain'").fetchone()[0]
            return found

    with phone(tmp_path) as store:
        sign_in(store).save(given())
    old = end()
    with phone(tmp_path) as store:
        store.unlock(ANNA, PIN).save(given())
    end(old)
    with phone(tmp_path) as store:
        [fact] = store.unlock(ANNA, PIN).save(given())
        assert (fact.seq, fact.prev) == (2 + BREAK + 1, None)
        assert [(one.table, one.row) for one in store.damage] == [("state", "chain")]


def rows_of(folder: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        return rows.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()

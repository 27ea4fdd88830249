"""A file of every earlier format opens, shows all that it held, and goes on. See tests/released.py."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from care.documents import fold
from storage import DiskFull, Store, Unlocked
from storage.database import Database
from storage.ring import Ring
from storage.schema import MIGRATIONS
from tests.released import FIXTURES
from tests.store_case import ANNA, BERTIL, NOON, PHONE_KEY, PIN, Time, given, open_store, phone, receipt
from wire.messages import PushResult

VERSIONS = sorted(int(path.stem.removeprefix("store-v")) for path in FIXTURES.glob("store-v*.db"))


FINDING = 4
"""The version from which on documents are found by kind and person."""


@pytest.fixture(params=VERSIONS)
def released(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return _copied(request.param, tmp_path)


@pytest.fixture(params=[version for version in VERSIONS if version < FINDING])
def without_kinds(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return _copied(request.param, tmp_path)


def _copied(version: int, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    made = FIXTURES / f"store-v{version}"
    copyfile(made.with_suffix(".db"), tmp_path / "rapp.db")
    copyfile(made.with_suffix(".secret"), tmp_path / "secret")
    (tmp_path / "secret").chmod(0o600)
    return tmp_path, json.loads(made.with_suffix(".json").read_text())


def test_there_is_a_file_of_every_format_from_the_third_to_the_one_before_this() -> None:
    assert set(VERSIONS) >= set(range(3, len(MIGRATIONS)))


def shown(who: Unlocked, expected: dict[str, Any]) -> list[list[Any]]:
    kinds = sorted({kind for kind, *_ in expected["documents"][who.staff]})
    return sorted([kind, one.id, one.person, one.facts] for kind in kinds for one in who.documents(kind))


def same(store: Store, expected: dict[str, Any]) -> None:
    """Everything that the list names, by every way to it."""
    for staff in (ANNA, BERTIL):
        who = store.unlock(staff, PIN)
        assert shown(who, expected) == expected["documents"][staff]
        for kind, id, person, facts in expected["documents"][staff]:
            held = [of.fact() for of in who.envelopes(kind, id)]
            assert who.document(kind, id) == fold(kind, id, held)
            assert [fact.id for fact in held] == facts
            assert id in {one.id for one in who.documents(kind, person)}
            assert id in {one.id for one in who.newest(person, 100)}
        assert [key for key, _ in who.drafts()] == expected["drafts"][staff]
        assert [store.cursor(stream, who) for stream in expected["cursors"]] == [
            at[staff == BERTIL] for at in expected["cursors"].values()
        ]
        assert who.damage == []
        who.lock()
    assert [sealed.id for sealed in store.waiting()] == expected["waiting"]
    assert [one.id for one in store.set_aside()] == expected["aside"]
    assert store.damage == []


def test_a_released_file_is_brought_up_to_date_with_all_that_it_held(
    released: tuple[Path, dict[str, Any]],
) -> None:
    folder, expected = released
    with phone(folder, Time(NOON + timedelta(hours=1))) as store:
        assert store._database.tables().execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        same(store, expected)
        anna = store.unlock(ANNA, PIN)
        statement = given(next(id for kind, id, *_ in expected["documents"][ANNA] if kind == "dose"))
        [fact] = anna.save(statement)
        assert anna.recall("seen") == b"1"
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        document = anna.document("dose", statement.aggregate.id)
        assert document
        assert document.facts[-1] == fact.id
        assert anna.newest(document.person or "", 1) == [document]
        assert anna.damage == []


def test_a_released_file_is_used_and_purged_like_one_of_today(released: tuple[Path, dict[str, Any]]) -> None:
    folder, expected = released
    later = NOON + timedelta(days=400)
    with phone(folder, Time(NOON + timedelta(hours=1))) as store:
        anna = store.unlock(ANNA, PIN)
        held = {kind: len(anna.documents(kind)) for kind, *_ in expected["documents"][ANNA]}
        anna.save(given())
        waiting = store.counts().waiting
        unsent = {doc.id for doc in anna.waiting()}
        assert sum(store.tidy.purge(anna, later)) > 0
        assert store.counts().waiting == waiting
        # In force, and what waits or was set aside; of doses nothing else.
        for kind in ("unit", "staff", "person", "form"):
            assert len(anna.documents(kind)) == held[kind]
        assert {doc.id for doc in anna.documents("dose")} == {
            doc.id for doc in anna.waiting() if doc.kind == "dose"
        }
        assert {doc.id for doc in anna.waiting()} == unsent
        sent = [of for doc in anna.waiting() for of in anna.envelopes(doc.kind, doc.id)]
        results = [PushResult(id=of.fact().id, status="accepted", hash=of.hash) for of in sent]
        store.take_receipt(receipt(store, *results), [one.id for one in results])
        assert sum(store.tidy.purge(anna, later + timedelta(days=1))) > 0
        assert anna.documents("dose") == []
        assert anna.damage == []
        assert store.damage == []


def unindexed(folder: Path) -> dict[bytes, int]:
    """How many rows of each ring no index finds."""
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        query = "SELECT ring, count(*) FROM documents WHERE kind IS NULL GROUP BY ring"
        return dict(rows.execute(query).fetchall())


def test_documents_are_indexed_when_their_ring_is_first_unlocked(
    without_kinds: tuple[Path, dict[str, Any]],
) -> None:
    folder, expected = without_kinds
    with phone(folder) as store:
        before = unindexed(folder)
        assert Ring(PHONE_KEY).id in before
        assert len(before) == 3
        store.unlock(ANNA, PIN)
        [(theirs, count)] = unindexed(folder).items()
        assert before[theirs] == count
        store.unlock(BERTIL, PIN)
        assert unindexed(folder) == {}
        same(store, expected)


def _full(write: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def writing(self: Database) -> Any:
        with write(self) as connection:
            yield connection
            query = "SELECT count(*) FROM documents WHERE ring = ? AND kind IS NOT NULL"
            if connection.execute(query, (Ring(PHONE_KEY).id,)).fetchone() != (0,):
                raise DiskFull("no room")

    return writing


def test_a_full_disk_keeps_nobody_out_of_an_older_file_and_the_next_unlock_goes_on(
    without_kinds: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, expected = without_kinds
    store = open_store(folder)
    before = unindexed(folder)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "writing", _full(Database.writing))
        same(store, expected)
        assert unindexed(folder)[Ring(PHONE_KEY).id] == before[Ring(PHONE_KEY).id]
    same(store, expected)
    assert unindexed(folder) == {}
    store.close()

"""Any changed byte, any row moved, taken away or put back, is seen and named."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from care.documents import fold
from care.dose import DoseDocument
from care.facts import Fact
from storage import Damaged, Store, Unlocked
from storage.chain import BREAK
from storage.ring import Ring
from tests.store_case import (
    ANNA,
    PHONE_KEY,
    PIN,
    UNIT,
    asked,
    deliver,
    elsewhere,
    given,
    new_id,
    page,
    phone,
    sign_in,
)

DOSE = "0192ffff-0000-7000-8000-000000000001"
OTHER = "0192ffff-0000-7000-8000-000000000002"
RING = Ring(PHONE_KEY)


@contextmanager
def rows_of(folder: Path) -> Iterator[sqlite3.Connection]:
    rows = sqlite3.connect(folder / "rapp.db")
    try:
        with rows:
            yield rows
    finally:
        rows.close()


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A phone with two doses of two facts each, an SBAR, a draft, a cursor."""
    with phone(tmp_path) as store:
        anna = sign_in(store)
        for dose in (DOSE, OTHER, DOSE, OTHER):
            anna.save(given(dose))
        anna.save(asked())
        anna.save_draft("sbar:1", b"words")
        anna.remember("seen", b"1")
        statement = given()
        store.take_page(page(f"unit:{UNIT}", [elsewhere(statement.body, statement.aggregate)]), anna)
    return tmp_path


def facts_of(anna: Unlocked, dose: str) -> list[Fact]:
    return [of.fact() for of in anna.envelopes("dose", dose)]


@pytest.mark.parametrize("at", [0, 1, 2, 14, -1])
def test_a_flipped_bit_in_a_fact_is_named_and_the_other_facts_still_stand(folder: Path, at: int) -> None:
    with rows_of(folder) as rows:
        fact, payload = rows.execute(
            "SELECT id, payload FROM facts WHERE aggregate = ? ORDER BY id LIMIT 1", (_lookup(DOSE),)
        ).fetchone()
        rows.execute("UPDATE facts SET payload = ? WHERE id = ?", (flipped(payload, at), fact))
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        with pytest.raises(Damaged) as damaged:
            anna.envelopes("dose", DOSE)
        assert (damaged.value.table, damaged.value.row) == ("facts", fact)
        assert len(facts_of(anna, OTHER)) == 2
        # A dose can still be signed: nobody is kept from recording what was done.
        assert anna.save(given(DOSE))
        document = anna.document("dose", DOSE)
        assert isinstance(document, DoseDocument)
        assert len(document.signatures) == 2
        assert document.unreadable == 1
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        anna.documents("dose")
        assert [(one.table, one.row) for one in anna.damage].count(("facts", fact)) == 1


def test_a_damaged_fact_is_whole_again_when_the_endpoint_sends_it(tmp_path: Path) -> None:
    stream = f"unit:{UNIT}"
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given(DOSE))
        anna.save(given(DOSE))
        envelopes = deliver(store)
        store.take_page(page(stream, envelopes), anna)
    lost = envelopes[0].fact()
    with rows_of(tmp_path) as rows:
        rows.execute("UPDATE facts SET payload = zeroblob(300) WHERE id = ?", (lost.id,))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        # The document was folded while the fact was whole, and still says so.
        assert anna.document("dose", DOSE) == fold("dose", DOSE, [of.fact() for of in envelopes])
        with pytest.raises(Damaged):
            anna.envelopes("dose", DOSE)
        store.take_page(page(stream, envelopes, epoch="e2"), anna)
        assert anna.document("dose", DOSE) == fold("dose", DOSE, [of.fact() for of in envelopes])
        assert anna.envelopes("dose", DOSE) == envelopes
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.document("dose", DOSE) == fold("dose", DOSE, [of.fact() for of in envelopes])
        assert anna.damage == []


def _lookup(dose: str) -> bytes:
    return RING.facts.lookup(given(dose).aggregate)


@pytest.mark.parametrize("at", [0, 1, 2, 14, -1])
def test_a_flipped_bit_in_a_document_is_named_and_its_facts_say_it_anew(folder: Path, at: int) -> None:
    with rows_of(folder) as rows:
        [(payload,)] = rows.execute(
            "SELECT payload FROM documents WHERE aggregate = ?", (_lookup(DOSE),)
        ).fetchall()
        changed = (flipped(payload, at), _lookup(DOSE))
        rows.execute("UPDATE documents SET payload = ? WHERE aggregate = ?", changed)
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.document("dose", DOSE) == fold("dose", DOSE, facts_of(anna, DOSE))
        assert [(one.table, one.row) for one in anna.damage] == [("documents", _lookup(DOSE).hex())]


def test_two_documents_that_changed_places_are_both_named(folder: Path) -> None:
    _swap(folder, "documents", "payload")
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        for dose in (DOSE, OTHER):
            document = anna.document("dose", dose)
            assert document
            assert document.id == dose
        found = {(one.table, one.row) for one in anna.damage}
        assert found == {("documents", _lookup(dose).hex()) for dose in (DOSE, OTHER)}


def _swap(folder: Path, table: str, columns: str) -> None:
    with rows_of(folder) as rows:
        held = {}
        for dose in (DOSE, OTHER):
            query = f"SELECT rowid, {columns} FROM {table} WHERE aggregate = ? ORDER BY rowid LIMIT 1"
            held[dose] = rows.execute(query, (_lookup(dose),)).fetchone()
        to = ", ".join(f"{column} = ?" for column in columns.split(", "))
        for here, there in ((DOSE, OTHER), (OTHER, DOSE)):
            rows.execute(f"UPDATE {table} SET {to} WHERE rowid = ?", (*held[there][1:], held[here][0]))


@pytest.mark.parametrize("columns", ["payload", "mark, payload", "id, mark, payload"])
def test_two_facts_that_changed_places_are_both_named(folder: Path, columns: str) -> None:
    _swap(folder, "facts", columns)
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        for dose in (DOSE, OTHER):
            with pytest.raises(Damaged, match="facts"):
                anna.envelopes("dose", dose)


def test_a_fact_taken_away_is_missed(folder: Path) -> None:
    with rows_of(folder) as rows:
        rows.execute(
            "DELETE FROM facts WHERE rowid = (SELECT min(rowid) FROM facts WHERE aggregate = ?)",
            (_lookup(DOSE),),
        )
    _documents_named(folder, DOSE)


def test_a_document_taken_away_is_missed_and_folded_anew(folder: Path) -> None:
    with rows_of(folder) as rows:
        rows.execute("DELETE FROM documents WHERE aggregate = ?", (_lookup(DOSE),))
    _documents_named(folder, DOSE)


def test_a_document_put_back_as_it_once_was_is_seen(folder: Path) -> None:
    with rows_of(folder) as rows:
        [(old,)] = rows.execute(
            "SELECT payload FROM documents WHERE aggregate = ?", (_lookup(DOSE),)
        ).fetchall()
    with phone(folder) as store:
        store.unlock(ANNA, PIN).save(given(DOSE))
    with rows_of(folder) as rows:
        rows.execute("UPDATE documents SET payload = ? WHERE aggregate = ?", (old, _lookup(DOSE)))
    _documents_named(folder, DOSE)


def _documents_named(folder: Path, dose: str) -> None:
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        document = anna.document("dose", dose)
        assert document
        assert document.facts == [fact.id for fact in facts_of(anna, dose)]
        assert [(one.table, one.row) for one in anna.damage] == [("documents", _lookup(dose).hex())]


@pytest.mark.parametrize(
    ("table", "use"),
    [
        ("drafts", lambda store, anna: anna.draft("sbar:1")),
        ("notes", lambda store, anna: anna.recall("seen")),
    ],
)
def test_a_flipped_bit_in_any_other_row_is_named(
    folder: Path, table: str, use: Callable[[Store, Unlocked], object]
) -> None:
    with rows_of(folder) as rows:
        [(payload,)] = rows.execute(f"SELECT payload FROM {table}").fetchall()
        rows.execute(f"UPDATE {table} SET payload = ?", (flipped(payload, 20),))
    with phone(folder) as store, pytest.raises(Damaged) as damaged:
        use(store, store.unlock(ANNA, PIN))
    assert damaged.value.table == table


def test_a_stream_whose_cursor_is_damaged_is_named_and_read_anew(folder: Path) -> None:
    stream = f"unit:{UNIT}"
    with rows_of(folder) as rows:
        [(payload,)] = rows.execute("SELECT payload FROM cursors").fetchall()
        rows.execute("UPDATE cursors SET payload = ?", (flipped(payload, 20),))
    with phone(folder) as store:
        anna, statement = store.unlock(ANNA, PIN), given()
        assert (store.cursor(stream), store.cursor(stream)) == (None, None)
        assert [one.table for one in store.damage] == ["cursors"]
        store.take_page(page(stream, [elsewhere(statement.body, statement.aggregate)]), anna)
        assert store.cursor(stream) == "e1.1"


@pytest.mark.parametrize("column", ["id", "enc", "box", "payload", "n"])
def test_a_change_in_the_outbox_is_named_and_the_rest_is_sent(folder: Path, column: str) -> None:
    with rows_of(folder) as rows:
        [(rowid, held)] = rows.execute(f"SELECT n, {column} FROM outbox ORDER BY n LIMIT 1").fetchall()
        changed = {int: 1000, str: new_id()}.get(type(held)) or flipped(held, 20)
        rows.execute(f"UPDATE outbox SET {column} = ? WHERE n = ?", (changed, rowid))
    with phone(folder) as store:
        assert len(store.waiting()) == 4
        assert [one.reason for one in store.set_aside()] == ["damaged"]


@pytest.mark.parametrize("name", ["lock", "contact"])
def test_damage_in_what_comes_again_keeps_nobody_out(folder: Path, name: str) -> None:
    with rows_of(folder) as rows:
        rows.execute(
            "INSERT OR REPLACE INTO state (name, payload) VALUES (?, ?)", (name, b"\x01\x01" + bytes(60))
        )
    with phone(folder) as store:
        assert [(one.table, one.row) for one in store.damage] == [("state", name)]
        assert store.unlock(ANNA, PIN).documents("dose")


def test_a_changed_end_of_the_chain_is_named_and_saving_goes_on_beyond_a_visible_gap(folder: Path) -> None:
    with rows_of(folder) as rows:
        [(payload,)] = rows.execute("SELECT payload FROM state WHERE name = 'chain'").fetchall()
        rows.execute("UPDATE state SET payload = ? WHERE name = 'chain'", (flipped(payload, 20),))
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        first, second = anna.save(given(), given())
        assert (first.seq, first.prev) == (5 + BREAK + 1, None)
        assert second.prev
        assert [(one.table, one.row) for one in store.damage] == [("state", "chain")]
        assert store.waiting()[-1].id == second.id

"""A save adds to what is known in memory, and stays as careful as if it had read everything again."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from care.documents import fold
from care.dose import DoseDocument
from storage import DiskFull, Store
from storage.entries import with_marks
from storage.facts import FactRows
from storage.outbox import Outbox
from storage.ring import Ring
from tests.store_case import (
    ANNA,
    NOON,
    PHONE_KEY,
    PIN,
    UNIT,
    Time,
    deliver,
    elsewhere,
    given,
    new_id,
    open_store,
    page,
    phone,
    sign_in,
)

RING = Ring(PHONE_KEY)


def test_a_document_that_was_handed_out_stays_as_it_was(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna, dose = sign_in(store), new_id()
        anna.save(given(dose))
        first = anna.document("dose", dose)
        before = msgspec.json.encode(first)
        anna.save(given(dose, "8 enheter"))
        second = anna.document("dose", dose)
        assert msgspec.json.encode(first) == before
        assert second == fold("dose", dose, [of.fact() for of in anna.envelopes("dose", dose)])
        assert isinstance(second, DoseDocument)
        assert len(second.signatures) == 2


@pytest.mark.parametrize("again", [False, True])
def test_a_save_reads_no_fact_that_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    with phone(tmp_path) as store:
        anna, dose = sign_in(store), new_id()
        for _ in range(3):
            anna.save(given(dose))
        if again:
            anna.lock()
            anna = store.unlock(ANNA, PIN)
        with monkeypatch.context() as patch:
            patch.setattr(FactRows, "_read", lambda *of: pytest.fail("read"))
            [fact] = anna.save(given(dose))
        assert fact.rank == 4
        anna.lock()
        anna = store.unlock(ANNA, PIN)
        assert anna.document("dose", dose) == fold(
            "dose", dose, [of.fact() for of in anna.envelopes("dose", dose)]
        )
        assert anna.damage == []


def test_what_sorts_among_the_held_facts_is_folded_with_them(tmp_path: Path) -> None:
    with phone(tmp_path, Time()) as store:
        anna, statement = sign_in(store), given()
        anna.save(statement, statement)
        early = elsewhere(statement.body, statement.aggregate, rank=1)
        store.take_page(page(f"unit:{UNIT}", [early]), anna)
        facts = [of.fact() for of in anna.envelopes("dose", statement.aggregate.id)]
        assert [fact.rank for fact in facts] == [1, 1, 2]
        for who in (anna, store.unlock(ANNA, PIN)):
            assert who.document("dose", statement.aggregate.id) == fold("dose", statement.aggregate.id, facts)


@pytest.mark.parametrize("column", ["mark", "payload"])
def test_a_fact_changed_while_somebody_is_unlocked_is_not_made_good_by_a_save(
    tmp_path: Path, column: str
) -> None:
    with phone(tmp_path) as store:
        anna, dose = sign_in(store), given()
        [fact] = anna.save(dose)
        with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
            rows.execute(f"UPDATE facts SET {column} = zeroblob(16) WHERE id = ?", (fact.id,))
        anna.save(given(dose.aggregate.id))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        anna.document("dose", dose.aggregate.id)
        named = [(one.table, one.row) for one in anna.damage]
        if column == "mark":
            assert ("documents", RING.facts.lookup(dose.aggregate).hex()) in named
        with pytest.raises(Exception, match="facts"):
            anna.envelopes("dose", dose.aggregate.id)
        assert ("facts", fact.id) in [(one.table, one.row) for one in anna.damage]


def test_a_save_that_fails_leaves_memory_as_the_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(tmp_path) as store:
        anna, dose = sign_in(store), new_id()
        anna.save(given(dose))
        before = anna.document("dose", dose)
        with monkeypatch.context() as patch:
            add = Outbox.add

            def full(self: Outbox, *of: object) -> None:
                add(self, *of)  # type: ignore[arg-type]
                raise DiskFull("no room")

            patch.setattr(Outbox, "add", full)
            with pytest.raises(DiskFull):
                anna.save(given(dose), given())
        assert anna.document("dose", dose) is before
        [second], [third] = anna.save(given(dose)), anna.save(given())
        assert (second.rank, second.seq, third.seq) == (2, 2, 3)
        sent = deliver(store)
        assert [of.fact().prev for of in sent][1:] == [of.hash.hex() for of in sent[:-1]]
        assert anna.damage == []


@whatever(ids=st.lists(st.uuids(), unique=True), together=st.integers(0, 5))
def test_marks_stand_in_the_order_of_the_ids_however_they_come(ids: list[UUID], together: int) -> None:
    new = {str(id): id.bytes for id in ids}
    marks = with_marks(b"", dict(list(new.items())[:together]))
    for fact, mark in list(new.items())[together:]:
        marks = with_marks(marks, {fact: mark})
    assert marks == b"".join(id.encode() + new[id] for id in sorted(new))


def test_two_processes_on_one_file_number_one_chain(tmp_path: Path) -> None:
    with phone(tmp_path) as one:
        anna = sign_in(one)
        anna.save(given())
        other: Store = open_store(tmp_path)
        try:
            assert other.unlock(ANNA, PIN).save(given())[0].seq == 2
            [third] = anna.save(given())
            assert third.seq == 3
            assert other.state_unlocked[0].save(given())[0].seq == 4
        finally:
            other.close()
    with phone(tmp_path, Time(NOON)) as store:
        sent = deliver(store)
        assert [of.fact().seq for of in sent] == [1, 2, 3, 4]
        assert [of.fact().prev for of in sent] == [None, *(of.hash.hex() for of in sent[:-1])]

"""Documents are found by kind, person and last change, in bounded memory, and never by a false column."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from care.deviation import DeviationAmended
from care.facts import Ref
from storage import Statement, Unlocked
from storage.ring import Ring
from tests.store_case import (
    ANNA,
    BERTIL,
    OTHER_UNIT,
    PERSON,
    PHONE_KEY,
    PIN,
    UNIT,
    Time,
    asked,
    deliver,
    elsewhere,
    fallen,
    given,
    new_id,
    page,
    phone,
    sign_in,
)

SHARED = f"unit:{UNIT}"
RING = Ring(PHONE_KEY)


@contextmanager
def rows_of(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows, rows:
        yield rows


def ids(found: list) -> list[str]:
    return [one.id for one in found]


def test_the_newest_of_a_person_come_from_both_rings_latest_first(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        anna = sign_in(store)
        saved: list[Statement] = []
        for n in range(8):
            now.pass_(60)
            saved.append(given() if n % 2 else asked())
            anna.save(saved[-1])
        now.pass_(60)
        # Said something more of: it is the newest now.
        anna.save(asked(saved[0].aggregate.id))
        other = Statement(given().body, Ref("dose", new_id()), UNIT, new_id())
        anna.save(other)
        latest = [saved[0], *reversed(saved[1:])]
        for who in (anna, store.unlock(ANNA, PIN)):
            assert ids(who.newest(PERSON, 100)) == [one.aggregate.id for one in latest]
            assert ids(who.newest(PERSON, 3)) == [one.aggregate.id for one in latest[:3]]
            assert ids(who.newest(other.person or "", 3)) == [other.aggregate.id]
            assert who.newest(new_id(), 3) == []


def test_some_are_asked_for_by_id_and_those_there_are_come(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        one, two = given(), given()
        anna.save(one, two)
        anna.lock()
        anna = store.unlock(ANNA, PIN)
        wanted = [one.aggregate.id, new_id(), two.aggregate.id]
        assert ids(anna.some("dose", wanted)) == [one.aggregate.id, two.aggregate.id]
        # What was not there is found once it is.
        anna.save(given(wanted[1]))
        assert ids(anna.some("dose", wanted)) == wanted


def test_documents_of_a_person_are_those_of_the_kind_and_no_others(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        theirs = Statement(given().body, Ref("dose", new_id()), UNIT, new_id())
        nobodys = Statement(fallen(), Ref("deviation", new_id()), UNIT)
        mine = given()
        anna.save(mine, theirs, asked(), nobodys)
        for who in (anna, store.unlock(ANNA, PIN)):
            assert ids(who.documents("dose", PERSON)) == [mine.aggregate.id]
            assert ids(who.documents("dose", theirs.person)) == [theirs.aggregate.id]
            assert len(who.documents("dose")) == 2
            assert ids(who.documents("deviation")) == [nobodys.aggregate.id]


def test_what_only_one_ring_says_the_person_of_is_found_whole(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        case = Ref("dose", new_id())
        told = elsewhere(given().body, case)
        anna.save(Statement(given().body, case, UNIT))
        store.take_page(page(f"unit:{OTHER_UNIT}", [told]), anna)
        for who in (anna, store.unlock(ANNA, PIN)):
            [document] = who.documents("dose", PERSON)
            assert len(document.facts) == 2
            assert who.newest(PERSON, 1) == [document]


def test_what_waits_is_shown_to_whoever_may_read_it_until_it_has_been_sent(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna, bertil = sign_in(store), sign_in(store, BERTIL, "Bertil")
        deliver(store)
        dose, question, theirs = given(), asked(), asked()
        anna.save(dose, question)
        bertil.save(theirs)
        store.report(fallen(), Ref("deviation", new_id()), UNIT)
        expected = sorted([dose.aggregate.id, question.aggregate.id])
        for _ in range(2):
            assert sorted(ids(anna.waiting())) == expected
            assert sorted(ids(bertil.waiting())) == sorted([dose.aggregate.id, theirs.aggregate.id])
            bertil.lock()
            bertil = store.unlock(BERTIL, PIN)
        anna.lock()
        anna = store.unlock(ANNA, PIN)
        assert sorted(ids(anna.waiting())) == expected
        more = given()
        bertil.save(more)
        assert sorted(ids(anna.waiting())) == sorted([*expected, more.aggregate.id])
        deliver(store)
        assert anna.waiting() == bertil.waiting() == []


def test_the_working_set_is_bounded_and_everything_is_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.working.WORKING_SET", 5)
    with phone(tmp_path) as store:
        anna = sign_in(store)
        made = [given() for _ in range(12)]
        anna.save(*made)
        ring = store._file.open_rings[0]
        assert len(ring._working) == 5
        assert sorted(ids(anna.documents("dose"))) == sorted(one.aggregate.id for one in made)
        assert len(ring._working) == 5
        for one in made:
            assert anna.save(given(one.aggregate.id))[0].rank == 2
        assert anna.damage == []


# What a row is found by is in the file for anybody to change.


def _document(anna: Unlocked, dose: str) -> list[str]:
    document = anna.document("dose", dose)
    assert document
    return document.facts


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", b"8 bytes!"),
        ("kind", b""),
        ("kind", None),
        ("person", b"8 bytes!"),
        ("person", None),
        ("changed", 0),
        ("changed", None),
        ("aggregate", b"16 other bytes.."),
    ],
)
def test_a_row_under_a_false_column_is_named_and_its_facts_say_it(
    tmp_path: Path, column: str, value: object
) -> None:
    mine, other = given(), given()
    with phone(tmp_path) as store:
        sign_in(store).save(mine, other)
    name = RING.facts.lookup(mine.aggregate)
    with rows_of(tmp_path) as rows:
        rows.execute(f"UPDATE documents SET {column} = ? WHERE aggregate = ?", (value, name))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        if column in ("kind", "aggregate"):
            # In no list that anybody asks for: it is looked for at unlock.
            assert ("documents", name.hex()) in {(one.table, one.row) for one in anna.damage}
            assert mine.aggregate.id in ids(anna.documents("dose"))
        assert len(_document(anna, mine.aggregate.id)) == 1
        assert sorted(ids(anna.documents("dose"))) == sorted([mine.aggregate.id, other.aggregate.id])
        assert mine.aggregate.id in ids(anna.newest(PERSON, 10))
        assert ("documents", name.hex()) in {(one.table, one.row) for one in anna.damage}
        anna.save(given(mine.aggregate.id))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert len(_document(anna, mine.aggregate.id)) == 2
        assert sorted(ids(anna.documents("dose"))) == sorted([mine.aggregate.id, other.aggregate.id])
        assert mine.aggregate.id in ids(anna.newest(PERSON, 10))
        whole = column != "aggregate"
        assert anna.damage == [] or not whole


def test_a_row_under_another_kind_is_not_shown_as_one(tmp_path: Path) -> None:
    mine, case = given(), Statement(fallen(), Ref("deviation", new_id()), UNIT)
    with phone(tmp_path) as store:
        sign_in(store).save(mine, case, Statement(DeviationAmended(text="mer"), case.aggregate, UNIT))
        query = "UPDATE documents SET kind = ? WHERE aggregate = ?"
    with rows_of(tmp_path) as rows:
        kind = RING.rows.lookup("kind", "order")[:8]
        rows.execute(query, (kind, RING.facts.lookup(mine.aggregate)))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.documents("order") == []
        assert len(anna.damage) == 1
        # Found once it has been named, whichever way it is asked for.
        assert ids(anna.documents("dose")) == [mine.aggregate.id]


def test_two_rows_that_changed_persons_are_both_named(tmp_path: Path) -> None:
    persons = new_id(), new_id()
    made = [Statement(given().body, Ref("dose", new_id()), UNIT, person) for person in persons]
    with phone(tmp_path) as store:
        sign_in(store).save(*made)
    with rows_of(tmp_path) as rows:
        for one, person in zip(made, reversed(persons), strict=True):
            blind = RING.rows.lookup("person", person)[:8]
            query = "UPDATE documents SET person = ? WHERE aggregate = ?"
            rows.execute(query, (blind, RING.facts.lookup(one.aggregate)))
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        for one in made:
            assert ids(anna.newest(one.person or "", 5)) in ([one.aggregate.id], [])
        assert len(anna.damage) == 2
        for one in made:
            assert ids(anna.newest(one.person or "", 5)) == [one.aggregate.id]

"""The purge: what is over leaves the phone whole, nothing else does, and what left comes back whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from care.deviation import ReportStatus
from care.documents import fold
from care.dose import DoseCorrected, DoseDocument
from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Ref, encode
from care.sbar import SbarClosed
from care.unit import Settings, UnitSet
from storage import DiskFull, Locked, PageError, Statement, Store, Unlocked
from storage.database import Database
from storage.ring import Ring
from storage.tidy import BATCH
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    OTHER_UNIT,
    PERSON,
    PHONE_KEY,
    PIN,
    UNIT,
    Time,
    asked,
    deliver,
    elsewhere,
    given,
    new_id,
    page,
    phone,
    receipt,
    sign_in,
)
from wire.envelope import Envelope, stated
from wire.messages import Placed, PushResult, Tombstone, Whole

SHARED, NURSE = f"unit:{UNIT}", f"nurse:{UNIT}"
DAY = timedelta(days=1)
LATER = NOON + 40 * DAY


def purge(store: Store, who: Unlocked, now: Any = LATER) -> int:
    return sum(store.tidy.purge(who, now))


def whole(ref: Ref, facts: list[Envelope], stream: str = SHARED) -> Whole:
    placed = tuple(Placed(position=n, envelope=bytes(one)) for n, one in enumerate(facts, 7))
    return Whole(kind=ref.kind, id=ref.id, stream=stream, facts=placed, now=LATER)


def a_dose(dose: str | None = None, rank: int = 1) -> Envelope:
    of = given(dose)
    return elsewhere(of.body, of.aggregate, rank)


def later(body: Body, ref: Ref, rank: int, unit: str = UNIT) -> Envelope:
    """A fact of another phone, forty days on."""
    fact = elsewhere(body, ref, rank, unit).fact()
    return stated(encode(replace(fact, at=LATER)), b"\x07" * 32)


def take(store: Store, who: Unlocked, *facts: Envelope, stream: str = SHARED) -> list[Ref]:
    at = store.cursor(stream, who)
    return store.take_page(page(stream, list(facts), after=int(at.rpartition(".")[2]) if at else 0), who)


@contextmanager
def rows_of(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows, rows:
        yield rows


def counted(folder: Path) -> dict[str, int]:
    tables = ("facts", "documents", "arrivals", "wanted", "purged")
    with rows_of(folder) as rows:
        return {name: rows.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def test_what_is_over_leaves_whole_and_what_is_open_stays(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        done, corrected = a_dose(), a_dose()
        late = later(DoseCorrected(corrects=corrected.fact().id), corrected.fact().aggregate, 2)
        open_, over = asked(), asked()
        take(store, anna, done, corrected, late)
        for of in (open_, over):
            take(store, anna, elsewhere(of.body, of.aggregate), stream=NURSE)
        take(store, anna, elsewhere(SbarClosed(), over.aggregate, 2), stream=NURSE)
        told: list[frozenset[Ref]] = []
        store.subscribe(told.append)
        assert purge(store, anna) == 2
        assert frozenset().union(*told) == {done.fact().aggregate, over.aggregate}
        for who in (anna, store.unlock(ANNA, PIN)):
            assert [one.id for one in who.documents("dose")] == [corrected.fact().aggregate.id]
            assert [one.id for one in who.documents("sbar")] == [open_.aggregate.id]
            assert who.document("dose", done.fact().aggregate.id) is None
            assert not who.incomplete("dose", done.fact().aggregate.id)
            assert who.damage == []
    # A row of marks for each of the two rings.
    assert counted(tmp_path) == {"facts": 3, "documents": 2, "arrivals": 2, "wanted": 0, "purged": 2}


def test_nothing_that_waits_to_be_sent_leaves_nor_what_the_endpoint_would_not_take(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [refused] = anna.save(given())
        no = PushResult(id=refused.id, status="quarantined", reason="malformed")
        store.take_receipt(receipt(store, no), [refused.id])
        [waits] = anna.save(given())
        assert purge(store, anna) == 0
        deliver(store)
        assert purge(store, anna, LATER + DAY) == 1
        assert anna.document("dose", waits.aggregate.id) is None
        assert anna.document("dose", refused.aggregate.id)


def test_what_somebody_has_begun_something_about_stays(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        one, two, three = a_dose(), a_dose(), a_dose()
        take(store, anna, one, two, three)
        anna.save_draft(f"withhold:{one.fact().aggregate.id}", b"")
        anna.save_draft("deviation:1", b"about " + two.fact().aggregate.id.encode())
        anna.save_draft("deviation:2", b"broken")
        with rows_of(tmp_path) as rows:
            rows.execute("UPDATE drafts SET payload = zeroblob(60) WHERE rowid = 3")
        assert purge(store, anna) == 1
        assert anna.document("dose", three.fact().aggregate.id) is None
        anna.drop_draft(f"withhold:{one.fact().aggregate.id}")
        assert purge(store, anna, LATER + DAY) == 1


def test_an_answer_stays_until_its_reader_has_read_it(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        ref = Ref("report", new_id())
        told = elsewhere(ReportStatus(reporter=ANNA, step="closed", text="Tack"), ref)
        take(store, anna, told, stream=f"staff:{ANNA}")
        assert purge(store, anna) == 0
        anna.remember(f"report/{ref.id}", b"x")
        assert purge(store, anna, LATER + DAY) == 1
        # The note goes too: were it fetched back, there would be something new to read.
        assert anna.recall(f"report/{ref.id}") is None
        # Words to somebody else, which a reader of the case has too, wait for nobody here.
        told = elsewhere(ReportStatus(reporter=BERTIL, step="closed", text="Tack"), Ref("report", new_id()))
        take(store, anna, told, stream=f"chief:{UNIT}")
        assert purge(store, anna, LATER + 2 * DAY) == 1


def test_the_unit_says_how_long_and_a_ring_is_gone_through_once_a_day(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)

        def set_(days: int, rank: int) -> Envelope:
            settings = Settings(purge_after_days=days)
            body = UnitSet(
                name="Granen", kind="residential", provider="p", provider_name="P", settings=settings
            )
            return elsewhere(body, Ref("unit", UNIT), rank)

        take(store, anna, set_(60, 1), a_dose())
        assert purge(store, anna) == 0
        take(store, anna, set_(20, 2))
        assert purge(store, anna, LATER + timedelta(hours=1)) == 0
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert purge(store, anna, LATER + timedelta(hours=2)) == 0
        assert purge(store, anna, LATER + DAY) == 1
        assert anna.document("unit", UNIT)


def test_a_phone_whose_clock_is_ahead_purges_by_the_endpoints_time(tmp_path: Path) -> None:
    with phone(tmp_path, Time(NOON + 4000 * DAY)) as store:
        anna = sign_in(store)
        take(store, anna, a_dose())
        assert purge(store, anna, NOON + DAY) == 0


def test_only_rings_that_are_open_are_purged(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna, bertil = sign_in(store), sign_in(store, BERTIL, "Bertil")
        of = asked()
        for who in (anna, bertil):
            question, answer = elsewhere(of.body, of.aggregate), elsewhere(SbarClosed(), of.aggregate, 2)
            take(store, who, question, answer, stream=NURSE)
        bertil.lock()
        assert purge(store, anna) == 1
        bertil = store.unlock(BERTIL, PIN)
        assert bertil.document("sbar", of.aggregate.id)
        assert purge(store, bertil, LATER + timedelta(hours=1)) == 1
        assert bertil.document("sbar", of.aggregate.id) is None


def test_what_two_rings_hold_of_one_thing_is_judged_together(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        second = later(given().body, first.fact().aggregate, 2)
        take(store, anna, first)
        take(store, anna, first, second, stream=f"unit:{OTHER_UNIT}")
        assert purge(store, anna) == 0
        assert purge(store, anna, LATER + 31 * DAY) == 2
        assert anna.document("dose", first.fact().aggregate.id) is None


def test_a_late_correction_of_what_was_purged_is_marked_until_the_whole_is_fetched(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        ref = first.fact().aggregate
        take(store, anna, first)
        purge(store, anna)
        late = later(DoseCorrected(corrects=first.fact().id), ref, 2)
        assert take(store, anna, late) == [ref]
        assert anna.incomplete(*_of(ref))
        assert [(one.ref, one.stream) for one in store.wanted(anna)] == [(ref, SHARED)]
        # It is not judged by the part that is here, however old.
        assert purge(store, anna, LATER + 300 * DAY) == 0
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.incomplete(*_of(ref))
        assert store.take_whole(whole(ref, [first, late]), anna) == [ref]
        assert anna.document(*_of(ref)) == fold(*_of(ref), [first.fact(), late.fact()])
        assert not anna.incomplete(*_of(ref))
        assert store.wanted(anna) == []
        store.drop_stream(SHARED)
        assert anna.document(*_of(ref)) is None


def test_what_was_fetched_to_be_looked_at_stays_until_the_lock(tmp_path: Path) -> None:
    first = a_dose()
    ref = first.fact().aggregate
    with phone(tmp_path) as store:
        anna = sign_in(store)
        take(store, anna, first)
        assert purge(store, anna) == 1
        store.take_whole(whole(ref, [first]), anna)
        assert purge(store, anna, LATER + DAY) == 0
        assert anna.document(*_of(ref))
        anna.lock()
        assert purge(store, store.unlock(ANNA, PIN), LATER + 2 * DAY) == 1


def _of(ref: Ref) -> tuple[str, str]:
    return ref.kind, ref.id


def test_a_second_first_fact_of_what_was_purged_does_not_stand_alone(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        ref = first.fact().aggregate
        take(store, anna, first)
        purge(store, anna)
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        # Signed on a phone that was without contact, and did not know of the other.
        second = a_dose(ref.id)
        take(store, anna, second, a_dose())
        assert [one.ref for one in store.wanted(anna)] == [ref]
        # The other one leaves; of this one nobody knows yet whether it is over.
        assert purge(store, anna, LATER + DAY) == 1
        assert anna.document(*_of(ref))
        store.take_whole(whole(ref, [first, second]), anna)
        document = anna.document(*_of(ref))
        assert isinstance(document, DoseDocument)
        assert len(document.done) == 2


def test_what_somebody_says_of_what_was_purged_is_wanted_whole_too(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        ref = first.fact().aggregate
        take(store, anna, first)
        purge(store, anna)
        anna.save(Statement(DoseCorrected(corrects=first.fact().id), ref, UNIT, PERSON))
        assert [(one.ref, one.stream) for one in store.wanted(anna)] == [(ref, SHARED)]
        store.unwant(ref, anna)
        assert not anna.incomplete(*_of(ref))


def test_a_stream_read_anew_brings_what_was_purged_and_nothing_is_wanted(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        doses = [a_dose() for _ in range(3)]
        take(store, anna, *doses)
        purge(store, anna)
        store.forget_cursor(SHARED)
        assert len(take(store, anna, *doses)) == 3
        assert store.wanted(anna) == []
        assert purge(store, anna, LATER + DAY) == 3
        store.drop_stream(SHARED)
        assert len(take(store, anna, *doses)) == 3
        assert store.wanted(anna) == []


def erasure(ref: Ref, *facts: Envelope) -> Envelope:
    named = tuple(Named(one.fact().id, one.hash.hex()) for one in facts)
    fact = elsewhere(FactErased(facts=named, why="retention", decision="PDL 3:17"), ref, 2).fact()
    return stated(encode(replace(fact, device=ENDPOINT, author=ENDPOINT, at=LATER)), b"\x07" * 32)


def test_an_erasure_of_what_was_purged_brings_nothing_back(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        ref = first.fact().aggregate
        take(store, anna, first)
        purge(store, anna)
        before = counted(tmp_path)
        assert take(store, anna, erasure(ref, first)) == []
        assert counted(tmp_path) == before
        assert anna.document(*_of(ref)) is None


def test_what_was_erased_is_purged_in_its_time_and_fetched_without_it(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        ref = first.fact().aggregate
        gone = erasure(ref, first)
        take(store, anna, first, gone)
        document = anna.document(*_of(ref))
        assert document
        assert document.gone
        assert purge(store, anna) == 0
        assert purge(store, anna, LATER + 31 * DAY) == 1
        second = later(given().body, ref, 3)
        take(store, anna, second)
        assert anna.incomplete(*_of(ref))
        answer = whole(ref, [first, gone, second])
        tombstone = Tombstone(id=first.fact().id, hash=first.hash)
        erased = Placed(position=7, envelope=bytes(70), erased=tombstone)
        store.take_whole(replace(answer, facts=(erased, *answer.facts[1:])), anna)
        assert anna.document(*_of(ref)) == fold(*_of(ref), [gone.fact(), second.fact()])


def test_a_stream_that_begins_with_an_erased_fact_asks_for_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        take(store, anna, erasure(first.fact().aggregate, first))
        assert store.wanted(anna) == []


def test_a_stopped_app_goes_on_where_the_purge_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        take(store, anna, *(a_dose() for _ in range(2 * BATCH + 10)))
        turns = store.tidy.purge(anna, LATER)
        assert next(turns) == BATCH
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert len(anna.documents("dose")) == BATCH + 10
        turns = store.tidy.purge(anna, LATER)
        assert next(turns) == BATCH
        anna.lock()
        with pytest.raises(Locked):
            next(turns)
        anna = store.unlock(ANNA, PIN)
        write = Database.writing

        @contextmanager
        def full(self: Database) -> Iterator[sqlite3.Connection]:
            with write(self) as connection:
                yield connection
                raise DiskFull("no room")

        with monkeypatch.context() as patch:
            patch.setattr(Database, "writing", full)
            with pytest.raises(DiskFull):
                purge(store, anna)
        assert len(anna.documents("dose")) == 10
        assert purge(store, anna) == 10
        assert anna.damage == []


def test_a_row_whose_time_is_changed_in_the_file_leaves_no_sooner(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        ref = a_dose().fact().aggregate
        take(store, anna, a_dose(ref.id))
        anna.lock()
        with rows_of(tmp_path) as rows:
            rows.execute("UPDATE documents SET changed = 0")
        anna = store.unlock(ANNA, PIN)
        assert purge(store, anna, NOON + DAY) == 0
        assert anna.document(*_of(ref))
        assert [one.table for one in anna.damage] == ["documents"]


def test_marks_of_more_than_a_year_ago_are_forgotten_and_damaged_ones_named(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        take(store, anna, a_dose())
        purge(store, anna)
        for months in (6, 13):
            at = LATER + months * 31 * DAY
            new = stated(encode(replace(a_dose().fact(), at=at - 31 * DAY)), b"\x07" * 32)
            take(store, anna, new)
            assert purge(store, anna, at) == 1
    with rows_of(tmp_path) as rows:
        assert rows.execute("SELECT count(*) FROM purged").fetchone() == (2,)
        rows.execute("UPDATE purged SET payload = zeroblob(60)")
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        take(store, anna, a_dose())
        assert {one.table for one in anna.damage} == {"purged"}
        # Marks are six bytes each, beside 30 of the row's own.
        with rows_of(tmp_path) as rows:
            assert rows.execute("SELECT max(length(payload)) FROM purged").fetchone() == (60,)


def test_a_whole_that_is_not_of_one_thing_or_of_anothers_stream_is_refused(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        one, two = a_dose(), a_dose()
        ref = one.fact().aggregate
        for wrong in (whole(ref, [one, two]), whole(ref, [one], f"staff:{BERTIL}")):
            with pytest.raises(PageError):
                store.take_whole(wrong, anna)
        assert anna.documents("dose") == []


def test_vacuum_when_half_of_the_file_is_empty_and_nobody_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.tidy.FREE_LEAST", 100_000)
    with phone(tmp_path) as store:
        anna = sign_in(store)
        keep = asked()
        anna.save(keep)
        assert not store.tidy.vacuum()
        doses = [a_dose() for _ in range(300)]
        take(store, anna, *doses)
        with rows_of(tmp_path) as rows:
            size = 4096 * rows.execute("PRAGMA page_count").fetchone()[0]
        assert purge(store, anna) == 300
        assert not store.tidy.vacuum(), "somebody is unlocked"
        anna.lock()
        with monkeypatch.context() as patch:
            patch.setattr("storage.tidy.ROOM", 2**60)
            assert not store.tidy.vacuum(), "no room beside the first"
        assert store.tidy.vacuum()
        assert (tmp_path / "rapp.db").stat().st_size < size / 2
        assert not store.tidy.vacuum(), "there is nothing left to gain"
        anna = store.unlock(ANNA, PIN)
        assert [one.id for one in anna.documents("sbar")] == [keep.aggregate.id]
        with rows_of(tmp_path) as rows:
            assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nothing_is_left_in_the_file_of_what_was_purged_but_marks(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first = a_dose()
        take(store, anna, first)
        name = Ring(PHONE_KEY).facts.lookup(first.fact().aggregate)
        assert name in (tmp_path / "rapp.db").read_bytes() + (tmp_path / "rapp.db-wal").read_bytes()
        purge(store, anna)
    assert name not in (tmp_path / "rapp.db").read_bytes()
    assert first.fact().id.encode() not in (tmp_path / "rapp.db").read_bytes()

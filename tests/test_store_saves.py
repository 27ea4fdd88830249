"""Saving: one transaction, durable, folded as care folds, and there after a reopen."""

from pathlib import Path

import pytest

from care.documents import fold
from care.dose import DoseCorrected, DoseDocument
from care.errors import FactError
from care.facts import RANK_MOST, Clock, Ref, within_years
from storage import Locked, NotEnrolled, Statement
from tests.store_case import (
    ANNA,
    NOON,
    PERSON,
    PIN,
    UNIT,
    Time,
    answered,
    asked,
    elsewhere,
    given,
    new_id,
    open_store,
    page,
    phone,
    sign_in,
)
from wire import signature


def test_what_is_saved_is_there_after_a_reopen(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        statement = given(amount="8 enheter")
        [fact] = sign_in(store).save(statement)
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        document = anna.document("dose", statement.aggregate.id)
        assert isinstance(document, DoseDocument)
        assert [one.amount for one in document.done] == ["8 enheter"]
        assert document.facts == [fact.id]
        assert anna.unsent == {fact.id}


def test_a_saved_fact_is_signed_by_its_author_and_says_when_where_and_about_whom(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        store.note_contact(NOON, Clock(1500, 0))
        [fact] = anna.save(given())
        [envelope] = anna.envelopes(fact.aggregate.kind, fact.aggregate.id)
        envelope.verify(anna.signing_public)
        assert envelope.fact() == fact
        assert (fact.author, fact.unit, fact.person, fact.seq, fact.rank) == (ANNA, UNIT, PERSON, 1, 1)
        assert store.device
        assert fact.device == store.device.id
        assert fact.clock == Clock(1500, 0)


def test_the_clocks_age_grows_until_the_next_contact(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        anna = sign_in(store)
        assert anna.save(given())[0].clock is None
        store.note_contact(now(), Clock(-200, 10))
        now.pass_(50)
        assert anna.save(given())[0].clock == Clock(-200, 60)


def test_several_statements_are_one_chain_and_rise_in_rank_within_an_aggregate(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        dose = new_id()
        first, other, second = anna.save(given(dose), given(), given(dose))
        third = anna.save(Statement(DoseCorrected(corrects=first.id), Ref("dose", dose), UNIT, PERSON))[0]
        assert [fact.rank for fact in (first, second, third)] == [1, 2, 3]
        assert [fact.seq for fact in (first, other, second, third)] == [1, 2, 3, 4]
        chain = {of.fact().seq: of for id in (dose, other.aggregate.id) for of in anna.envelopes("dose", id)}
        assert [chain[n].fact().prev for n in (1, 2, 3, 4)] == [
            None,
            *(chain[n].hash.hex() for n in (1, 2, 3)),
        ]
        document = anna.document("dose", dose)
        assert document == fold("dose", dose, [first, second, third])
        assert isinstance(document, DoseDocument)
        assert len(document.done) == 1


def test_either_all_statements_are_saved_or_none(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        good = given()
        with pytest.raises(Exception, match="body"):
            anna.save(good, Statement(None, Ref("dose", new_id()), UNIT, None))  # type: ignore[arg-type]
        assert anna.document("dose", good.aggregate.id) is None
        assert store.counts().waiting == 0
        assert anna.save(good)[0].seq == 1


def test_documents_are_found_by_kind_and_by_person(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        mine = asked()
        anna.save(given(), given(), mine)
        anna.save(Statement(given().body, Ref("dose", new_id()), UNIT, new_id()))
        assert len(anna.documents("dose")) == 3
        assert len(anna.documents("dose", PERSON)) == 2
        assert [one.id for one in anna.documents("sbar", PERSON)] == [mine.aggregate.id]
        assert anna.documents("order") == []


def test_a_draft_survives_a_reopen_and_goes_with_the_save_that_it_became(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        anna = sign_in(store)
        anna.save_draft("sbar:1", b"half a sentence")
        now.pass_(60)
        anna.save_draft("fall:2", b"first")
        anna.save_draft("fall:2", b"second")
    with phone(tmp_path, now) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.draft("fall:2") == b"second"
        assert [key for key, _ in anna.drafts()] == ["fall:2", "sbar:1"]
        anna.save(asked(), draft="sbar:1")
        assert anna.draft("sbar:1") is None
        anna.drop_draft("fall:2")
        assert anna.drafts() == []


def test_a_save_that_fails_keeps_the_draft(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save_draft("sbar:1", b"words")
        with pytest.raises(Exception, match="body"):
            anna.save(Statement(None, Ref("sbar", new_id()), UNIT), draft="sbar:1")  # type: ignore[arg-type]
        assert anna.draft("sbar:1") == b"words"


def test_notes_are_ones_own(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        assert anna.recall("seen") is None
        anna.remember("seen", b"1")
        anna.remember("seen", b"2")
        assert anna.recall("seen") == b"2"
        bertil = sign_in(store, "0192bbbb-0000-7000-8000-000000000002", "Bertil")
        assert bertil.recall("seen") is None


def test_after_lock_nothing_is_read_and_nothing_stated(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given())
        assert store.state_unlocked == [anna]
        anna.lock()
        anna.lock()
        assert anna.locked
        assert store.state_unlocked == []
        for use in (
            lambda: anna.save(given()),
            lambda: anna.documents("dose"),
            lambda: anna.document("dose", new_id()),
            lambda: anna.envelopes("dose", new_id()),
            lambda: anna.draft("x"),
            lambda: anna.save_draft("x", b""),
            lambda: anna.recall("x"),
            lambda: anna.sign(signature.Context.SESSION, b""),
        ):
            with pytest.raises(Locked):
                use()
        assert store.counts().waiting == 1


def test_two_sessions_of_one_phone_see_each_others_saves(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna, again = sign_in(store), store.unlock(ANNA, PIN)
        statement = given()
        anna.save(statement)
        anna.lock()
        assert again.document("dose", statement.aggregate.id)


def test_a_subscriber_is_told_what_changed_after_it_is_durable(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        told: list[tuple[frozenset[Ref], int]] = []
        end = store.subscribe(lambda changed: told.append((changed, store.counts().waiting)))
        statement = given()
        anna.save(statement)
        assert told == [(frozenset({statement.aggregate}), 1)]
        end()
        anna.save(given())
        assert len(told) == 1


def test_a_failing_subscriber_does_not_disturb_a_save(tmp_path: Path) -> None:
    def fails(_: frozenset[Ref]) -> None:
        raise RuntimeError("a screen")

    with phone(tmp_path) as store:
        anna = sign_in(store)
        store.subscribe(fails)
        assert anna.save(given())


def test_a_phone_that_is_not_enrolled_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    try:
        assert store.device is None
        with pytest.raises(NotEnrolled):
            sign_in(store)
        with pytest.raises(NotEnrolled):
            store.report(asked().body, Ref("sbar", new_id()), UNIT)
    finally:
        store.close()


def test_free_text_with_every_kind_of_letter_comes_back_as_written(tmp_path: Path) -> None:
    words = "Ögonen röda, Šárka säger ‘aj’ 👵🏽"
    with phone(tmp_path) as store:
        sign_in(store).save(asked(words=words))
    with phone(tmp_path) as store:
        [document] = store.unlock(ANNA, PIN).documents("sbar")
        assert getattr(document, "answers") == answered(words)  # noqa: B009


def test_after_the_highest_rank_one_saves_on_and_reads_it_again(tmp_path: Path) -> None:
    time = Time()
    with phone(tmp_path, time) as store:
        anna, statement = sign_in(store), given()
        theirs = elsewhere(statement.body, statement.aggregate, rank=RANK_MOST)
        store.take_page(page(f"unit:{UNIT}", [theirs]), anna)
        time.pass_(1)
        [fact] = anna.save(statement)
        assert fact.rank == RANK_MOST
        assert [one.fact().id for one in anna.envelopes("dose", fact.aggregate.id)][-1] == fact.id


@pytest.mark.parametrize("year", [1970, 2300])
def test_a_clock_that_has_lost_the_year_keeps_nobody_from_recording(tmp_path: Path, year: int) -> None:
    time = Time()
    with phone(tmp_path, time) as store:
        anna = sign_in(store)
        store.note_contact(time.now, Clock(10, 0))
        time.now = NOON.replace(year=year)
        [fact] = anna.save(given())
        assert (within_years(fact.at), fact.clock) == (True, None)


@pytest.mark.parametrize(("offset_ms", "said"), [(10**12, True), (10**12 + 1, False), (-(10**12) - 1, False)])
def test_a_clock_that_was_measured_by_a_damaged_answer_keeps_nobody_from_recording(
    tmp_path: Path, offset_ms: int, said: bool
) -> None:
    time = Time()
    with phone(tmp_path, time) as store:
        anna = sign_in(store)
        time.now = NOON.replace(year=2060)
        store.note_contact(time.now, Clock(offset_ms, 0))
        [fact] = anna.save(given())
        assert (fact.clock is not None) == said


def test_what_could_not_be_read_again_is_not_saved(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        with pytest.raises(FactError):
            anna.save(asked(words="x" * 300_000))
        assert store.counts().waiting == 0

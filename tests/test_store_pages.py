"""Pages: taken whole with their cursor, into the ring of those who may read them, in whatever order."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.documents import fold
from care.dose import DoseCorrected, DoseDocument
from care.facts import Body, Ref
from care.sbar import SbarAcknowledged, SbarAnswered
from care.staff import StaffSet
from care.unit import OnCall, UnitSet
from storage import Locked, PageError, PageGap, Slot, Statement
from storage.ring import Ring
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    OTHER_UNIT,
    PERSON,
    PIN,
    UNIT,
    asked,
    deliver,
    elsewhere,
    fallen,
    new_id,
    page,
    phone,
    sign_in,
)
from tests.store_case import given as dose_given
from wire.envelope import Envelope, stated
from wire.messages import Page, Placed

SHARED = f"unit:{UNIT}"
NURSE = f"nurse:{UNIT}"


def a_dose(dose: str | None = None, rank: int = 1, unit: str = UNIT) -> Envelope:
    statement = dose_given(dose, unit=unit)
    return elsewhere(statement.body, statement.aggregate, rank, unit)


def an_sbar(sbar: str | None = None) -> Envelope:
    statement = asked(sbar)
    return elsewhere(statement.body, statement.aggregate)


def test_a_page_brings_its_facts_documents_and_cursor(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        one, two = a_dose(), a_dose()
        assert store.cursor(SHARED) is None
        changed = store.take_page(page(SHARED, [one, two]), anna)
        assert set(changed) == {one.fact().aggregate, two.fact().aggregate}
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert store.cursor(SHARED) == "e1.2"
        ref = one.fact().aggregate
        assert anna.document(*_of(ref)) == fold(ref.kind, ref.id, [one.fact()])
        assert anna.envelopes(*_of(ref)) == [one]
        assert store.counts().waiting == 0


def _of(ref: Ref) -> tuple[str, str]:
    return ref.kind, ref.id


def test_a_page_that_does_not_follow_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        store.take_page(page(SHARED, [a_dose()]), anna)
        late = a_dose()
        for wrong in (page(SHARED, [late], after=2), page(SHARED, [late], after=0)):
            with pytest.raises(PageGap) as gap:
                store.take_page(wrong, anna)
            assert gap.value.expected == "e1.1"
        with pytest.raises(PageGap):
            store.take_page(page(NURSE, [late], after=1), anna)
        assert store.cursor(SHARED) == "e1.1"
        assert anna.document(*_of(late.fact().aggregate)) is None
        assert store.take_page(page(SHARED, [late], after=1), anna) == [late.fact().aggregate]


def test_a_stream_that_was_rebuilt_begins_anew_and_repeats_change_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        one, two = a_dose(), a_dose()
        store.take_page(page(SHARED, [one]), anna)
        with pytest.raises(PageGap):
            store.take_page(page(SHARED, [two], after=1, epoch="e2"), anna)
        assert store.take_page(page(SHARED, [one, two], epoch="e2"), anna) == [two.fact().aggregate]
        assert store.cursor(SHARED) == "e2.2"


def test_a_page_that_fails_midway_leaves_nothing_and_comes_whole_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        brought = [a_dose() for _ in range(5)]
        rows, was = [], Ring.write

        def failing(self: Ring, *what: object) -> object:
            rows.append(what)
            if len(rows) == 3:
                raise MemoryError
            return was(self, *what)  # type: ignore[arg-type]

        monkeypatch.setattr(Ring, "write", failing)
        with pytest.raises(MemoryError):
            store.take_page(page(SHARED, brought), anna)
        monkeypatch.undo()
        assert store.cursor(SHARED) is None
        assert anna.documents("dose") == []
        # What is saved next stands alone, at once.
        anna.save(dose_given())
        assert len(anna.documents("dose")) == 1
        assert len(store.take_page(page(SHARED, brought), anna)) == 5
        assert len(anna.documents("dose")) == 6
        anna.lock()
        again = store.unlock(ANNA, PIN)
        assert len(again.documents("dose")) == 6
        assert store.damage == again.damage == []


def test_a_page_with_a_hole_is_refused(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        facts = (Placed(position=1, envelope=bytes(a_dose())), Placed(position=3, envelope=bytes(a_dose())))
        hole = Page(stream=SHARED, epoch="e1", after=0, upto=3, more=False, facts=facts, now=NOON)
        with pytest.raises(PageError):
            store.take_page(hole, anna)
        assert store.cursor(SHARED) is None
        assert anna.documents("dose") == []


def test_ones_own_facts_come_back_as_nothing_new(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [fact] = anna.save(dose_given())
        before = anna.document(*_of(fact.aggregate))
        told: list[frozenset[Ref]] = []
        store.subscribe(told.append)
        assert store.take_page(page(SHARED, deliver(store)), anna) == []
        assert anna.document(*_of(fact.aggregate)) is before
        assert store.cursor(SHARED) == "e1.1"
        assert frozenset({fact.aggregate}) not in told


def test_a_save_ranks_above_everything_that_came(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        theirs = a_dose(rank=7)
        ref = theirs.fact().aggregate
        store.take_page(page(SHARED, [theirs]), anna)
        [fact] = anna.save(Statement(DoseCorrected(corrects=theirs.fact().id), ref, UNIT, PERSON))
        assert fact.rank == 8
        document = anna.document(*_of(ref))
        assert isinstance(document, DoseDocument)
        assert document.done == []


def test_what_only_nurses_may_read_stays_in_the_nurses_ring(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        nurse, carer = sign_in(store), sign_in(store, BERTIL, "Bertil")
        question = an_sbar()
        ref = question.fact().aggregate
        store.take_page(page(NURSE, [question]), nurse)
        assert nurse.document(*_of(ref))
        assert carer.document(*_of(ref)) is None
        assert carer.envelopes(*_of(ref)) == []


def test_two_nurses_on_one_phone_each_read_their_stream_from_its_beginning(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        one, two = sign_in(store), sign_in(store, BERTIL, "Bertil")
        question = page(NURSE, [an_sbar()])
        store.take_page(question, one)
        assert store.cursor(NURSE, one) == "e1.1"
        assert store.cursor(NURSE, two) is None
        with pytest.raises(Locked):
            store.cursor(NURSE)
        assert len(store.take_page(question, two)) == 1
        one.lock()
        assert store.cursor(NURSE) == "e1.1"


def test_what_a_nurse_reads_of_another_unit_is_not_shown_to_the_carers_of_this_one(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        nurse, carer = sign_in(store), sign_in(store, BERTIL, "Bertil")
        there = a_dose(unit=OTHER_UNIT)
        store.take_page(page(f"unit:{OTHER_UNIT}", [there]), nurse)
        saved = dose_given(unit=OTHER_UNIT)
        nurse.save(saved)
        for ref in (there.fact().aggregate, saved.aggregate):
            assert nurse.document(*_of(ref))
            assert carer.document(*_of(ref)) is None
        assert store.cursor(f"unit:{OTHER_UNIT}", carer) is None


def test_nobody_takes_a_page_of_somebody_elses_own_stream(tmp_path: Path) -> None:
    with phone(tmp_path) as store, pytest.raises(PageError):
        store.take_page(page(f"staff:{BERTIL}", [an_sbar()]), sign_in(store))


def test_what_two_rings_hold_of_one_aggregate_is_shown_as_one(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        dose = new_id()
        one, two = a_dose(dose), a_dose(dose, rank=2)
        store.take_page(page(SHARED, [one]), anna)
        store.take_page(page(f"unit:{OTHER_UNIT}", [one, two]), anna)
        whole = fold("dose", dose, [one.fact(), two.fact()])
        assert anna.document("dose", dose) == whole
        assert anna.documents("dose") == [whole]
        assert anna.envelopes("dose", dose) == sorted([one, two], key=lambda of: of.fact().order)
        assert anna.save(dose_given(dose))[0].rank == 3


def test_the_lock_screens_numbers_follow_the_units_document(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        nurse = (OnCall("Nina", "070-1740605"),)
        body = UnitSet(name="Granen", kind="residential", provider=new_id(), provider_name="K", nurse=nurse)
        store.take_page(page(SHARED, [elsewhere(body, Ref("unit", UNIT))]), anna)
    with phone(tmp_path) as store:
        assert store.lock_info
        assert (store.lock_info.unit_name, store.lock_info.phone_name) == ("Granen", "Granen 2")
        assert store.lock_info.nurse == nurse


def test_the_lock_screen_follows_a_changed_name_and_language(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        body = StaffSet(name="Anna Bengtsson", title="nurse", language="en")
        strangers = StaffSet(name="Bertil Berg", title="nurse")
        facts = [elsewhere(body, Ref("staff", ANNA)), elsewhere(strangers, Ref("staff", BERTIL))]
        store.take_page(page(SHARED, facts), anna)
        assert store.slots() == [Slot(ANNA, "Anna Bengtsson", "nurse", "en")]
    with phone(tmp_path) as store:
        assert store.unlock(ANNA, PIN).language == "en"


def test_facts_newer_than_the_app_are_kept_whole_and_counted(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        ref = Ref("wound", new_id())
        old = a_dose().fact()
        newer = a_dose().data.replace(b'"dose.given"', b'"wound.seen"')
        newer = newer.replace(f'["dose","{_aggregate(newer)}"]'.encode(), f'["wound","{ref.id}"]'.encode())
        strange = stated(newer, b"\x07" * 32)
        frame = stated(b'{"format": 2, "something": "else"}', b"\x07" * 32)
        store.take_page(page(SHARED, [strange, frame]), anna)
        assert old.aggregate.kind == "dose"
        document = anna.document("wound", ref.id)
        assert document
        assert document.unreadable == 1
        assert anna.envelopes("wound", ref.id) == [strange]
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.envelopes("wound", ref.id) == [strange]
        assert len(anna.documents("wound")) == 1
        assert anna.damage == []


def _aggregate(data: bytes) -> str:
    return stated(data.replace(b"wound.seen", b"dose.given"), b"\x07" * 32).fact().aggregate.id


def test_losing_a_stream_purges_what_came_only_through_it(tmp_path: Path) -> None:
    chief = f"chief:{UNIT}"
    with phone(tmp_path) as store:
        anna = sign_in(store)
        case, both = fallen(), Ref("deviation", new_id())
        only = elsewhere(case, Ref("deviation", new_id()))
        shared = elsewhere(case, both)
        store.take_page(page(chief, [only, shared]), anna)
        store.take_page(page(NURSE, [shared]), anna)
        mine = Statement(case, Ref("deviation", new_id()), UNIT, PERSON)
        anna.save(mine)
        store.drop_stream(chief, anna)
        kept = {both.id, mine.aggregate.id}
        assert {document.id for document in anna.documents("deviation")} == kept
        assert store.cursor(chief) is None
        assert store.cursor(NURSE) == "e1.1"
        store.drop_stream(chief, anna)
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert {document.id for document in anna.documents("deviation")} == kept
        assert anna.envelopes(*_of(only.fact().aggregate)) == []
        assert anna.damage == []
        assert len(store.take_page(page(chief, [only, shared]), anna)) == 1


def test_losing_a_stream_keeps_what_waits_to_be_sent(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        question = an_sbar()
        ref = question.fact().aggregate
        store.take_page(page(NURSE, [question]), anna)
        anna.save(Statement(SbarAcknowledged(), ref, UNIT, PERSON))
        store.drop_stream(NURSE, anna)
        assert anna.document(*_of(ref))
        assert store.counts().waiting == 1


# Any interleaving of saves and pages, on two phones' worth of facts, is what care folds.

DOSES = [new_id() for _ in range(2)]
SBARS = [new_id() for _ in range(2)]


def _theirs(kind: str, which: int, rank: int) -> Envelope:
    ref = Ref(kind, (DOSES if kind == "dose" else SBARS)[which])
    body: Body
    if kind == "dose":
        body = dose_given(ref.id).body
    else:
        body = asked(ref.id).body if rank == 1 else SbarAnswered(text="ge vatten")
    return elsewhere(body, ref, rank)


kinds = st.sampled_from(["dose", "sbar"])
ours = st.tuples(st.just("save"), kinds, st.integers(0, 1))
theirs = st.tuples(kinds, st.integers(0, 1), st.integers(1, 4))
arrive = st.tuples(st.just("page"), st.lists(theirs, min_size=1, max_size=4), st.booleans())
steps = st.lists(ours | arrive | st.just(("lock",)) | st.just(("send",)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    with phone(folder) as store:
        sign_in(store)
    return folder


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, repeat=st.randoms(use_true_random=False))
def test_any_interleaving_of_saves_and_pages_is_what_care_folds(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple], repeat: object
) -> None:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: secret)
    folder = tmp_path / new_id()
    shutil.copytree(prepared, folder)
    everything: list[Envelope] = []
    at = {SHARED: 0, NURSE: 0}
    with phone(folder) as store:
        anna = sign_in(store)
        sent: list[Envelope] = []
        for step in steps:
            match step:
                case ("save", "dose", which):
                    facts = anna.save(dose_given(DOSES[which]))
                    everything += [of for of in anna.envelopes("dose", DOSES[which]) if of.fact() in facts]
                case ("save", "sbar", which):
                    facts = anna.save(asked(SBARS[which]))
                    everything += [of for of in anna.envelopes("sbar", SBARS[which]) if of.fact() in facts]
                case ("page", theirs, again):
                    made = [(_theirs(*one), one[0]) for one in theirs]
                    made += [(of, of.fact().aggregate.kind) for of in (sent + everything if again else [])]
                    repeat.shuffle(made)  # type: ignore[attr-defined]
                    for stream, kind in ((SHARED, "dose"), (NURSE, "sbar")):
                        here = [of for of, its in made if its == kind]
                        store.take_page(page(stream, here, after=at[stream]), anna)
                        at[stream] += len(here)
                    everything += [of for of, _ in made]
                case ("lock",):
                    anna.lock()
                    anna = store.unlock(ANNA, PIN)
                case ("send",):
                    sent += deliver(store)
        _same(anna, everything)
        anna.lock()
        anna = store.unlock(ANNA, PIN)
        _same(anna, everything)
        assert anna.damage == []
        device = store.device
        assert device
        mine = {of.fact().id for of in everything if of.fact().device == device.id}
        assert anna.unsent == mine - {of.fact().id for of in sent}
    shutil.rmtree(folder)


def _same(anna: object, everything: list[Envelope]) -> None:
    facts = {of.fact().id: of.fact() for of in everything}
    refs = {fact.aggregate for fact in facts.values()}
    for ref in refs:
        expected = fold(ref.kind, ref.id, [fact for fact in facts.values() if fact.aggregate == ref])
        assert anna.document(*_of(ref)) == expected  # type: ignore[attr-defined]
    for kind in ("dose", "sbar"):
        held = {document.id for document in anna.documents(kind)}  # type: ignore[attr-defined]
        assert held == {ref.id for ref in refs if ref.kind == kind}


@pytest.mark.parametrize("lost", ["forgotten", "damaged"])
def test_what_came_by_a_stream_is_purged_without_its_cursor_too(tmp_path: Path, lost: str) -> None:
    with phone(tmp_path) as store:
        anna, statement = sign_in(store), asked()
        store.take_page(page(NURSE, [elsewhere(statement.body, statement.aggregate)]), anna)
        store.forget_cursor(NURSE)
        assert store.cursor(NURSE) is None
        assert len(anna.documents("sbar")) == 1
        if lost == "damaged":
            store.take_page(page(NURSE, [elsewhere(statement.body, statement.aggregate, rank=2)]), anna)
            with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
                rows.execute("UPDATE cursors SET payload = x'00'")
        store.drop_stream(NURSE)
        assert anna.documents("sbar") == []

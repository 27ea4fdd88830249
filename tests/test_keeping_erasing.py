"""What has been erased is gone: from documents, streams and every file, whenever the erasure comes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.documents import Document, fold
from care.dose import DoseCorrected, DoseDocument, DoseGiven
from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Fact, Ref, encode, raw, type_of
from care.ids import uuid7
from care.sbar import SbarAcknowledged, SbarAnswered
from storage import Statement, Store, Unlocked
from storage.schema import MIGRATIONS
from tests.statements import KARIN, NOON, PERSON, fact, new_id
from tests.store_case import BERTIL, PIN, Time, asked, deliver, elsewhere, page, phone, sign_in
from tests.store_case import UNIT as PHONES_UNIT
from tests.store_case import given as dose_given
from wire.cursor import Cursor
from wire.envelope import Envelope, envelope, stated
from wire.messages import ERASED_ENVELOPE, Page, Placed, Tombstone

SHARED, NURSE = f"unit:{PHONES_UNIT}", f"nurse:{PHONES_UNIT}"
GIVEN = DoseGiven(order=new_id(), planned=NOON, performed=NOON, amount="5 tabletter", order_fact=new_id())


def erasing(*facts: Fact, rank: int = 9, device: str = ENDPOINT) -> Fact:
    named = tuple(Named(one.id, Envelope(b"", encode(one)).hash.hex()) for one in facts)
    body = FactErased(facts=named, why="decision", decision="IVO 3.6.2-1/2026")
    return fact(body, facts[0].aggregate, rank=rank, author=KARIN, device=device, person=None)


# Folding.


@given(st.data())
def test_an_erasure_before_after_or_in_between_gives_the_same_document(data: st.DataObject) -> None:
    aggregate = Ref("dose", new_id())
    first, second = fact(GIVEN, aggregate), fact(GIVEN, aggregate, rank=2, author=KARIN)
    correction = fact(DoseCorrected(corrects=first.id), aggregate, rank=3)
    one, other = erasing(first), erasing(first, correction, rank=10)
    everything = [first, second, correction, one, other]
    arrived = data.draw(
        st.permutations(everything + data.draw(st.lists(st.sampled_from(everything), max_size=5)))
    )
    without = [kept for kept in arrived if kept not in (first, correction) or data.draw(st.booleans())]
    assert fold("dose", aggregate.id, arrived) == fold("dose", aggregate.id, without)
    document = fold("dose", aggregate.id, without)
    assert isinstance(document, DoseDocument)
    assert [signature.fact for signature in document.done] == [second.id]
    assert {gone.id for gone in document.erased} == {first.id, correction.id}
    assert not document.gone
    assert document.unreadable == 0
    assert msgspec.json.decode(msgspec.json.encode(document), type=DoseDocument) == document


def test_what_is_wholly_erased_is_gone_and_says_when_and_why() -> None:
    first = fact(GIVEN, Ref("dose", new_id()))
    document = fold("dose", first.aggregate.id, [first, erasing(first)])
    assert document.gone
    assert document.person is None
    assert [(one.id, one.at, one.why) for one in document.erased] == [(first.id, NOON, "decision")]
    assert "tabletter" not in msgspec.json.encode(document).decode()


def test_nobody_but_the_endpoint_erases() -> None:
    first = fact(GIVEN, Ref("dose", new_id()))
    document = fold("dose", first.aggregate.id, [first, erasing(first, device="phone-1")])
    assert isinstance(document, DoseDocument)
    assert len(document.done) == 1
    assert not document.erased
    assert document.unreadable == 1


# On the phone.


def erasure_of(*envelopes: Envelope, rank: int = 50) -> Envelope:
    """An erasure as the endpoint states it, of facts of one aggregate."""
    body = FactErased(
        facts=tuple(Named(one.fact().id, one.hash.hex()) for one in envelopes),
        why="decision",
        decision="IVO 1",
    )
    return _by_endpoint(body, envelopes[0].fact().aggregate, rank)


def _by_endpoint(body: Body, aggregate: Ref, rank: int) -> Envelope:
    kind, version = type_of(body)
    number = next(_ids)
    made = Fact(
        id=uuid7(1_800_000_000_000 + number, number.to_bytes(10, "big")),
        type=kind,
        version=version,
        aggregate=aggregate,
        rank=rank,
        at=NOON,
        author=KARIN,
        device=ENDPOINT,
        seq=number,
        unit=PHONES_UNIT,
        body=raw(body),
    )
    return stated(encode(made), b"\x07" * 32)


_ids = iter(range(1, 10_000))


def nothing_is_left(folder: Path, payloads: Sequence[bytes]) -> None:
    """Assert that none of some rows' bytes is in any file of the phone."""
    found = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    assert payloads
    for payload in payloads:
        # The ends too: a page may have been written over in part.
        for part in (payload, payload[:48], payload[-48:]):
            assert part not in found


def payloads(store: Any, *facts: Envelope) -> list[bytes]:
    """What stands in the file for some facts and for the documents of their aggregates."""
    marks = [one.fact().id for one in facts]
    with store._database.reading() as connection:
        rows = connection.execute(
            f"SELECT ring, aggregate, payload FROM facts WHERE id IN ({','.join('?' * len(marks))})", marks
        ).fetchall()
        found = [payload for _, _, payload in rows]
        for ring, aggregate, _ in rows:
            query = "SELECT payload FROM documents WHERE ring = ? AND aggregate = ?"
            found += [payload for (payload,) in connection.execute(query, (ring, aggregate))]
        query = f"SELECT box FROM outbox WHERE id IN ({','.join('?' * len(marks))})"
        found += [box for (box,) in connection.execute(query, marks)]
    return found


def of(one: Envelope) -> tuple[str, str]:
    return one.fact().aggregate.kind, one.fact().aggregate.id


def test_an_erased_fact_leaves_the_phones_file_and_its_documents(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        statement = dose_given()
        one = elsewhere(statement.body, statement.aggregate)
        kept = elsewhere(GIVEN, statement.aggregate, rank=2)
        store.take_page(page(SHARED, [one, kept]), anna)
        before = payloads(store, one)
        assert len(before) == 2
        changed = store.take_page(page(SHARED, [erasure_of(one)], after=2), anna)
        assert changed == [statement.aggregate]
        document = anna.document(*of(one))
        assert isinstance(document, DoseDocument)
        assert [signature.fact for signature in document.done] == [kept.fact().id]
        assert [gone.id for gone in document.erased] == [one.fact().id]
        assert next(held.fact().id for held in anna.envelopes(*of(one))) == kept.fact().id
        nothing_is_left(tmp_path, before)
    with phone(tmp_path) as store:
        anna = store.unlock(anna.staff, PIN)
        assert anna.document(*of(one)) == document
        assert not anna.damage
    nothing_is_left(tmp_path, before)


def test_a_fact_that_still_waits_leaves_the_outbox_with_the_erasure(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        statement = dose_given()
        anna.save(statement)
        anna.save(dose_given())
        mine = anna.envelopes(*_ref(statement))[0]
        before = payloads(store, mine)
        assert len(before) == 3
        # The receipt was lost: the endpoint has it, and has erased it.
        store.take_page(page(SHARED, [erasure_of(mine)]), anna)
        assert store.counts().waiting == 1
        assert [sealed.id for sealed in store.waiting()] != [mine.fact().id]
        assert anna.documents("dose", PERSON) == []
        assert anna.document(*_ref(statement)) is not None
    nothing_is_left(tmp_path, before)


def _ref(statement: Statement) -> tuple[str, str]:
    return statement.aggregate.kind, statement.aggregate.id


def test_what_is_under_the_key_of_somebody_who_is_not_here_goes_too(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        bertil = sign_in(store, BERTIL, "Bertil Berg")
        statement = asked(words="Andfådd sedan i morse")
        one = elsewhere(statement.body, statement.aggregate)
        answer = elsewhere(SbarAnswered(text="Jag kommer"), statement.aggregate, rank=2)
        store.take_page(page(NURSE, [one, answer]), bertil)
        bertil.save_draft(f"sbar-{one.fact().aggregate.id}", b"begun")
        bertil.save_draft("other", b"kept")
        before = payloads(store, one)
        bertil.lock()
        anna = sign_in(store)
        # Anna may not read it; her pull brings the erasure through the unit's stream.
        erasure = erasure_of(one)
        store.take_page(page(SHARED, [erasure]), anna)
        nothing_is_left(tmp_path, before)
        assert anna.documents("sbar") == []
        anna.lock()
        bertil = store.unlock(BERTIL, PIN)
        document = bertil.document(*of(one))
        assert document == fold("sbar", one.fact().aggregate.id, [answer.fact(), erasure.fact()])
        assert not bertil.damage
        assert [key for key, _ in bertil.drafts()] == ["other"]
        store.take_page(page(NURSE, [erasure], after=2), bertil)
        assert bertil.document(*of(one)) == document
    with phone(tmp_path) as store:
        bertil = store.unlock(BERTIL, PIN)
        assert bertil.document(*of(one)) == document
        assert not bertil.damage
        assert not store.damage


def test_what_somebody_begins_after_an_erasure_stays(tmp_path: Path) -> None:
    clock = Time()
    with phone(tmp_path, clock) as store:
        anna = sign_in(store)
        statement = asked(words="Andfådd sedan i morse")
        one = elsewhere(statement.body, statement.aggregate)
        store.take_page(page(SHARED, [one]), anna)
        draft = f"sbar-{statement.aggregate.id}"
        anna.save_draft(draft, b"begun before")
        erasure = erasure_of(one)
        store.take_page(page(SHARED, [erasure], after=1), anna)
        assert anna.drafts() == []
        clock.pass_(60)
        anna.save_draft(draft, b"begun after")
        anna.lock()
        clock.pass_(60)
        anna = store.unlock(anna.staff, PIN)
        assert anna.draft(draft) == b"begun after"
        # The same erasure by another stream, which this reader had not pulled yet.
        store.take_page(page(NURSE, [erasure]), anna)
        assert anna.draft(draft) == b"begun after"


def test_a_row_that_somebody_else_wrote_explains_no_missing_document(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        statement = dose_given()
        store.take_page(page(SHARED, [elsewhere(statement.body, statement.aggregate)]), anna)
        anna.lock()
        with store._database.writing() as connection:
            connection.execute("INSERT INTO unfolded SELECT ring, aggregate, zeroblob(60) FROM documents")
            connection.execute("DELETE FROM documents")
    with phone(tmp_path) as store:
        ring = store._file.open_ring(bytes(range(32)))
        with store._database.reading() as connection:
            ring.of_kind(connection, "dose")
        assert [damage.reason for damage in ring.facts.damage] == ["missing"]


def test_the_place_of_an_erased_fact_keeps_the_stream_gapless_also_for_older_apps(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        statement = dose_given()
        one, two = (elsewhere(statement.body, statement.aggregate, rank=rank) for rank in (1, 2))
        tombstone = Tombstone(id=one.fact().id, hash=one.hash)
        facts = (
            Placed(position=1, envelope=ERASED_ENVELOPE, erased=tombstone),
            Placed(position=2, envelope=bytes(two)),
            Placed(position=3, envelope=bytes(erasure_of(one))),
        )
        new = Page(stream=SHARED, epoch="e1", after=0, upto=3, more=False, facts=facts, now=NOON)
        store.take_page(new, anna)
        document = anna.document(*of(two))
        assert document == fold("dose", one.fact().aggregate.id, [two.fact(), erasure_of_last(facts)])
        # An older app does not know the field; it keeps the bytes as something that it cannot read.
        old = Page(
            stream=NURSE,
            epoch="e1",
            after=0,
            upto=2,
            more=False,
            facts=(
                Placed(position=1, envelope=ERASED_ENVELOPE),
                Placed(position=2, envelope=ERASED_ENVELOPE),
            ),
            now=NOON,
        )
        assert store.take_page(old, anna) == []
        assert store.cursor(NURSE, anna) == "e1.2"


def erasure_of_last(facts: tuple[Placed, ...]) -> Fact:
    return envelope(facts[-1].envelope).fact()


@pytest.fixture(scope="module")
def nurse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Unlocked]]:
    with phone(tmp_path_factory.mktemp("phone")) as store:
        yield store, sign_in(store)


@given(st.data())
@settings(max_examples=25)
def test_however_facts_and_erasures_reach_a_phone_it_ends_the_same(
    nurse: tuple[Store, Unlocked], data: st.DataObject
) -> None:
    store, anna = nurse
    statement = asked(words="Andfådd")
    facts = [
        elsewhere(statement.body, statement.aggregate),
        elsewhere(SbarAcknowledged(), statement.aggregate, rank=2),
        elsewhere(SbarAnswered(text="Ge vatten"), statement.aggregate, rank=3),
    ]
    erasures = [erasure_of(facts[0]), erasure_of(facts[0], facts[2], rank=51)]
    arrived = data.draw(st.permutations(facts + erasures))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(arrived) - 1), max_size=3)))
    at = Cursor.parse(store.cursor(NURSE, anna) or "e1.0").position
    for start, end in zip([0, *cuts], [*cuts, len(arrived)], strict=True):
        store.take_page(page(NURSE, arrived[start:end], after=at + start), anna)
    document = anna.document(*of(facts[0]))
    assert document == fold("sbar", facts[0].fact().aggregate.id, [one.fact() for one in facts + erasures])
    held = {one.fact().id for one in anna.envelopes(*of(facts[0]))}
    assert held == {facts[1].fact().id, *(one.fact().id for one in erasures)}


def test_a_phones_file_of_before_learns_to_erase(tmp_path: Path) -> None:
    assert len(MIGRATIONS) >= 2
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(dose_given())
        assert deliver(store)
        assert isinstance(anna.documents("dose")[0], Document)

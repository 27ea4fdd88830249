"""The outbox: what was saved and not yet received, sent by the phone alone, whoever is locked out."""

import sqlite3
from pathlib import Path

import pytest

from care.facts import Clock, Ref
from storage import AlreadyEnrolled, Counts, FileError, ForeignReceipt, SetAside
from tests.store_case import (
    ANNA,
    ENDPOINT_SEAL,
    NOON,
    PIN,
    UNIT,
    Time,
    asked,
    deliver,
    device,
    fallen,
    given,
    new_id,
    phone,
    receipt,
    sign_in,
)
from wire.envelope import envelope
from wire.messages import PushResult, Receipt
from wire.seal import Opener
from wire.signature import public_of


def test_what_was_saved_is_sent_while_everybody_is_locked_out_and_says_the_same(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        facts = [*anna.save(given(), asked()), *anna.save(given())]
    with phone(tmp_path) as store:
        assert [sealed.id for sealed in store.waiting()] == [fact.id for fact in facts]
        assert [of.fact() for of in deliver(store)] == facts
        assert store.counts() == Counts(0, 0)
    with phone(tmp_path) as store:
        assert store.waiting() == []
        assert store.unlock(ANNA, PIN).unsent == frozenset()


def test_the_oldest_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        ids = [anna.save(given())[0].id for _ in range(5)]
        assert [sealed.id for sealed in store.waiting(2)] == ids[:2]


def test_one_unlock_seals_under_one_key(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given(), given())
        first, second = store.waiting()
        assert first.enc == second.enc
        assert first.box[:12] != second.box[:12]


def test_the_outbox_is_the_facts_minus_the_receipts(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        a, b, c, d = (anna.save(given())[0] for _ in range(4))
        hashes = {fact.id: anna.envelopes("dose", fact.aggregate.id)[0].hash for fact in (a, b, c, d)}
        told: list[int] = []
        store.subscribe(lambda _: told.append(store.counts().waiting))
        store.take_receipt(
            receipt(
                store,
                PushResult(id=a.id, status="accepted", hash=hashes[a.id]),
                PushResult(id=b.id, status="known", hash=hashes[b.id]),
                PushResult(id=c.id, status="quarantined", reason="unknown_author"),
                PushResult(id=d.id, status="accepted", hash=hashes[d.id]),
                PushResult(id=new_id(), status="accepted", hash=b"never sent from here"),
            ),
            [a.id, b.id, c.id],
        )
        assert anna.unsent == {d.id}
        assert store.counts() == Counts(waiting=1, needs_action=1)
        assert store.set_aside() == [SetAside(c.id, "unknown_author")]
        assert told == [1]
        assert store.last_all_sent is None
    with phone(tmp_path) as store:
        assert store.counts() == Counts(waiting=1, needs_action=1)


def test_what_is_counted_after_each_receipt_is_what_the_file_says(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        ids = [anna.save(given())[0].id for _ in range(9)]
        with store._database.writing() as connection:
            connection.execute("UPDATE outbox SET payload = x'00' WHERE id = ?", (ids[4],))
        for n in (5, 2, 8, 4, 0):
            refused = PushResult(id=ids[n], status="quarantined", reason="unsigned")
            store.take_receipt(receipt(store, refused), [ids[n]])
            outbox = store._file.outbox
            counted = outbox.counts, list(outbox.aside.items()), outbox.unsent
            store._file.recount()
            assert counted == (outbox.counts, list(outbox.aside.items()), outbox.unsent)
        assert store.counts() == Counts(waiting=4, needs_action=5)


def test_a_receipt_that_could_not_be_written_down_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(tmp_path) as store:
        [first, second] = (sign_in(store).save(given())[0].id for _ in range(2))
        refusals = [PushResult(id=id, status="quarantined", reason="unsigned") for id in (first, second)]

        def full(_: object) -> bool:
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(store._file.outbox, "nothing_waits", full)
            with pytest.raises(FileError):
                store.take_receipt(receipt(store, *refusals), [first, second])
        assert store.counts() == Counts(waiting=2, needs_action=0)
        store.take_receipt(receipt(store, refusals[0]), [first])
        assert store.counts() == Counts(waiting=1, needs_action=1)


@pytest.mark.parametrize("status", ["accepted", "known"])
def test_a_fact_stays_when_the_endpoint_holds_other_bytes_under_its_id(tmp_path: Path, status: str) -> None:
    with phone(tmp_path) as store:
        [fact] = sign_in(store).save(given())
        other = PushResult(id=fact.id, status=status, hash=b"\0" * 32)  # type: ignore[arg-type]
        store.take_receipt(receipt(store, other), [fact.id])
        assert store.set_aside() == [SetAside(fact.id, "conflict")]
        assert store.counts() == Counts(waiting=0, needs_action=1)


def test_what_was_set_aside_can_be_sent_again(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        [fact] = sign_in(store).save(given())
        refused = PushResult(id=fact.id, status="quarantined", reason="unknown_device")
        store.take_receipt(receipt(store, refused), [fact.id])
        assert store.waiting() == []
        store.send_again(fact.id)
        assert store.set_aside() == []
        assert [of.fact() for of in deliver(store)] == [fact]


def test_a_receipt_for_another_phone_settles_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [fact] = anna.save(given())
        [envelope_] = anna.envelopes("dose", fact.aggregate.id)
        result = PushResult(id=fact.id, status="accepted", hash=envelope_.hash)
        with pytest.raises(ForeignReceipt):
            store.take_receipt(Receipt(device=new_id(), received=NOON, results=(result,)), [fact.id])
        assert store.counts().waiting == 1


def test_all_sent_is_said_only_when_a_receipt_left_nothing(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        anna = sign_in(store)
        anna.save(given())
        store.note_contact(now(), Clock(0, 0))
        assert store.last_contact == NOON
        assert store.last_all_sent is None
        deliver(store)
        assert store.last_all_sent == NOON
        anna.save(given())
        assert store.last_all_sent == NOON
    with phone(tmp_path, now) as store:
        assert (store.last_contact, store.last_all_sent) == (NOON, NOON)


def test_a_report_without_sign_in_is_signed_by_the_device_and_kept_unreadable(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        case = Ref("deviation", new_id())
        fact = store.report(fallen("halkade", claimed="Kim"), case, UNIT)
        assert store.counts().waiting == 1
        assert fact.author is None
        [sealed] = store.waiting()
        assert store.device
        opened = envelope(Opener(ENDPOINT_SEAL).open(sealed, store.device.id))
        opened.verify(public_of(store.device.private))
        assert opened.fact() == fact
        anna = sign_in(store)
        assert anna.document("deviation", case.id) is None
        assert anna.save(given())[0].seq == 2
        assert anna.save(given())[0].prev is not None
    rows = sqlite3.connect(tmp_path / "rapp.db")
    try:
        assert rows.execute("SELECT count(*) FROM facts").fetchone() == (2,)
    finally:
        rows.close()


def test_a_damaged_row_is_set_aside_and_stops_none_of_the_others(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first, second, third = (anna.save(given())[0] for _ in range(3))
    rows = sqlite3.connect(tmp_path / "rapp.db")
    with rows:
        rows.execute("UPDATE outbox SET box = zeroblob(200) WHERE id = ?", (second.id,))
    rows.close()
    with phone(tmp_path) as store:
        assert [sealed.id for sealed in store.waiting(2)] == [first.id, third.id]
        assert store.set_aside() == [SetAside(second.id, "damaged")]


def test_a_damaged_seal_is_made_anew_from_the_fact_when_its_author_unlocks(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        facts = sign_in(store).save(given(), asked())
    rows = sqlite3.connect(tmp_path / "rapp.db")
    with rows:
        rows.execute("UPDATE outbox SET box = zeroblob(200)")
    rows.close()
    with phone(tmp_path) as store:
        assert store.waiting() == []
        assert store.counts() == Counts(0, 2)
        store.unlock(ANNA, PIN).documents("dose")
        assert store.counts() == Counts(2, 0)
        assert [of.fact() for of in deliver(store)] == facts


def test_a_phone_is_not_given_to_another_endpoint_while_facts_wait(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given())
        held = store.device
        assert held
        stranger = type(held)(**{**{f: getattr(held, f) for f in held.__struct_fields__}, "id": new_id()})
        with pytest.raises(AlreadyEnrolled):
            store.enrol(stranger)
        assert store.device == held
        deliver(store)
        store.enrol(stranger)
        assert store.device == stranger


def test_a_new_address_of_the_same_device_is_taken_while_facts_wait(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store).save(given())
        renewed = device()
        store.enrol(renewed)
        assert store.device == renewed
        assert store.counts().waiting == 1
        assert store.state_unlocked == []

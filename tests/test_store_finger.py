"""A finger or a face opens the one slot of a phone, for three days at most, and the PIN always does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import NoSlot, PinNeeded, SlotClosed, Store, WrongPin
from storage.biometric import MOST_TRIES as MOST_FINGERS
from storage.slots import MOST_TRIES
from tests.store_case import ANNA, BERTIL, PIN, Time, given, open_store, phone, sign_in

WRONG = "861432"
DAY = 86_400


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])


def by_finger(store: Store) -> bool:
    return [slot.biometric for slot in store.slots() if slot.staff == ANNA] == [True]


def test_it_opens_the_same_keys_also_after_a_restart(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        public = anna.signing_public
        anna.save(given())
        assert not by_finger(store)
        key = store.finger.allow(ANNA, PIN)
        assert by_finger(store)
        anna.lock()
    with phone(tmp_path) as store:
        assert by_finger(store)
        anna = store.finger.ask(ANNA)(key)
        assert anna.signing_public == public
        assert len(anna.documents("dose")) == 1
        anna.lock()
        assert store.unlock(ANNA, PIN).signing_public == public


def test_another_key_opens_nothing_and_neither_does_the_file_alone(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        key = store.finger.allow(ANNA, PIN)
        for other in (bytes(32), b"", key[:-1]):
            with pytest.raises(PinNeeded):
                store.finger.ask(ANNA)(other)
        with pytest.raises(NoSlot):
            store.finger.ask(BERTIL)
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows:
        [row] = rows.execute("SELECT * FROM slots").fetchall()
    assert not any(key in column for column in row if isinstance(column, bytes))


def test_the_pin_is_asked_for_after_some_tries_and_they_are_counted_before_they_are_made(
    tmp_path: Path,
) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        key = store.finger.allow(ANNA, PIN)
        for _ in range(3):
            # What succeeds is not counted.
            store.finger.ask(ANNA)(key).lock()
        for _ in range(MOST_FINGERS):
            store.finger.ask(ANNA)
    with phone(tmp_path) as store:
        assert not by_finger(store)
        with pytest.raises(PinNeeded):
            store.finger.ask(ANNA)
        store.unlock(ANNA, PIN).lock()
        assert by_finger(store)
        assert store.finger.ask(ANNA)(key).staff == ANNA


@pytest.mark.parametrize(("days", "opens"), [(2.9, True), (3, False), (-1, False)])
def test_the_pin_is_asked_for_every_third_day_and_when_the_clock_is_set_back(
    tmp_path: Path, days: float, opens: bool
) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        key = store.finger.allow(ANNA, PIN)
        now.set_by(days=days)
        assert by_finger(store) is opens
        if not opens:
            with pytest.raises(PinNeeded):
                store.finger.ask(ANNA)
        store.unlock(ANNA, PIN)
        assert store.finger.ask(ANNA)(key)


def test_a_wrong_pin_counts_and_a_closed_slot_opens_to_no_finger(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        with pytest.raises(WrongPin):
            store.finger.allow(ANNA, WRONG)
        assert not by_finger(store)
        store.unlock(ANNA, PIN)
        key = store.finger.allow(ANNA, PIN)
        asked = store.finger.ask(ANNA)
        for _ in range(MOST_TRIES):
            now.pass_(240)
            with pytest.raises((WrongPin, SlotClosed)):
                store.unlock(ANNA, WRONG)
        assert not by_finger(store)
        with pytest.raises(SlotClosed):
            store.finger.ask(ANNA)
        # Nor does one that was asked for before.
        with pytest.raises(PinNeeded):
            asked(key)


@pytest.mark.parametrize("what", ["pin", "sign-in", "colleague", "end", "dearer"])
def test_what_ends_it_ends_it_for_good(tmp_path: Path, what: str) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        key = store.finger.allow(ANNA, PIN)
        asked = store.finger.ask(ANNA)
        if what == "pin":
            store.change_pin(ANNA, PIN, "730264")
        elif what == "sign-in":
            sign_in(store)
        elif what == "colleague":
            sign_in(store, BERTIL, "Bertil")
        elif what == "end":
            store.finger.end(ANNA)
        else:
            with closing(open_store(tmp_path, price=2**16)) as other:
                other.unlock(ANNA, PIN)
        assert not by_finger(store)
        with pytest.raises(PinNeeded):
            store.finger.ask(ANNA)
        with pytest.raises(PinNeeded):
            asked(key)


def test_it_is_for_a_phone_of_one_person_alone(tmp_path: Path) -> None:
    """A phone knows fingers, not whose they are."""
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil")
        with pytest.raises(PinNeeded):
            store.finger.allow(ANNA, PIN)
        store.keeper.end_slot(BERTIL)
        key = store.finger.allow(ANNA, PIN)
        assert store.finger.ask(ANNA)(key).staff == ANNA
        store.keeper.end_slot(ANNA)
        with pytest.raises(NoSlot):
            store.finger.ask(ANNA)


def test_a_key_is_named_for_nobody_who_reads_it(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        names = {store.finger.name_of_key(staff) for staff in (ANNA, BERTIL)}
    assert len(names) == 2
    assert not any(ANNA in name or ANNA.replace("-", "") in name for name in names)

"""Slots: a PIN opens one's own keys, wrong ones wait and close, and nobody opens a colleague's ring."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from care.unit import OnCall
from storage import Damaged, LockInfo, NoSlot, PinRule, Slot, SlotClosed, WrongPin, WrongSecret
from storage.ring import Ring
from storage.slots import FREE_TRIES, MOST_TRIES
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    PHONE_KEY,
    PIN,
    Time,
    asked,
    given,
    open_store,
    phone,
    sign_in,
)

WRONG = "000000"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten wrong PINs in scrypt's time would be the test's time."""
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])


def test_everybody_who_signed_in_stands_on_the_lock_screen_by_name(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store, BERTIL, "Bertil Berg")
        sign_in(store)
    with phone(tmp_path) as store:
        assert store.slots() == [
            Slot(ANNA, "Anna Andersson", "assistant_nurse", "sv"),
            Slot(BERTIL, "Bertil Berg", "assistant_nurse", "sv"),
        ]


def test_a_pin_opens_the_same_keys_again(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        public = sign_in(store).signing_public
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.signing_public == public
        assert (anna.staff, anna.name, anna.language) == (ANNA, "Anna Andersson", "sv")
        assert anna.certified_until == NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("pin", "reason"), [("12345", "length"), ("1234567a", "digits"), ("", "digits"), ("١٢٣٤٥٦", "digits")]
)
def test_a_pin_is_six_digits_or_more(tmp_path: Path, pin: str, reason: str) -> None:
    with phone(tmp_path) as store:
        with pytest.raises(PinRule) as refused:
            sign_in(store, pin=pin)
        assert refused.value.reason == reason
        assert store.slots() == []


@pytest.mark.usefixtures("quick")
def test_wrong_pins_are_free_then_wait_longer_and_longer_and_then_close_the_slot(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        waits: list[int] = []
        for tried in range(1, MOST_TRIES):
            with pytest.raises(WrongPin) as wrong:
                store.unlock(ANNA, WRONG)
            assert wrong.value.tries_left == MOST_TRIES - tried
            waits.append(wrong.value.wait_s)
            now.pass_(wrong.value.wait_s)
        assert waits == [0] * FREE_TRIES + [30, 60, 120, 240]
        with pytest.raises(SlotClosed):
            store.unlock(ANNA, WRONG)
        with pytest.raises(SlotClosed):
            store.unlock(ANNA, PIN)
        assert [slot.closed for slot in store.slots()] == [True]


@pytest.mark.usefixtures("quick")
def test_a_try_before_the_wait_is_over_is_not_tried_and_not_counted(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        for _ in range(FREE_TRIES + 1):
            with pytest.raises(WrongPin):
                store.unlock(ANNA, WRONG)
        now.pass_(10)
        for _ in range(3):
            with pytest.raises(WrongPin) as early:
                store.unlock(ANNA, PIN)
            assert (early.value.wait_s, early.value.tries_left) == (20, MOST_TRIES - FREE_TRIES - 1)
        now.pass_(20)
        assert store.unlock(ANNA, PIN).staff == ANNA


@pytest.mark.usefixtures("quick")
def test_the_wait_survives_a_restart_and_a_clock_set_back_makes_it_no_longer(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        for _ in range(FREE_TRIES + 1):
            with pytest.raises(WrongPin):
                store.unlock(ANNA, WRONG)
    now.pass_(-86400)
    with phone(tmp_path, now) as store, pytest.raises(WrongPin) as early:
        store.unlock(ANNA, PIN)
    assert early.value.wait_s == 30


@pytest.mark.usefixtures("quick")
def test_the_right_pin_forgets_the_wrong_ones(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        for _ in range(3):
            for _ in range(FREE_TRIES):
                with pytest.raises(WrongPin):
                    store.unlock(ANNA, WRONG)
            store.unlock(ANNA, PIN)


@pytest.mark.usefixtures("quick")
def test_a_try_is_counted_even_when_the_app_is_killed_before_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with phone(tmp_path) as store:
        sign_in(store)
        with monkeypatch.context() as patch:
            patch.setattr("storage.keys.unwrap", killed)
            with pytest.raises(Killed):
                store.unlock(ANNA, WRONG)
        with pytest.raises(WrongPin) as wrong:
            store.unlock(ANNA, WRONG)
        assert wrong.value.tries_left == MOST_TRIES - 2


@pytest.mark.usefixtures("quick")
def test_a_sign_in_opens_a_closed_slot_and_nothing_was_lost(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        anna = sign_in(store)
        mine = asked()
        anna.save(mine)
        anna.save_draft("sbar:2", b"words")
        anna.lock()
        for _ in range(MOST_TRIES):
            now.pass_(3600)
            with pytest.raises((WrongPin, SlotClosed)):
                store.unlock(ANNA, WRONG)
        assert store.counts().waiting == 1
        assert len(store.waiting()) == 1
        again = sign_in(store, pin="135790")
        assert again.document("sbar", mine.aggregate.id)
        assert again.draft("sbar:2") == b"words"
        again.lock()
        assert store.unlock(ANNA, "135790").staff == ANNA


def test_who_never_signed_in_here_has_no_slot(tmp_path: Path) -> None:
    with phone(tmp_path) as store, pytest.raises(NoSlot):
        store.unlock(ANNA, PIN)


def test_a_colleague_reads_what_is_everybodys_and_nothing_of_mine(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        everybodys, mine = given(), asked()
        anna.save(everybodys, mine)
        anna.save_draft("sbar:2", b"words")
        bertil = sign_in(store, BERTIL, "Bertil")
        assert bertil.document("dose", everybodys.aggregate.id) == anna.document(
            "dose", everybodys.aggregate.id
        )
        assert bertil.document("sbar", mine.aggregate.id) is None
        assert bertil.documents("sbar") == []
        assert bertil.envelopes("sbar", mine.aggregate.id) == []
        assert bertil.draft("sbar:2") is None
        assert bertil.drafts() == []


def test_a_colleagues_keys_open_none_of_my_rows_wherever_they_are_put(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        mine = asked()
        [fact] = anna.save(mine)
        anna.save_draft("sbar:2", b"words")
        sign_in(store, BERTIL, "Bertil")
    bertils = Ring(bytes([BERTIL.encode()[-1] ^ 0xFF]) * 32)
    annas = Ring(bytes([ANNA.encode()[-1] ^ 0xFF]) * 32)
    rows = sqlite3.connect(tmp_path / "rapp.db")
    try:
        aggregate = annas.facts.lookup(mine.aggregate)
        [(payload,)] = rows.execute("SELECT payload FROM facts WHERE id = ?", (fact.id,)).fetchall()
        assert annas.rows.open("facts", fact.id.encode(), payload, aggregate)
        for ring in (bertils, Ring(PHONE_KEY)):
            with pytest.raises(Damaged):
                ring.rows.open("facts", fact.id.encode(), payload, aggregate)
            assert ring.facts.lookup(mine.aggregate) != aggregate
        with rows:
            for table in ("facts", "documents", "drafts"):
                moved = rows.execute(f"UPDATE {table} SET ring = ? WHERE ring = ?", (bertils.id, annas.id))
                assert moved.rowcount == 1
    finally:
        rows.close()
    with phone(tmp_path) as store:
        bertil = store.unlock(BERTIL, PIN)
        assert bertil.documents("sbar") == []
        assert bertil.draft("sbar:2") is None
        assert {one.table for one in bertil.damage} == {"documents", "facts"}


def test_a_slot_cannot_be_opened_under_a_colleagues_name(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil", pin="555666")
    rows = sqlite3.connect(tmp_path / "rapp.db")
    with rows:
        first, second = rows.execute("SELECT id, salt, wrapped FROM slots").fetchall()
        rows.execute("UPDATE slots SET salt = ?, wrapped = ? WHERE id = ?", (*second[1:], first[0]))
        rows.execute("UPDATE slots SET salt = ?, wrapped = ? WHERE id = ?", (*first[1:], second[0]))
    rows.close()
    with phone(tmp_path) as store:
        for staff, pin in ((ANNA, PIN), (ANNA, "555666"), (BERTIL, PIN), (BERTIL, "555666")):
            with pytest.raises(Damaged) as damaged:
                store.unlock(staff, pin)
            assert damaged.value.table == "slots"
        assert store.slots() == []
        store.slots()
        assert [one.table for one in store.damage] == ["slots", "slots"]


@pytest.mark.parametrize("column", ["salt", "wrapped", "card", "tries"])
def test_a_changed_byte_in_a_slot_is_damage_and_no_wrong_pin(tmp_path: Path, column: str) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
    rows = sqlite3.connect(tmp_path / "rapp.db")
    with rows:
        [(held,)] = rows.execute(f"SELECT {column} FROM slots").fetchall()
        rows.execute(f"UPDATE slots SET {column} = ?", (held[:-1] + bytes([held[-1] ^ 1]),))
    rows.close()
    with phone(tmp_path) as store, pytest.raises(Damaged, match="slots"):
        store.unlock(ANNA, PIN)


def test_another_device_secret_is_named_and_touches_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store).save(given())
    before = (tmp_path / "rapp.db").read_bytes()
    secret = (tmp_path / "secret").read_bytes()
    (tmp_path / "secret").write_bytes(bytes(32))
    with pytest.raises(WrongSecret):
        open_store(tmp_path)
    assert (tmp_path / "rapp.db").read_bytes() == before
    (tmp_path / "secret").write_bytes(secret)
    with phone(tmp_path) as store:
        assert store.unlock(ANNA, PIN).documents("dose")


def test_the_lock_screen_knows_the_nurses_number(tmp_path: Path) -> None:
    info = LockInfo(unit_name="Granen", phone_name="Granen 2", nurse=(OnCall("Nina", "070-1740605"),))
    with phone(tmp_path) as store:
        assert store.lock_info is None
        store.set_lock_info(info)
    with phone(tmp_path) as store:
        assert store.lock_info == info


@pytest.mark.parametrize(
    "thing", [lambda path: path / "rapp.db", lambda path: path / "secret", lambda path: path / "rapp.db-wal"]
)
def test_the_files_are_their_owners_alone(tmp_path: Path, thing: Callable[[Path], Path]) -> None:
    with phone(tmp_path) as store:
        sign_in(store).save(given())
        assert thing(tmp_path).stat().st_mode & 0o077 == 0


def test_a_colleagues_pin_opens_ones_own_slot_alone(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil", pin="555666")
        with pytest.raises(WrongPin):
            store.unlock(ANNA, "555666")
        assert store.unlock(BERTIL, "555666").staff == BERTIL

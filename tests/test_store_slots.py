"""Slots: a PIN opens one's own keys, wrong ones wait and close, and nobody opens a colleague's ring."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from care.unit import OnCall
from storage import Damaged, LockInfo, NoSlot, PinRule, Slot, WrongPin, WrongSecret
from storage.ring import Ring
from storage.rows import RowKeys
from tests.store_case import (
    ANNA,
    BERTIL,
    CILLA,
    NOON,
    PHONE_KEY,
    PIN,
    asked,
    given,
    open_store,
    phone,
    sign_in,
)

WRONG = "000000"


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


def test_no_slot_is_made_under_a_pin_that_may_not_be_chosen(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        with pytest.raises(PinRule):
            sign_in(store, pin="123456")
        assert store.slots() == []


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
        sign_in(store, BERTIL, "Bertil", pin="591736")
    rows = sqlite3.connect(tmp_path / "rapp.db")
    with rows:
        first, second = rows.execute("SELECT id, salt, wrapped FROM slots").fetchall()
        rows.execute("UPDATE slots SET salt = ?, wrapped = ? WHERE id = ?", (*second[1:], first[0]))
        rows.execute("UPDATE slots SET salt = ?, wrapped = ? WHERE id = ?", (*first[1:], second[0]))
    rows.close()
    with phone(tmp_path) as store:
        for staff, pin in ((ANNA, PIN), (ANNA, "591736"), (BERTIL, PIN), (BERTIL, "591736")):
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


def test_of_three_people_each_opens_their_own_and_nothing_of_anybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])
    people = {ANNA: "482913", BERTIL: "591736", CILLA: "730264"}
    cases = {staff: asked() for staff in people}
    with phone(tmp_path) as store:
        for staff, pin in people.items():
            one = sign_in(store, staff, staff, pin=pin)
            one.save(cases[staff], given())
            one.save_draft("sbar:1", staff.encode())
            one.remember("language", staff.encode())
            one.lock()
    with phone(tmp_path) as store:
        for staff in people:
            for whose, pin in people.items():
                if whose != staff:
                    with pytest.raises(WrongPin):
                        store.unlock(staff, pin)
            one = store.unlock(staff, people[staff])
            assert [case.id for case in one.documents("sbar")] == [cases[staff].aggregate.id]
            assert len(one.documents("dose")) == len(people)
            assert one.draft("sbar:1") == one.recall("language") == staff.encode()
            one.lock()


def test_each_key_opens_its_own_rows_and_none_of_the_others(tmp_path: Path) -> None:
    """The phone key, three own keys and the device's: every row under every one of them."""
    whose = {staff: Ring(bytes([staff.encode()[-1] ^ 0xFF]) * 32) for staff in (ANNA, BERTIL, CILLA)}
    rings = {**whose, "phone": Ring(PHONE_KEY)}
    with phone(tmp_path) as store:
        for staff in whose:
            one = sign_in(store, staff, staff)
            one.save(asked(), given())
            one.save_draft("sbar:1", b"words")
    device = RowKeys((tmp_path / "secret").read_bytes(), b"device")
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows:
        held = rows.execute("SELECT ring, id, payload, aggregate FROM facts").fetchall()
        begun = rows.execute("SELECT ring, key, payload, x'' FROM drafts").fetchall()
    assert len(held) == 6
    assert len(begun) == 3
    for table, found in (("facts", held), ("drafts", begun)):
        for ring, key, payload, bound in found:
            key = key.encode() if isinstance(key, str) else key
            opened = [name for name, one in rings.items() if opens(one.rows, table, key, payload, bound)]
            assert opened == [name for name, one in rings.items() if one.id == ring]
            assert not opens(device, table, key, payload, bound)


def opens(keys: RowKeys, table: str, key: bytes, payload: bytes, bound: bytes) -> bool:
    try:
        keys.open(table, key, payload, bound)
    except Damaged:
        return False
    return True

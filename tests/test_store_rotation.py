"""The key of a ring is exchanged: everybody is taken along, and nothing is left under the old one."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from care.facts import Ref
from storage import Damaged, ForeignKeys, SlotClosed, Store, Unlocked
from storage.rows import RowKeys
from tests.store_case import (
    ANNA,
    BERTIL,
    NOON,
    PERSON,
    PHONE_KEY,
    PIN,
    UNIT,
    asked,
    elsewhere,
    fallen,
    given,
    new_id,
    open_store,
    page,
    phone,
    sign_in,
)

NEWER, NEWEST = b"\x2a" * 32, b"\x2b" * 32
OWN_NEWER = b"\x2c" * 32
QUESTION, REPORT = new_id(), new_id()


def dose(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def own_key(staff: str) -> bytes:
    return bytes([staff.encode()[-1] ^ 0xFF]) * 32


def filled(store: Store) -> Unlocked:
    """Anna has signed, asked, begun and noted; and a page has come."""
    anna = sign_in(store)
    for number in range(60):
        anna.save(given(dose(number)))
    anna.save(given(dose(0), "6 tabletter"))
    anna.save(asked(QUESTION))
    anna.save_draft("fall", b"begun")
    anna.remember("seen", b"yes")
    store.take_page(
        page(f"nurse:{UNIT}", [elsewhere(fallen("from the corridor"), Ref("deviation", REPORT))]), anna
    )
    return anna


def holds_all(who: Unlocked) -> bool:
    doses = {one.id for one in who.documents("dose")}
    return (
        doses == {dose(number) for number in range(60)}
        and who.document("dose", dose(0)).rank == 2  # type: ignore[union-attr]
        and not who.damage
    )


def hers(anna: Unlocked) -> bool:
    return (
        holds_all(anna)
        and anna.document("sbar", QUESTION) is not None
        and anna.document("deviation", REPORT) is not None
        and (anna.draft("fall"), anna.recall("seen")) == (b"begun", b"yes")
        and len(anna.newest(PERSON, 100)) == 62
    )


def signed_in_anew(store: Store) -> Unlocked:
    """Bertil, with what the endpoint hands out since the exchange."""
    keys = b"\x05" * 32, PHONE_KEY + NEWER, own_key(BERTIL)
    return store.set_slot(BERTIL, "Bertil Berg", "nurse", "sv", PIN, *keys, NOON + timedelta(days=30))


def exchanged(who: Unlocked) -> None:
    while who.exchange():
        pass


def versions(folder: Path) -> dict[str, set[int]]:
    """Which versions of the key the rows of each table say, whatever ring they are in."""
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        return {
            table: {
                one for (one,) in rows.execute(f"SELECT DISTINCT hex(substr(payload, 2, 1)) FROM {table}")
            }
            for table in ("facts", "documents", "drafts", "notes")
        }


def links(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        return int(rows.execute("SELECT count(*) FROM links").fetchone()[0])


def test_what_is_there_is_encrypted_anew_and_what_comes_is_under_the_new_key(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        anna.save(given(dose(59)))
        assert versions(tmp_path)["facts"] == {"01", "02"}
        assert hers(anna)
        exchanged(anna)
        assert hers(anna)
        assert set(map(frozenset, versions(tmp_path).values())) == {frozenset({"02"})}
        anna.save(given(dose(59)))
        anna.lock()
        assert hers(store.unlock(ANNA, PIN))
    with phone(tmp_path) as store:
        assert hers(store.unlock(ANNA, PIN))


def test_the_old_secrets_open_no_row_any_more_and_the_new_one_does(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        exchanged(anna)
        anna.lock()
        store.unlock(ANNA, PIN)
    old = [RowKeys(PHONE_KEY, b"ring"), RowKeys(own_key(ANNA), b"ring")]
    new = [RowKeys(PHONE_KEY + NEWER, b"ring"), RowKeys(own_key(ANNA) + OWN_NEWER, b"ring")]
    opened = 0
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows:
        assert rows.execute("SELECT count(*) FROM links").fetchone() == (0,)
        for aggregate, fact, payload in rows.execute("SELECT aggregate, id, payload FROM facts"):
            for one in old:
                for head in (payload[:2], b"\x01\x01"):
                    with pytest.raises(Damaged):
                        one.open("facts", fact.encode(), head + payload[2:], aggregate)
            for one in new:
                try:
                    one.open("facts", fact.encode(), payload, aggregate)
                except Damaged:
                    continue
                opened += 1
    assert opened == 63


def test_a_row_put_back_from_before_the_exchange_is_damaged(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        filled(store)
    shutil.copy(tmp_path / "rapp.db", tmp_path / "before.db")
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        exchanged(anna)
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
        rows.execute("ATTACH ? AS before", (str(tmp_path / "before.db"),))
        for table in ("facts", "documents"):
            rows.execute(f"DELETE FROM {table}")
            rows.execute(f"INSERT INTO {table} SELECT * FROM before.{table}")
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert anna.documents("dose") == []
        assert anna.damage


def test_a_colleague_is_led_to_the_new_key_and_then_nothing_leads_there(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store, BERTIL, "Bertil Berg").lock()
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        anna.lock()
        assert links(tmp_path) == 2
        anna = store.unlock(ANNA, PIN)
        # Her own slot holds her own newer secret now; Bertil's does not hold the phone's yet.
        assert links(tmp_path) == 1
        exchanged(anna)
        anna.lock()
    with phone(tmp_path) as store:
        bertil = store.unlock(BERTIL, PIN)
        assert holds_all(bertil)
        assert links(tmp_path) == 0
        bertil.save(given(dose(60)))
        bertil.lock()
        assert store.unlock(BERTIL, PIN).document("dose", dose(60))


def test_a_new_colleague_who_signs_in_meanwhile_reads_all_and_the_others_follow(tmp_path: Path) -> None:
    """The endpoint hands out the whole chain before this phone has heard of the exchange."""
    with phone(tmp_path) as store:
        anna = filled(store)
        bertil = signed_in_anew(store)
        assert holds_all(bertil)
        bertil.save(given(dose(0), "7 tabletter"))
        assert anna.document("dose", dose(0)).rank == 3  # type: ignore[union-attr]
        exchanged(bertil)
        bertil.lock()
        anna.lock()
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert len(anna.documents("dose")) == 60
        assert not anna.damage
        assert links(tmp_path) == 0


def test_two_exchanges_while_somebody_is_away(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store, BERTIL, "Bertil Berg").lock()
        anna = filled(store)
        for chain in (PHONE_KEY + NEWER, PHONE_KEY + NEWER + NEWEST):
            anna.take_keys(chain, own_key(ANNA))
            anna.exchange(10)
        exchanged(anna)
        assert hers(anna)
        assert holds_all(store.unlock(BERTIL, PIN))


@pytest.fixture
def broken_off(tmp_path: Path) -> Iterator[Store]:
    """Twenty aggregates have been encrypted anew when the phone is killed."""
    folder = tmp_path / "phone"
    with phone(folder) as store:
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        anna.exchange(20)
        shutil.copytree(folder, tmp_path / "killed")
    store = open_store(tmp_path / "killed")
    yield store
    store.close()


def test_it_goes_on_where_it_was_broken_off(broken_off: Store, tmp_path: Path) -> None:
    anna = broken_off.unlock(ANNA, PIN)
    assert hers(anna)
    assert versions(tmp_path / "killed")["facts"] == {"01", "02"}
    exchanged(anna)
    assert hers(anna)
    assert versions(tmp_path / "killed")["facts"] == {"02"}


def test_keys_that_are_not_this_phones_are_not_used(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = filled(store)
        for chain in (NEWER, NEWER + NEWEST, PHONE_KEY + b"short"):
            with pytest.raises(ForeignKeys):
                anna.take_keys(chain, own_key(ANNA))
        anna.take_keys(PHONE_KEY, own_key(ANNA))
        assert versions(tmp_path)["facts"] == {"01"}
        assert links(tmp_path) == 0


def test_an_answer_from_before_the_exchange_changes_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA))
        anna.take_keys(PHONE_KEY, own_key(ANNA))
        exchanged(anna)
        anna.take_keys(PHONE_KEY, own_key(ANNA))
        assert hers(anna)


@pytest.mark.parametrize("change", ["UPDATE links SET payload = zeroblob(60)", "DELETE FROM links"])
def test_where_nothing_leads_on_a_sign_in_does(tmp_path: Path, change: str) -> None:
    with phone(tmp_path) as store:
        sign_in(store, BERTIL, "Bertil Berg").lock()
        anna = filled(store)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA))
        exchanged(anna)
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as rows, rows:
        rows.execute(change)
    with phone(tmp_path) as store:
        with pytest.raises(SlotClosed):
            store.unlock(BERTIL, PIN)
        assert holds_all(signed_in_anew(store))


def test_somebody_who_leaves_takes_their_links_along(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store, BERTIL, "Bertil Berg").lock()
        anna = filled(store)
        anna.take_keys(PHONE_KEY, own_key(ANNA) + OWN_NEWER)
        assert links(tmp_path) == 1
        store.keeper.end_slot(ANNA)
        assert links(tmp_path) == 0


def test_a_finger_opens_what_has_been_encrypted_anew_since_it_was_allowed(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = filled(store)
        key = store.finger.allow(ANNA, PIN)
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        exchanged(anna)
    with phone(tmp_path) as store:
        assert hers(store.finger.ask(ANNA)(key))


def test_what_has_left_the_phone_is_known_under_the_new_key_too(tmp_path: Path) -> None:
    """Of what was purged a mark stays, under the ring's key: something new of it is then fetched whole."""
    with phone(tmp_path) as store:
        anna = sign_in(store)
        gone = given(dose(1))
        store.take_page(page(f"unit:{UNIT}", [elsewhere(gone.body, gone.aggregate)]), anna)
        assert sum(store.tidy.purge(anna, NOON + timedelta(days=40))) == 1
        anna.take_keys(PHONE_KEY + NEWER, own_key(ANNA) + OWN_NEWER)
        exchanged(anna)
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        anna.save(given(dose(1)))
        assert [one.ref for one in store.wanted(anna)] == [gone.aggregate]
        assert not anna.damage

"""Wrong PINs: free, then waited for, then closed. No restart and no clock makes a wait shorter."""

import time
from pathlib import Path

import pytest

from storage import SlotClosed, Store, WrongPin
from storage.slots import FREE_TRIES, MOST_TRIES
from storage.ticking import ticks
from tests.store_case import ANNA, BERTIL, PIN, Time, asked, phone, sign_in

WRONG = "000000"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten wrong PINs in scrypt's time would be the test's time."""
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])


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


def wrong_until_it_waits(store: Store) -> None:
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(WrongPin):
            store.unlock(ANNA, WRONG)


def left(store: Store) -> int:
    """How long the right PIN still waits; 0: it opens."""
    try:
        store.unlock(ANNA, PIN).lock()
    except WrongPin as early:
        return early.wait_s
    return 0


@pytest.mark.parametrize("days", [3650, -3650, 1, 0])
def test_setting_the_clock_changes_no_wait(tmp_path: Path, days: int) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        wrong_until_it_waits(store)
        now.pass_(10)
        now.set_by(days=days)
        assert left(store) == 20
        now.set_by(days=-2 * days)
        now.pass_(19)
        assert left(store) == 1
        now.pass_(1)
        assert left(store) == 0


@pytest.mark.parametrize("days", [3650, -3650, 0])
@pytest.mark.parametrize("ticks", [0.0, 1e9], ids=["reboot", "restart"])
def test_a_wait_begins_anew_with_the_app_whatever_the_clocks_say(
    tmp_path: Path, days: int, ticks: float
) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        wrong_until_it_waits(store)
    now = Time()
    now.set_by(days=days)
    now.pass_(ticks)
    with phone(tmp_path, now) as store:
        assert left(store) == 30
        now.pass_(29)
        assert left(store) == 1
        # Restarted again and again, it never gets shorter.
    with phone(tmp_path, now) as store:
        assert left(store) == 30
        now.pass_(30)
        assert left(store) == 0


def test_a_wait_is_that_of_one_person(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil")
        wrong_until_it_waits(store)
        assert left(store) == 30
        assert store.unlock(BERTIL, PIN).staff == BERTIL


def test_the_phones_own_clock_goes_forward_and_is_not_the_wall_clock() -> None:
    before = ticks()
    time.sleep(0.01)
    assert 0.01 <= ticks() - before < 5
    assert abs(ticks() - time.time()) > 1e6


def test_the_right_pin_forgets_the_wrong_ones(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        for _ in range(3):
            for _ in range(FREE_TRIES):
                with pytest.raises(WrongPin):
                    store.unlock(ANNA, WRONG)
            store.unlock(ANNA, PIN)


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

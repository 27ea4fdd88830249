"""Another PIN around the same keys: by one's own choice, and when a slot can be made dearer to guess."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import NoSlot, PinRule, SlotClosed, Store, WrongPin, keys
from storage.keys import SCRYPT_N
from storage.slots import MOST_TRIES
from tests.store_case import ANNA, BERTIL, PIN, Time, asked, open_store, phone, sign_in

NEW = "730264"
Counted = list[int]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Instead of scrypt's time, the n that each try was made with."""
    tried: Counted = []

    def cheap(pin: str, secret: bytes, salt: bytes, n: int) -> bytes:
        tried.append(n)
        return (pin.encode() + n.to_bytes(4, "big") + secret)[:32]

    monkeypatch.setattr("storage.keys._kek", cheap)
    return tried


def n_of(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / "rapp.db")) as rows:
        return [n for (n,) in rows.execute("SELECT n FROM slots ORDER BY n")]


def test_the_new_pin_opens_what_the_old_one_did_and_the_old_one_nothing(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        public, mine = anna.signing_public, asked()
        anna.save(mine)
        store.change_pin(ANNA, PIN, NEW)
        assert not anna.locked
    with phone(tmp_path) as store:
        with pytest.raises(WrongPin):
            store.unlock(ANNA, PIN)
        anna = store.unlock(ANNA, NEW)
        assert anna.signing_public == public
        assert anna.document("sbar", mine.aggregate.id)


@pytest.mark.usefixtures("quick")
def test_a_wrong_old_pin_counts_and_closes_like_any_other(tmp_path: Path) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store)
        for tried in range(1, MOST_TRIES):
            with pytest.raises(WrongPin) as wrong:
                store.change_pin(ANNA, NEW, "861432")
            assert wrong.value.tries_left == MOST_TRIES - tried
            now.pass_(wrong.value.wait_s)
        with pytest.raises(SlotClosed):
            store.change_pin(ANNA, NEW, "861432")
        with pytest.raises(SlotClosed):
            store.change_pin(ANNA, PIN, NEW)


@pytest.mark.usefixtures("quick")
def test_an_easy_new_pin_is_refused_before_the_old_one_is_tried(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        with pytest.raises(PinRule):
            store.change_pin(ANNA, "000000", "123456")
        with pytest.raises(WrongPin) as wrong:
            store.unlock(ANNA, "000000")
        assert wrong.value.tries_left == MOST_TRIES - 1


@pytest.mark.usefixtures("quick")
def test_only_ones_own_pin_changes(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil", pin="591736")
        store.change_pin(ANNA, PIN, NEW)
        assert store.unlock(BERTIL, "591736").staff == BERTIL
        with pytest.raises(NoSlot):
            store.change_pin("nobody", PIN, NEW)


@pytest.mark.parametrize("what", ["sign-in", "end"])
def test_a_sign_in_or_an_end_that_comes_between_is_not_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        wrap = keys.wrap

        def between(*given: object) -> keys.Lock:
            made = wrap(*given)  # type: ignore[arg-type]
            monkeypatch.setattr("storage.keys.wrap", wrap)
            if what == "end":
                store.keeper.end_slot(ANNA)
            else:
                sign_in(store, pin="861432")
            return made

        monkeypatch.setattr("storage.keys.wrap", between)
        with pytest.raises(NoSlot):
            store.change_pin(ANNA, PIN, NEW)
        if what == "end":
            assert store.slots() == []
        else:
            assert store.unlock(ANNA, "861432").staff == ANNA


def test_an_older_cheaper_slot_is_made_dearer_at_the_next_unlock(tmp_path: Path, quick: Counted) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
        sign_in(store, BERTIL, "Bertil")
        public = store.unlock(ANNA, PIN).signing_public
    assert n_of(tmp_path) == [SCRYPT_N, SCRYPT_N]
    for _ in range(2):
        with closing(open_store(tmp_path, price=2 * SCRYPT_N)) as store:
            assert store.unlock(ANNA, PIN).signing_public == public
    assert n_of(tmp_path) == [SCRYPT_N, 2 * SCRYPT_N]
    # A slot that is dearer than is asked for is left as it is.
    with phone(tmp_path) as store:
        store.unlock(ANNA, PIN)
    assert n_of(tmp_path) == [SCRYPT_N, 2 * SCRYPT_N]
    assert quick == [SCRYPT_N] * 4 + [2 * SCRYPT_N] * 3


def test_the_device_is_measured_once_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])
    measured: list[int] = []

    def measure() -> int:
        measured.append(2**16)
        return 2**16

    monkeypatch.setattr("storage.keys.measured", measure)
    for _ in range(3):
        with closing(open_store(tmp_path, price=None)) as store:
            if store.device is None:
                with phone(tmp_path):
                    pass
    for number in range(3):
        with closing(open_store(tmp_path, price=None)) as store:
            if number == 0:
                sign_in(store)
            store.unlock(ANNA, PIN)
    assert measured == [2**16]
    assert n_of(tmp_path) == [2**16]


STEPS = 40
"""More statements than a change of PIN has."""


@pytest.mark.usefixtures("quick")
def test_whenever_the_app_is_killed_the_old_pin_opens_or_the_new_one_does(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
    pins, died = [PIN, NEW], 0
    for step in range(STEPS):
        if not killed_at(step, tmp_path, *pins):
            break
        died += 1
        with phone(tmp_path) as store:
            opened = [pin for pin in pins if opens(store, pin)]
        assert len(opened) == 1
        pins.sort(key=lambda pin: pin != opened[0])
    assert 4 <= died < STEPS
    with phone(tmp_path) as store:
        assert [opens(store, pin) for pin in pins] == [False, True]


def killed_at(step: int, folder: Path, old: str, new: str) -> bool:
    """Change the PIN in a child that dies at a statement; False: it was done before."""
    child = os.fork()
    if child == 0:
        left = step

        def count(_: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        store = open_store(folder)
        with store._database.reading() as connection:
            connection.set_trace_callback(count)
        store.change_pin(ANNA, old, new)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def opens(store: Store, pin: str) -> bool:
    try:
        store.unlock(ANNA, pin).lock()
    except WrongPin:
        return False
    return True

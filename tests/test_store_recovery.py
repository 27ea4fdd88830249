"""A damaged file is set aside, never changed; the app goes on in a new one, and nothing sealed is lost."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from care.facts import Ref
from care.unit import OnCall
from storage import Damaged, FileSecret, LockInfo, Store, checking, open_store
from storage.aside import set_aside
from storage.chain import BREAK
from storage.checking import Watch
from storage.salvage import mine
from tests.store_case import (
    ANNA,
    PIN,
    UNIT,
    Time,
    asked,
    deliver,
    elsewhere,
    fallen,
    given,
    new_id,
    page,
    phone,
    sign_in,
)

PAGE = 4096
UNSENT = 13


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phone with 12 facts that wait and one that spills over many pages, a slot, a draft, a cursor."""
    folder = tmp_path_factory.mktemp("made")
    with phone(folder) as store:
        anna = sign_in(store)
        store.set_lock_info(LockInfo(unit_name="Granen", nurse=(OnCall("Nina", "070-1740605"),)))
        for _ in range(6):
            anna.save(given(), asked(words="x" * 500))
        anna.save(asked(words="x" * 10_000))
        anna.save_draft("sbar:1", b"begun")
        there = given()
        store.take_page(page(f"unit:{UNIT}", [elsewhere(there.body, there.aggregate)]), anna)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def recovered(folder: Path, now: Time | None = None) -> Store:
    return open_store(folder / "rapp.db", FileSecret(folder / "secret"), now or Time())


def asides(folder: Path) -> list[Path]:
    return sorted(one for one in folder.glob("rapp.db.damaged-*") if not one.name.endswith(("-wal", "-shm")))


def broken(folder: Path, at: int, length: int = PAGE) -> bytes:
    path = folder / "rapp.db"
    content = bytearray(path.read_bytes())
    content[at : at + length] = os.urandom(length)
    path.write_bytes(content)
    return bytes(content)


def test_a_broken_header_costs_nothing_that_waits_nor_the_enrolment(folder: Path) -> None:
    content = broken(folder, 0, 16)
    with pytest.raises(Damaged):
        Store.open(folder / "rapp.db", FileSecret(folder / "secret"), Time())
    assert (folder / "rapp.db").read_bytes() == content
    store = recovered(folder)
    try:
        [aside] = asides(folder)
        assert aside.read_bytes() == content
        assert store.counts().waiting == UNSENT
        assert store.device
        assert store.lock_info
        assert store.lock_info.nurse[0].phone == "070-1740605"
        assert store.mishap
        assert (store.mishap.what, store.mishap.sealed, store.mishap.aside) == (
            "salvaged",
            UNSENT,
            aside.name,
        )
        report = store.report(fallen("x"), Ref("deviation", new_id()), UNIT)
        assert (report.seq, report.prev) == (UNSENT + BREAK + 1, None)
        sent = deliver(store)
        assert len(sent) == UNSENT + 1
        assert store.counts().waiting == 0
        anna = store.unlock(ANNA, PIN)
        assert anna.draft("sbar:1") == b"begun"
        assert len(anna.documents("dose")) == 7
        assert sorted(one.name for one in folder.iterdir() if "rapp.db." in one.name) == [
            *(one.name for one in asides(folder)),
        ]
    finally:
        store.close()


def test_whatever_page_is_broken_only_what_stood_on_it_is_lost(made: Path, tmp_path: Path) -> None:
    """Every page in turn: the app opens, and sends all but the few sealed facts of that page."""
    pages = (made / "rapp.db").stat().st_size // PAGE
    lost, strangers = [], 0
    for number in range(pages):
        folder = tmp_path / str(number)
        shutil.copytree(made, folder)
        broken(folder, number * PAGE)
        checking.doubt(folder / "rapp.db")
        store = recovered(folder)
        try:
            strangers += store.device is None
            lost.append(UNSENT - store.counts().waiting)
            assert store.counts().waiting == len(store.waiting(1000))
        finally:
            store.close()
            shutil.rmtree(folder)
    # Some 1.2 KB each, so three to a page; and the large one breaks with any of its pages.
    assert max(lost) <= 3
    assert min(lost) == 0
    assert strangers <= 1


def test_who_has_a_slot_and_what_they_had_begun_is_there_again(folder: Path) -> None:
    """Where the broken page held something else. The streams are read anew."""
    with sqlite3.connect(folder / "rapp.db") as rows:
        (root,) = rows.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'").fetchone()
    rows.close()
    broken(folder, (root - 1) * PAGE)
    checking.doubt(folder / "rapp.db")
    store = recovered(folder)
    try:
        assert store.counts().waiting >= UNSENT - 3
        anna = store.unlock(ANNA, PIN)
        assert anna.draft("sbar:1") == b"begun"
        assert len(anna.documents("dose")) == 7
        assert store.cursor(f"unit:{UNIT}") is None
        assert anna.damage == []
        assert anna.save(given())[0].seq > BREAK
    finally:
        store.close()


def test_a_row_whose_own_seal_is_broken_is_sent_all_the_same(folder: Path) -> None:
    with sqlite3.connect(folder / "rapp.db") as rows:
        rows.execute("UPDATE outbox SET payload = ? WHERE n = 3", (b"\x01\x01" + bytes(60),))
    rows.close()
    broken(folder, 0, 16)
    store = recovered(folder)
    try:
        assert store.counts().waiting == UNSENT
        assert len(deliver(store)) == UNSENT
        assert store.counts() == type(store.counts())(0, 0)
    finally:
        store.close()


@pytest.mark.parametrize("part", [0.0, 0.25, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_noticed_when_it_is_opened(folder: Path, part: float) -> None:
    path = folder / "rapp.db"
    size = int(path.stat().st_size * part)
    os.truncate(path, size)
    store = recovered(folder)
    try:
        if part == 0.0:
            # An empty file is a new one: nothing is left that could tell.
            assert store.device is None
            return
        [aside] = asides(folder)
        assert aside.stat().st_size == size
        assert store.mishap
        assert store.device
    finally:
        store.close()


def test_a_file_of_which_only_the_log_is_left_gives_up_what_is_in_the_log(folder: Path) -> None:
    with phone(folder) as store:
        store.unlock(ANNA, PIN).save(given())
        shutil.copy(folder / "rapp.db-wal", folder / "kept-wal")
    (folder / "rapp.db").write_bytes(b"")
    (folder / "kept-wal").rename(folder / "rapp.db-wal")
    store = recovered(folder)
    try:
        assert store.counts().waiting == 1
        assert len(asides(folder)) == 1
    finally:
        store.close()


def test_nothing_but_noise_is_set_aside_and_the_phone_begins_anew(folder: Path) -> None:
    content = broken(folder, 0, (folder / "rapp.db").stat().st_size)
    store = recovered(folder)
    try:
        assert store.device is None
        assert store.slots() == []
        assert store.mishap
        assert store.mishap.sealed == 0
        assert [one.read_bytes() for one in asides(folder)] == [content]
    finally:
        store.close()
    again = recovered(folder)
    assert len(asides(folder)) == 1
    again.close()


def test_a_second_damage_sets_aside_a_second_file(folder: Path) -> None:
    for count in (1, 2):
        broken(folder, 0, 16)
        store = recovered(folder)
        assert len(asides(folder)) == count
        assert store.counts().waiting == UNSENT
        store.close()


def _before_the_log(folder: Path) -> None:
    (folder / "rapp.db").rename(folder / "rapp.db.damaged-20260303T120000-1")


def _before_the_new_file(folder: Path) -> None:
    set_aside(folder / "rapp.db", Time()())


def _in_the_new_file(folder: Path) -> None:
    set_aside(folder / "rapp.db", Time()())
    (folder / "rapp.db.new").write_bytes(b"half of it")


@pytest.mark.parametrize("stopped", [_before_the_log, _before_the_new_file, _in_the_new_file])
def test_a_recovery_that_was_killed_goes_on_at_the_next_start(
    folder: Path, stopped: Callable[[Path], None]
) -> None:
    with phone(folder) as store:
        # In the log, not yet in the file.
        store.unlock(ANNA, PIN).save(given())
        for end in ("", "-wal"):
            shutil.copy(folder / f"rapp.db{end}", folder / f"kept{end}")
    (folder / "kept").rename(folder / "rapp.db")
    (folder / "kept-wal").rename(folder / "rapp.db-wal")
    stopped(folder)
    store = recovered(folder)
    try:
        assert store.counts().waiting == UNSENT + 1
        assert store.device
    finally:
        store.close()
    assert not (folder / "rapp.db-wal").exists()
    assert not (folder / "rapp.db.new").exists()


def test_a_page_that_breaks_while_the_app_runs_is_set_aside_at_the_next_start(folder: Path) -> None:
    with sqlite3.connect(folder / "rapp.db") as rows:
        (root,) = rows.execute("SELECT rootpage FROM sqlite_master WHERE name = 'drafts'").fetchone()
    rows.close()
    broken(folder, (root - 1) * PAGE)
    store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), Time())
    try:
        assert not store.doubted
        anna = store.unlock(ANNA, PIN)
        with pytest.raises(Damaged):
            anna.save_draft("sbar:2", b"words")
        assert store.doubted
        # What does not touch the page goes on.
        assert anna.save(given())
    finally:
        store.close()
    store = recovered(folder)
    try:
        assert not store.doubted
        assert len(asides(folder)) == 1
        assert store.counts().waiting == UNSENT + 1
        store.unlock(ANNA, PIN).save_draft("sbar:2", b"words")
    finally:
        store.close()


def test_a_doubt_about_a_whole_file_passes(folder: Path) -> None:
    checking.doubt(folder / "rapp.db")
    store = recovered(folder)
    store.close()
    assert asides(folder) == []
    assert not checking.doubted(folder / "rapp.db")


def test_once_a_day_the_file_is_looked_through_beside_the_app(folder: Path) -> None:
    now = Time()
    path = folder / "rapp.db"
    found: list[Damaged] = []

    def look() -> None:
        Watch(path, now(), found.append).wait()

    def marked() -> float:
        return path.with_name("rapp.db.checked").stat().st_mtime

    look()
    first = marked()
    now.pass_(3600)
    look()
    assert marked() == first
    now.pass_(timedelta(days=1).total_seconds())
    look()
    assert marked() == now().timestamp()
    # A clock that is set back ten years stops no check.
    now.pass_(-timedelta(days=3650).total_seconds())
    look()
    assert marked() == now().timestamp()
    assert found == []
    broken(folder, (path.stat().st_size // PAGE - 3) * PAGE)
    now.pass_(-60)
    look()
    assert [one.table for one in found] == ["file"]
    assert checking.doubted(path)


def test_what_was_read_is_read_once(folder: Path) -> None:
    broken(folder, 0, 16)
    store = recovered(folder)
    store.seen()
    assert store.mishap is None
    store.close()
    store = recovered(folder)
    assert store.mishap is None
    store.close()


def test_setting_aside_never_writes_over_what_was_set_aside_before(tmp_path: Path) -> None:
    kept = []
    for content in (b"one", b"two"):
        (tmp_path / "rapp.db").write_bytes(content)
        (tmp_path / "rapp.db-wal").write_bytes(content)
        kept.append(set_aside(tmp_path / "rapp.db", Time()()))
    assert [path.read_bytes() for path in kept] == [b"one", b"two"]
    assert [path.with_name(path.name + "-wal").read_bytes() for path in kept] == [b"one", b"two"]


def test_the_log_of_a_file_that_was_not_closed_is_mined_too(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        [fact] = sign_in(store).save(given())
        for damage in (0, 100):
            copied = tmp_path / "copied.db"
            shutil.copy(tmp_path / "rapp.db", copied)
            shutil.copy(tmp_path / "rapp.db-wal", tmp_path / "copied.db-wal")
            copied.write_bytes(os.urandom(damage) + copied.read_bytes()[damage:])
            assert [sealed.id for sealed in mine(copied)] == [fact.id]


def test_what_was_being_saved_when_the_log_ends_is_not_mined(tmp_path: Path) -> None:
    """Its last frame, which ends the transaction, is not there: nobody was told that it is saved."""
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [first], [second] = anna.save(given()), anna.save(given())
        log = (tmp_path / "rapp.db-wal").read_bytes()
        copied = tmp_path / "copied.db"
        copied.write_bytes(os.urandom(100) + (tmp_path / "rapp.db").read_bytes()[100:])
        for cut, left in ((0, [first.id, second.id]), (24 + PAGE, [first.id])):
            (tmp_path / "copied.db-wal").write_bytes(log[: len(log) - cut])
            assert [sealed.id for sealed in mine(copied)] == left

"""Disks that fail, for real: each failure has its type and its sentence, and what was said to be saved is
there."""

import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.facts import EARLIEST
from storage import Busy, FileGone, StorageError, errors
from tests.failing_disk import held
from tests.store_case import (
    ANNA,
    NOON,
    PIN,
    Time,
    a_clear_chain,
    deliver,
    given,
    phone,
    sign_in,
)
from views.faults import words_of
from views.guard import describe
from views.texts import Texts
from views.theme import LIGHT, Look

ROOT = Path(__file__).parent.parent
LOOK = Look(palette=LIGHT, texts=Texts.load("sv"))


def said(error: StorageError) -> str:
    return words_of(LOOK, describe(error))[0]


def child(how: str, folder: Path, *before: str) -> dict[str, Any]:
    """A phone in a process of its own."""
    command = [*before, sys.executable, "-m", "tests.failing_disk", how, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told if "held" in told else held(folder) | told


def in_use(folder: Path) -> None:
    """A phone that Anna has signed in on."""
    with phone(folder) as store:
        sign_in(store)


def traced(call: str, error: str, when: str) -> tuple[str, ...]:
    """The kernel answers so, from the first of such calls on and at each step after it."""
    return ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={when}")


def nothing_lost(told: dict[str, Any]) -> None:
    assert told["saved"] == told["held"] == told["waiting"]
    assert told["gapless"]


def own_mount(folder: Path) -> tuple[str, ...]:
    """A disk of its own of two megabytes; empty where this machine lets nobody have one."""
    inside = f'mount -t tmpfs -o size=2m tmpfs "{folder}" && exec "$@"'
    for enter in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
        before = (*enter, "sh", "-c", inside, "sh")
        if shutil.which("unshare") and not subprocess.run([*before, "true"], capture_output=True).returncode:
            return before
    return ()


def test_a_full_disk(tmp_path: Path) -> None:
    before = own_mount(tmp_path)
    # Without leave to mount, the kernel's answer is put in the way of the writes themselves.
    how = "full" if before else "failing"
    if not before:
        in_use(tmp_path)
    before = before or traced("pwrite64", "ENOSPC", "100+97")
    told = child(how, tmp_path, *before)
    assert told["kind"] == "DiskFull"
    nothing_lost(told)
    assert said(errors.DiskFull("x")) == "Telefonen är full."


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    told = child("limited", tmp_path)
    assert told["kind"] == "DiskFault"
    nothing_lost(told)


@pytest.mark.parametrize(("call", "when"), [("pwrite64", "100+97"), ("fdatasync", "10+7")])
def test_an_error_of_the_disk(tmp_path: Path, call: str, when: str) -> None:
    """Now and then what reaches for the disk fails."""
    in_use(tmp_path)
    told = child("failing", tmp_path, *traced(call, "EIO", when))
    assert told["kind"] == "DiskFault"
    assert 5 < len(told["saved"]) < 60
    nothing_lost(told)
    assert said(errors.DiskFault("x")) == "Telefonens minne svarar inte som det ska."


def test_a_disk_that_may_not_be_written(tmp_path: Path) -> None:
    told = child("read_only", tmp_path)
    assert told["kind"] == "ReadOnly"
    nothing_lost(told)
    assert said(errors.ReadOnly("x")) == "Telefonen kan inte spara just nu."


def test_another_process_that_holds_the_file(tmp_path: Path) -> None:
    hold = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given())
        store._database._connection.execute("PRAGMA busy_timeout = 50")
        command = [sys.executable, "-c", hold, str(tmp_path / "rapp.db")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout
            assert other.stdin
            assert other.stdout.readline() == "held\n"
            with pytest.raises(Busy) as busy:
                anna.save(given())
            assert said(busy.value) == "Något annat på telefonen använder det som är sparat."
            # What is read is read all the same.
            assert len(anna.documents("dose")) == 1
            other.stdin.close()
            other.wait(10)
        anna.save(given())
        a_clear_chain(deliver(store))


@pytest.mark.parametrize("years", [10, 60])
def test_a_clock_that_is_set_back(tmp_path: Path, years: int) -> None:
    now = Time()
    with phone(tmp_path, now) as store:
        sign_in(store).save(given())
    now.now = NOON - timedelta(days=365 * years)
    with phone(tmp_path, now) as store:
        anna = store.unlock(ANNA, PIN)
        anna.save(given())
        anna.save_draft("sbar:1", b"begun")
        now.now = NOON
        [last] = anna.save(given())
        assert anna.draft("sbar:1") == b"begun"
        sent = deliver(store)
        a_clear_chain(sent)
        times = [of.fact().at for of in sent]
        assert times == [NOON, max(EARLIEST, NOON - timedelta(days=365 * years)), last.at]


def test_a_file_that_is_deleted_under_the_app_is_there_again_with_all_that_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "rapp.db"
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given())
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink()
        anna.save(given())
        assert path.stat().st_mode & 0o777 == 0o600
        # And it is a file like any other: what another process reads there is all of it.
        with sqlite3.connect(path) as rows:
            assert rows.execute("SELECT count(*) FROM outbox").fetchone() == (2,)
        rows.close()
        path.unlink()
        assert len(anna.documents("dose")) == 2
    # Taken away again, and the app closed without another save.
    with phone(tmp_path) as store:
        assert len(store.unlock(ANNA, PIN).documents("dose")) == 2
        a_clear_chain(deliver(store))


def test_a_file_that_is_exchanged_under_the_app_is_put_aside_for_the_right_one(tmp_path: Path) -> None:
    path, other = tmp_path / "rapp.db", tmp_path / "other"
    with phone(other) as store:
        sign_in(store).save(given(), given(), given())
    theirs = (other / "rapp.db").read_bytes()
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given())
        (other / "rapp.db").replace(path)
        anna.save(given())
        [foreign] = [one for one in tmp_path.glob("rapp.db.foreign-*") if one.stat().st_size == len(theirs)]
        assert foreign.read_bytes() == theirs
        a_clear_chain(deliver(store))
    with phone(tmp_path) as store:
        assert len(store.unlock(ANNA, PIN).documents("dose")) == 2


def test_a_folder_that_is_gone_says_so_and_all_is_there_once_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with phone(folder) as store:
        anna = sign_in(store)
        anna.save(given())
        shutil.move(folder, tmp_path / "elsewhere")
        with pytest.raises(FileGone) as gone:
            anna.save(given())
        assert said(gone.value) == "Någon eller något har tagit bort appens fil."
        assert len(anna.documents("dose")) == 1
        folder.mkdir()
        shutil.copy(tmp_path / "elsewhere" / "secret", folder)
        anna.save(given())
    with phone(folder) as store:
        assert len(store.unlock(ANNA, PIN).documents("dose")) == 2

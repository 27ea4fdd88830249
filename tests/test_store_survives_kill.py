"""A save that was confirmed survives kill -9 at any moment, and nothing half-done is left behind."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from care.documents import fold
from storage import Store
from tests.store_case import ANNA, ENDPOINT_SEAL, PIN, a_clear_chain, phone, sign_in
from wire.envelope import Envelope, envelope
from wire.seal import Opener

LIVES = 100


def test_every_confirmed_save_survives_a_hundred_kills_at_random_moments(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        sign_in(store)
    chance = random.Random()
    saver = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.saver", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    try:
        confirmed = [fact for _ in range(LIVES) for fact in _live_and_die(saver, chance)]
    finally:
        assert saver.stdin
        assert saver.stdout
        saver.stdin.close()
        saver.stdout.close()
        assert saver.wait(10) == 0
    assert len(confirmed) > LIVES
    with phone(tmp_path) as store:
        _check(tmp_path, store, set(confirmed))


def _live_and_die(saver: "subprocess.Popen[bytes]", chance: random.Random) -> list[str]:
    """One life: killed while it saves. Returns the ids that it had confirmed.

    The moment is drawn by what it has saved, then by time: by time alone, a starved machine kills most lives
    before their first save, and proves nothing.
    """
    assert saver.stdin
    assert saver.stdout
    saver.stdin.write(b"live\n")
    lines: list[bytes] = []
    pid = 0
    saves = chance.randrange(6)
    while not pid or b"ready\n" not in lines or len(_saved(lines)) < saves:
        lines.append(saver.stdout.readline())
        assert lines[-1], "the saver ended"
        assert lines[-1] != b"gone\n", "a life ended by itself"
        if lines[-1].startswith(b"pid "):
            pid = int(lines[-1].split()[1])
    time.sleep(chance.uniform(0.0, 0.02))
    os.kill(pid, signal.SIGKILL)
    while lines[-1] != b"gone\n":
        lines.append(saver.stdout.readline())
        assert lines[-1], "the saver ended"
    return _saved(lines)


def _saved(lines: list[bytes]) -> list[str]:
    return [line.split()[1].decode() for line in lines if line.startswith(b"saved ")]


def _check(folder: Path, store: Store, confirmed: set[str]) -> None:
    assert store.device
    opener = Opener(ENDPOINT_SEAL)
    waiting = store.waiting(limit=10**6)
    held: list[Envelope] = [envelope(opener.open(sealed, store.device.id)) for sealed in waiting]
    facts = [of.fact() for of in held]
    assert not confirmed - {fact.id for fact in facts}
    a_clear_chain(held)
    anna = store.unlock(ANNA, PIN)
    doses = {fact.aggregate: [] for fact in facts if fact.author}
    for fact in facts:
        if fact.author:
            doses[fact.aggregate].append(fact)
    for ref, its in doses.items():
        assert anna.document(ref.kind, ref.id) == fold(ref.kind, ref.id, its)
    assert len(anna.documents("dose")) == len(doses)
    assert anna.damage == []
    assert len(anna.drafts()) <= 3
    rows = sqlite3.connect(folder / "rapp.db")
    try:
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        rows.close()

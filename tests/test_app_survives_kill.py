"""The whole app is killed while somebody signs: what the screen has said is saved is there afterwards."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from care.documents import fold
from tests.crash.app_shift import opened
from tests.ward import AMINA, PIN

BETWEEN_S = 0.2
"""About what lies between two saves."""


def live_and_die(app: "subprocess.Popen[bytes]", chance: random.Random) -> list[str]:
    """One life, killed at a random moment; the facts that the screen had said were saved.

    The moment is drawn by what has been saved, then by time, so that a slow machine proves as much.
    """
    assert app.stdin
    assert app.stdout
    app.stdin.write(b"live\n")
    lines: list[bytes] = []
    pid = 0
    saves = chance.randrange(3)
    while not pid or b"ready\n" not in lines or len(said(lines)) < saves:
        lines.append(app.stdout.readline())
        assert lines[-1] not in (b"", b"gone\n"), "a life ended by itself"
        if lines[-1].startswith(b"pid "):
            pid = int(lines[-1].split()[1])
    time.sleep(chance.uniform(0.0, BETWEEN_S))
    os.kill(pid, signal.SIGKILL)
    while lines[-1] != b"gone\n":
        lines.append(app.stdout.readline())
        assert lines[-1], "the app ended"
    return said(lines)


def said(lines: list[bytes]) -> list[str]:
    return [line.split()[1].decode() for line in lines if line.startswith(b"saved ")]


@pytest.mark.parametrize("lives", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_what_the_screen_said_is_saved_survives_kills_at_random_moments(tmp_path: Path, lives: int) -> None:
    command = [sys.executable, "-m", "tests.crash.app_shift", str(tmp_path)]
    app = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    chance = random.Random()
    try:
        confirmed = [fact for _ in range(lives) for fact in live_and_die(app, chance)]
    finally:
        assert app.stdin
        assert app.stdout
        app.stdin.close()
        app.stdout.close()
        assert app.wait(20) == 0
    assert len(confirmed) > lives / 4
    store = opened(tmp_path)
    try:
        amina = store.unlock(AMINA, PIN)
        (dose,) = amina.documents("dose")
        assert not set(confirmed) - set(dose.facts)
        facts = [one.fact() for one in amina.envelopes("dose", dose.id)]
        assert dose == fold("dose", dose.id, facts)
        assert amina.damage == []
    finally:
        store.close()

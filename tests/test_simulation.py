"""Whole worlds of phones, workers and faults, by their seeds (docs/simulation.md)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.shorten import shortened

ROOT = Path(__file__).parent.parent


def simulated(*options: str) -> "subprocess.Popen[str]":
    """In a process of its own: time and chance are others there."""
    command = [sys.executable, "-m", "tests.simulation", *options]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def result(running: "subprocess.Popen[str]") -> dict[str, Any]:
    told, broken = running.communicate()
    assert running.returncode == 0, f"{told}\n{broken}"
    found: dict[str, Any] = json.loads(told.strip().splitlines()[-1])
    return found


@pytest.mark.timeout(300)
def test_what_must_hold_holds_in_a_sample_of_worlds() -> None:
    found = result(simulated("--seeds", "1000", "--seconds", "15"))
    assert found["seeds"] >= 1
    assert found["counts"]["facts saved"] > 0


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_every_known_mistake_is_found() -> None:
    running = simulated("--carelessly")
    told, broken = running.communicate()
    assert running.returncode == 0, f"{told}\n{broken}"


def test_a_seed_is_the_same_world_again() -> None:
    once, again = (simulated("--from", "2", "--seeds", "1", "--tell") for _ in range(2))
    first, second = (run.communicate()[0].splitlines() for run in (once, again))
    assert first[:-1] == second[:-1]
    assert json.loads(first[-1])["counts"] == json.loads(second[-1])["counts"]


@pytest.mark.timeout(300)
def test_processes_beside_each_other_live_the_same_worlds_and_count_them_together() -> None:
    alone, together = (simulated("--from", "2", "--seeds", "2", "--processes", n) for n in "12")
    one, other = result(alone), result(together)
    assert (one["counts"], one["seeds"], one["next"]) == (other["counts"], 2, 4)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_run_that_is_broken_off_tells_how_far_it_came(processes: str) -> None:
    running = simulated("--from", "2", "--seeds", "1000", "--processes", processes)
    assert running.stderr
    assert "--from" in running.stderr.readline(), "the first has been lived"
    running.terminate()
    told, _ = running.communicate()
    found = json.loads(told.splitlines()[-1])
    assert running.returncode == 1
    assert 1 <= found["seeds"] <= 6
    assert 2 <= found["next"] <= 2 + found["seeds"]


def test_a_failure_is_shortened_to_what_it_takes() -> None:
    assert shortened(list(range(40)), lambda some: {3, 17, 31} <= set(some)) == [3, 17, 31]


@pytest.mark.soak
@pytest.mark.timeout(14400)
def test_what_must_hold_holds_in_ten_thousand_worlds() -> None:
    assert result(simulated("--seeds", "10000", "--processes", "2"))["seeds"] == 10_000

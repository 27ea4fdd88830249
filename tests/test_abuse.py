"""Strangers: whatever is sent is refused in words, quickly, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from endpoint.schema import documents, facts, quarantine
from tests.abuse.calls import attack
from tests.abuse.readers import READERS, read, seeds
from tests.endpoint_phone import Phone
from tests.endpoint_town import Town
from tests.shared_town import here, phone

__all__ = ["here", "phone"]

ROOT = Path(__file__).parent.parent


def rows(here: Town) -> list[int]:
    tables = (facts, documents, quarantine)
    return [here.read(lambda c, t=t: c.scalar(select(func.count()).select_from(t))) for t in tables]


def test_calls_drawn_from_the_description_are_answered_and_leave_nothing(here: Town, phone: Phone) -> None:
    before = rows(here)
    answers = attack(here, phone, tries=5)
    assert any(status.startswith("4") for status in answers)
    assert any(status.startswith("2") for status in answers)
    after = rows(here)
    # Items without a seal of ours are set aside, once each.
    assert after[:2] == before[:2]
    assert after[2] - before[2] < 100


@pytest.mark.parametrize("name", READERS)
def test_readers_refuse_by_their_own_errors(name: str) -> None:
    begun = seeds(name)
    for seed in begun:
        read(name, seed)
    changed = st.builds(_changed, st.sampled_from(begun), st.binary(max_size=8), st.integers(0, 400))

    @settings(max_examples=40, database=None)
    @given(data=st.binary(max_size=400) | changed)
    def reads(data: bytes) -> None:
        read(name, data)

    reads()


def _changed(seed: bytes, instead: bytes, at: int) -> bytes:
    at %= len(seed) + 1
    return seed[:at] + instead + seed[at + len(instead) :]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_readers_hold_where_coverage_leads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.abuse", "readers", "--seconds", "120"], cwd=ROOT, check=False
    )
    assert done.returncode == 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_calls_drawn_from_the_description_are_answered(here: Town, phone: Phone) -> None:
    assert sum(attack(here, phone, tries=1000).values()) > 1000

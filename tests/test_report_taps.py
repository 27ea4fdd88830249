"""A fall in at most 12 taps and a minute: walked, counted, and held to what docs/deviations.md says."""

import re
from pathlib import Path

import pytest

from tests.test_filling import shown

DOC = Path(__file__).parent.parent / "docs" / "deviations.md"
MOST = 12
MOST_S = 60
TAP_S = 1.35 + 1.10 + 0.20
"""Seconds for a tap: to decide, reach, press (Card, Moran & Newell, *The Keystroke-Level Model*, 1980)."""

START = ("report", "Fall")
AFTER = ("Badrum", "Reste sig", "Såg någon? Nej", "Vilken skada ser du? Lindrig", "save")
WALKS = {
    "no danger": (
        *START, "Ingegerd", "Tar Ingegerd blodförtunnande? Nej", "rest-as-usual", *AFTER,
    ),
    "head hit, blood thinner known": (
        *START, "Bror", "Slog Bror i huvudet? Ja", "rest-as-usual", "go-on", *AFTER,
    ),
    "head hit, blood thinner not known": (
        *START, "Ingegerd", "Slog Ingegerd i huvudet? Ja", "Tar Ingegerd blodförtunnande? Vet inte",
        "rest-as-usual", "go-on", *AFTER,
    ),
}  # fmt: skip


def documented() -> dict[str, int]:
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) s \|$", DOC.read_text(), re.MULTILINE)
    assert all(int(seconds) == round(int(taps) * TAP_S) for _, taps, seconds in rows)
    return {walk: int(taps) for walk, taps, _ in rows}


@pytest.mark.parametrize("walk", WALKS)
async def test_a_fall_where_nothing_is_typed_takes_as_many_taps_as_is_documented(
    tmp_path: Path, walk: str
) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in WALKS[walk]:
            await screen.click(name)
        assert len(shift.me.documents("deviation")) == 1
        assert screen.taps <= MOST
        assert screen.taps * TAP_S < MOST_S
        assert documented()[walk] == screen.taps

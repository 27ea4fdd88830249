"""Where the phone can stop, and what can be on the disk then."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from tests.crash.disk import Change, Disk, marked
from tests.crash.shift import SHIFT
from tests.crash.trace import Step, Word

Kind = Literal["power cut", "killed", "scattered", "torn", "names first", "names last"]
KINDS: dict[Kind, str] = {
    "power cut": "the power goes: just what was synced is there",
    "killed": "the process is killed: what it wrote is there, synced or not",
    "scattered": "the power goes: of what was not synced, a drawn part is there, write by write",
    "torn": "the power goes in the middle of a write: its first sectors are there",
    "names first": "the power goes: all new names are there, of unsynced content nothing",
    "names last": "the power goes: all content is there, of unsynced names none",
}
assert tuple(KINDS) == get_args(Kind)
_SECTOR = 512
_DRAWS = 2
"""Scattered states that are drawn after each step."""


class Point(Struct, frozen=True):
    """After item ``place`` of a recording. ``said``: lines of confirmation until then."""

    number: int
    kind: Kind
    place: int
    said: int
    draw: int = 0


def points(items: Sequence[Step | Word]) -> list[Point]:
    """Every point of a recording, none twice: with another state of the disk, or with more that was said."""
    return [point for point, _ in replayed(items)]


def replayed(items: Sequence[Step | Word]) -> Iterator[tuple[Point, "Reached"]]:
    """The points, each with the disk at it: good until the next one is asked for."""
    disk, said, number = Disk(), 0, 0
    seen: set[tuple[int, int, int]] = set()
    for place, item in enumerate(items):
        if isinstance(item, Step):
            disk.take(item, place)
        else:
            said += 1
        for kind, draw, reached in _ends(disk, place):
            torn = draw if kind == "torn" else 0
            key = disk.mark ^ marked(reached), torn, said
            if key not in seen:
                seen.add(key)
                yield Point(number, kind, place, said, draw), Reached(disk, reached)
                number += 1


def sample(of: Sequence[Point], seed: int = 3) -> set[int]:
    """The numbers of a part: one after each line that was said, and one of each kind in each act."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for point in of:
        groups["", str(point.said)].append(point.number)
        groups[point.kind, act_at(point)].append(point.number)
    chance = random.Random(seed)
    return {chance.choice(numbers) for numbers in groups.values()}


def act_at(point: Point) -> str:
    """The act that was going on, or had just been confirmed."""
    return SHIFT[min(point.said, len(SHIFT) - 1)].name


class Reached:
    """What of a disk's pending changes was there."""

    def __init__(self, disk: Disk, changes: list[Change]) -> None:
        self._disk = disk
        self.changes = changes

    def image(self) -> dict[str, bytes | None]:
        return self._disk.image(self.changes)

    def lost(self) -> list[Change]:
        """What the process had done and the disk never saw."""
        there = {change.number for change in self.changes}
        return [change for change in self._disk.pending if change.number not in there]


def _ends(disk: Disk, place: int) -> Iterator[tuple[Kind, int, list[Change]]]:
    """Each kind of end at a place, and what of the pending changes has reached the disk."""
    pending = disk.pending
    yield "power cut", 0, []
    yield "killed", 0, list(pending)
    names = [change for change in pending if change.names]
    if names:
        yield "names first", 0, names
        yield "names last", 0, [change for change in pending if not change.names]
    for draw in range(_DRAWS if pending else 0):
        chance = random.Random(place * _DRAWS + draw)
        yield "scattered", draw, [change for change in pending if chance.random() < 0.5]
    last = pending[-1] if pending else None
    if last and last.number == place and len(last.step.data) > _SECTOR:
        sectors = random.Random(place).randrange(1, (len(last.step.data) - 1) // _SECTOR + 1)
        cut = replace(last, step=replace(last.step, data=last.step.data[: sectors * _SECTOR]))
        yield "torn", sectors, [*pending[:-1], cut]

"""A shift recorded once, and its points played again."""

import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.crash.check import Lost, check, stretched_once
from tests.crash.disk import put
from tests.crash.points import Point, act_at, replayed
from tests.crash.shift import SHIFT, expected
from tests.crash.trace import Step, StraceError, Word, first_secret, read, traced

FAST = Path("/dev/shm")
"""A folder in memory: the model knows what was synced, so that the real one need not."""
PHONE = "app/phone"
"""The app's folder, which it makes itself, as it does the one above."""


class Failure(Struct, frozen=True):
    """A point after which the phone was not as promised. ``lost``: the last steps the disk never saw."""

    point: Point
    act: str
    why: str
    lost: tuple[str, ...]


def command(folder: Path, carelessly: str = "") -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.crash.shift",
        str(folder),
        *(["--carelessly", carelessly] if carelessly else []),
    ]


def record(carelessly: str = "") -> list[Step | Word]:
    """Work the shift once under strace. Raises StraceError."""
    with workplace() as folder:
        done = traced(command(folder / PHONE, carelessly), folder / "trace")
        items = read(folder / "trace", folder)
    if done.returncode or sum(isinstance(item, Word) for item in items) != len(SHIFT):
        raise StraceError(f"the shift ended early: {done.stderr[-2000:]}")
    return items


def replay(items: list[Step | Word], wanted: Collection[int] | None = None) -> Iterator[Failure | None]:
    """Check points, by number, or all: for each None, or what was wrong."""
    promised, secret = expected(), first_secret(items)
    with workplace() as folder, stretched_once():
        for point, reached in replayed(items):
            if wanted is not None and point.number not in wanted:
                continue
            disk = folder / str(point.number)
            put(reached.image(), disk)
            try:
                check(disk / PHONE, promised[point.said], secret)
            except Lost as error:
                lost = tuple(str(change.step) for change in reached.lost()[-20:])
                yield Failure(point, act_at(point), str(error), lost)
            else:
                yield None
            shutil.rmtree(disk)


@contextmanager
def workplace() -> Iterator[Path]:
    """A temporary folder, in memory where there is such a place."""
    with tempfile.TemporaryDirectory(prefix="rapp-crash-", dir=FAST if FAST.is_dir() else None) as name:
        yield Path(name)

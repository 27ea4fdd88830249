"""Not replayed but done: the process is killed by a real signal, and the power of a real file system is cut.

The power cut: an ext4 file system in a file. While the process lies killed and before anything is written
back, the file is copied: the copy has what had reached the disk, as after a cut. ext4 mends it from its
journal when it is mounted. That takes root and a loop device.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.crash.check import Lost, check
from tests.crash.disk import Disk
from tests.crash.recording import PHONE, command, workplace
from tests.crash.shift import expected
from tests.crash.trace import Step, StraceError, Word, first_secret, read, traced

_SIZE = 32 * 2**20


class NoDisk(Exception):
    """This machine does not let us mount a file system of our own."""


def places(items: Sequence[Step | Word]) -> list[Step]:
    """Steps to be killed at: for each call on each kind of file, first, middle and last."""
    kinds: dict[tuple[str, str], list[Step]] = {}
    counted: set[tuple[str, int]] = set()
    for step in items:
        # strace counts in each life anew: it would kill the first one that comes so far.
        if isinstance(step, Step) and (step.call, step.count) not in counted:
            counted.add((step.call, step.count))
            kinds.setdefault((step.call, step.name.rpartition("-")[2].partition(".")[0]), []).append(step)
    chosen = [of[place] for of in kinds.values() for place in sorted({0, len(of) // 2, len(of) - 1})]
    return sorted(chosen, key=lambda step: (step.call, step.count))


def kill(step: Step, carelessly: str = "") -> int:
    """Kill a run at a step; how many acts it had confirmed.

    Raises Lost when what is left is not as promised, or not as the model of the disk has it.
    """
    with workplace() as folder:
        said = _killed(step, folder, folder, carelessly)
        there = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        disk, items = Disk(), read(folder / "trace", folder)
        for place, item in enumerate(items):
            if isinstance(item, Step):
                disk.take(item, place)
        modelled = {name: data for name, data in disk.image(disk.pending).items() if data is not None}
        real = {name: data for name, data in there.items() if name != "trace" and not name.endswith("-shm")}
        if modelled != real:
            raise Lost(f"the model of the disk is wrong: {_sizes(modelled)}, in truth {_sizes(real)}")
        check(folder / PHONE, expected()[said], first_secret(items))
    return said


def cut_power(step: Step, carelessly: str = "") -> None:
    """Cut the power at a step, on ext4. Raises Lost when what is left is not as promised; NoDisk."""
    with workplace() as folder:
        made, copy = folder / "ext4", folder / "copy"
        with made.open("wb") as file:
            file.truncate(_SIZE)
        _run("mkfs.ext4", "-q", "-F", str(made))
        with _mounted(made, folder / "mounted") as disk:
            # Its root is there before the app is; all else is the app's own.
            os.sync()
            said = _killed(step, disk, folder, carelessly)
            shutil.copyfile(made, copy)
        with _mounted(copy, folder / "after") as disk:
            secret = first_secret(read(folder / "trace", folder / "mounted"))
            check(disk / PHONE, expected()[said], secret)


def _killed(step: Step, folder: Path, beside: Path, carelessly: str) -> int:
    """How much had been confirmed when the run was killed."""
    done = traced(command(folder / PHONE, carelessly), beside / "trace", step)
    if done.returncode != -9:
        raise StraceError(f"nobody was killed at {step}: {done.returncode} {done.stderr[-500:]}")
    return len(done.stdout.splitlines())


@contextmanager
def _mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir()
    _run("mount", "-o", "loop", str(image), str(at))
    try:
        yield at
    finally:
        _run("umount", str(at))


def _run(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NoDisk(f"{words[0]} is missing") from error
    if done.returncode:
        raise NoDisk(f"{words[0]}: {done.stderr.strip()} (root and a loop device are needed)")


def _sizes(files: dict[str, bytes]) -> dict[str, int]:
    return {name: len(data) for name, data in files.items()}

"""A run under strace, read back: every durable step of a process in one folder, with bytes and words.

SQLite maps no database into memory unless it is told to: a shared mapping of any file here is refused, but
for the WAL's index (-shm). That is passed over: whoever opens the file first after a crash makes it anew.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

CALLS = (
    "openat,creat,mkdir,mkdirat,write,writev,pwrite64,pwritev,pwritev2,truncate,ftruncate,fallocate,"
    "fsync,fdatasync,sync,syncfs,sync_file_range,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,rmdir,copy_file_range,sendfile,mmap"
)
"""Every call that can change a file or make a change durable."""

Kind = Literal["create", "folder", "write", "cut", "sync", "link", "move", "remove"]

_LINE = re.compile(
    r"^(?P<thread>\d+) +(?P<call>\w+)\((?P<rest>.*)\) += (?P<result>-?\d+|0x[0-9a-f]+)(<.*)?( .*)?$"
)
_UNFINISHED = " <unfinished ...>\n"
_RESUMED = re.compile(r"^\d+ +<\.\.\. \w+ resumed>(?P<rest>.*)$", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HANDLE = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)(?:<.*?>)?>")


class StraceError(Exception):
    """The run cannot be traced, or does what the model of a disk does not know."""


class Step(Struct, frozen=True):
    """One change of the folder, or one sync. ``call`` and ``count``: its name, and which one of its name it
    is in its thread, as strace counts. ``name``: within the folder; ``other``: the new name."""

    kind: Kind
    call: str
    count: int
    name: str
    offset: int = 0
    data: bytes = b""
    other: str = ""

    def __str__(self) -> str:
        what = f" {len(self.data)} bytes at {self.offset}" if self.kind == "write" else ""
        what = f" to {self.offset}" if self.kind == "cut" else what
        return f"{self.call} {self.name or '.'}{what}{' -> ' + self.other if self.other else ''}"


class Word(Struct, frozen=True):
    """A line that the process wrote to its standard output."""

    text: str


def traced(
    command: Sequence[str], into: Path, kill: Step | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command under strace, and have it killed before it does a step, as counted in an earlier run.

    Raises StraceError when strace is missing or may not trace.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise StraceError("strace is missing. Install it with: sudo apt-get install strace")
    # With seccomp it is twice as fast, and injects nothing.
    how = ["-e", f"inject={kill.call}:signal=KILL:when={kill.count}"] if kill else ["--seccomp-bpf"]
    ours = ["-f", "-y", "-xx", "-s", str(2**24), "-e", f"trace={CALLS}", "-o", str(into), *how]
    # What Python keeps of its own would be counted among the steps.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [strace, *ours, "--", *command], capture_output=True, text=True, check=False, env=env
    )
    if not into.exists() or not into.stat().st_size:
        raise StraceError(f"strace may not trace on this machine (ptrace): {done.stderr.strip()}")
    return done


def read(path: Path, folder: Path) -> list[Step | Word]:
    """What a trace says of a folder, in order. Raises StraceError for a call that is not known here."""
    counts: dict[tuple[str, str], int] = {}
    at: dict[str, int] = {}
    found: list[Step | Word] = []
    for line in _whole_lines(path):
        if (match := _LINE.match(line)) is None:
            continue
        call, rest = match["call"], match["rest"]
        count = counts[match["thread"], call] = counts.get((match["thread"], call), 0) + 1
        if match["result"].startswith("-"):
            continue
        if call == "openat":
            at[match["result"]] = 0
        handle = rest.partition("<")[0]
        found += _steps(call, rest, count, folder, at.get(handle, 0))
        if call == "write":
            at[handle] = at.get(handle, 0) + int(match["result"])
    return found


def _whole_lines(path: Path) -> Iterator[str]:
    """A call that another thread came between stands where it returned."""
    begun: dict[str, str] = {}
    with path.open() as lines:
        for line in lines:
            thread = line.partition(" ")[0]
            if line.endswith(_UNFINISHED):
                begun[thread] = line.removesuffix(_UNFINISHED)
            elif found := _RESUMED.match(line):
                yield begun.pop(thread, "") + found["rest"]
            else:
                yield line


def first_secret(items: Iterable[Step | Word]) -> bytes:
    """The device secret that a run made first; empty when it got no further."""
    written = (item.data for item in items if isinstance(item, Step) and item.call == "write")
    return next(written, b"")


def _steps(call: str, rest: str, count: int, folder: Path, at: int) -> Iterable[Step | Word]:
    names = [_within(folder, text) for text in _paths(call, rest)]
    if call == "write" and rest.startswith("1<"):
        yield from (Word(text) for text in _string(rest).decode().splitlines())
    if not any(name is not None for name in names):
        return
    name = names[0] or ""
    if name.endswith("-shm"):
        return
    match call:
        case "openat" if "O_CREAT" in rest or "O_TRUNC" in rest:
            yield Step("create", call, count, name)
            if "O_TRUNC" in rest:
                yield Step("cut", call, count, name)
        case "mkdir":
            yield Step("folder", call, count, name)
        case "write" | "pwrite64":
            place = int(rest.rsplit(", ", 1)[1]) if call == "pwrite64" else at
            yield Step("write", call, count, name, place, _string(rest))
        case "ftruncate":
            yield Step("cut", call, count, name, int(rest.rsplit(", ", 1)[1]))
        case "fsync" | "fdatasync":
            yield Step("sync", call, count, name)
        case "link" | "rename":
            yield Step("link" if call == "link" else "move", call, count, name, other=names[1] or "")
        case "unlink" | "rmdir":
            yield Step("remove", call, count, name)
        case "openat" | "mmap" if "MAP_SHARED" not in rest:
            pass
        case _:
            raise StraceError(f"{call} {rest[:200]}")


def _paths(call: str, rest: str) -> Iterator[str]:
    if call in ("openat", "mkdir", "link", "rename", "unlink", "rmdir"):
        yield from (_decoded(text) for text in _STRING.findall(rest))
    else:
        yield from (_decoded(text) for text in _HANDLE.findall(rest[:2000])[:1])


def _within(folder: Path, path: str) -> str | None:
    try:
        return str(Path(path).relative_to(folder)).removeprefix(".")
    except ValueError:
        return None


def _string(rest: str) -> bytes:
    match = _STRING.search(rest)
    assert match, rest[:200]
    return bytes.fromhex(match[1].replace("\\x", ""))


def _decoded(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()

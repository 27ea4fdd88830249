"""Setting a file aside: it gets another name, together with its log. Never deleted, never written over.

The file itself goes first. Should the phone stop right then, its log still has the old name, and `finish`
takes it along at the next start, before any new file could be read together with a log that is not its own.
"""

from datetime import datetime
from pathlib import Path

from storage import folder
from storage.errors import typed_os

_BESIDE = ("-wal", "-shm")
_DAMAGED = "damaged"


def set_aside(path: Path, now: datetime, why: str = _DAMAGED) -> Path:
    """Rename a file and its log out of the way. Returns where it is now. Raises FileError."""
    stamp = now.strftime("%Y%m%dT%H%M%S")
    names = (path.with_name(f"{path.name}.{why}-{stamp}-{number}") for number in range(1, 10_000))
    aside = next(name for name in names if not any(one.exists() for one in _with_log(name)))
    try:
        if path.exists():
            path.rename(aside)
        _take_log(path, aside)
        folder.sync(path.parent)
    except OSError as error:
        raise typed_os(error, path) from error
    return aside


def finish(path: Path) -> None:
    """End a setting aside that the phone stopped in the middle of. Raises FileError."""
    aside = newest(path)
    if aside is None or path.exists():
        return
    try:
        _take_log(path, aside)
    except OSError as error:
        raise typed_os(error, path) from error


def newest(path: Path) -> Path | None:
    """The damaged file that was set aside last, if any was."""
    found = path.parent.glob(f"{path.name}.{_DAMAGED}-*")
    return max((one for one in found if not one.name.endswith(_BESIDE)), key=_when, default=None)


def _when(aside: Path) -> tuple[str, int]:
    _, stamp, number = aside.name.rsplit("-", 2)
    return stamp, int(number)


def _with_log(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + suffix) for suffix in _BESIDE)]


def _take_log(path: Path, aside: Path) -> None:
    for beside, there in zip(_with_log(path)[1:], _with_log(aside)[1:], strict=True):
        if beside.exists() and not there.exists():
            beside.rename(there)

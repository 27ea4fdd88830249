"""A disk that keeps no more than POSIX promises: nothing is sure until it has been synced.

`fsync` of a file makes its content sure, not its name; `fsync` of a folder makes the names in it sure. Until
then any part of what was written may have reached the disk: each write, each change of names, by itself.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from msgspec import Struct

from tests.crash.trace import Step

FOLDER = -1
"""In place of a file: the name is a folder's."""


class Change(Struct, frozen=True):
    """One change that is not sure yet: of a file's content, or of names in a folder."""

    number: int
    step: Step
    file: int = FOLDER
    names: tuple[tuple[str, int | None], ...] = ()
    folder: str = ""


class Disk:
    """``pending``: what is not sure, oldest first. ``mark``: stands for exactly the changes that are."""

    def __init__(self) -> None:
        self.pending: list[Change] = []
        self.mark = 0
        self._names: dict[str, int] = {"": FOLDER}
        self._sure_names: dict[str, int] = {"": FOLDER}
        self._sure: list[bytearray] = []

    def take(self, step: Step, number: int) -> None:
        """Do a step."""
        match step.kind:
            case "sync":
                self._sync(step.name)
            case "write" | "cut":
                self.pending.append(Change(number, step, self._names[step.name]))
            case "create" if step.name not in self._names:
                self._sure.append(bytearray())
                self._named(number, step, (step.name, len(self._sure) - 1))
            case "folder":
                self._named(number, step, (step.name, FOLDER))
            case "link":
                self._named(number, step, (step.other, self._names[step.name]))
            case "move":
                self._named(number, step, (step.other, self._names[step.name]), (step.name, None))
            case "remove":
                self._named(number, step, (step.name, None))
            case _:
                pass

    def _named(self, number: int, step: Step, *names: tuple[str, int | None]) -> None:
        (folder,) = {str(Path(name).parent) for name, _ in names}
        self.pending.append(Change(number, step, names=names, folder=folder.removeprefix(".")))
        _rename(self._names, names)

    def _sync(self, name: str) -> None:
        file = self._names[name]
        left: list[Change] = []
        for change in self.pending:
            if (change.names and file == FOLDER and change.folder == name) or (
                not change.names and change.file == file
            ):
                self.mark ^= marked((change,))
                _rename(self._sure_names, change.names)
                if not change.names:
                    _write(self._sure[file], change.step)
            else:
                left.append(change)
        self.pending = left

    def image(self, reached: Collection[Change]) -> dict[str, bytes | None]:
        """Files by name, and folders (None), if of what is pending just these had reached the disk."""
        names = dict(self._sure_names)
        written: dict[int, bytearray] = {}
        for change in reached:
            _rename(names, change.names)
            if not change.names:
                if change.file not in written:
                    written[change.file] = bytearray(self._sure[change.file])
                _write(written[change.file], change.step)
        image: dict[str, bytes | None] = {}
        for name, file in sorted(names.items()):
            if name == "" or str(Path(name).parent).removeprefix(".") in image:
                image[name] = None if file == FOLDER else bytes(written.get(file, self._sure[file]))
        return image


def marked(changes: Iterable[Change]) -> int:
    """A number that stands for a set of changes."""
    mark = 0
    for change in changes:
        mark ^= hash((change.number, change.file))
    return mark


def put(image: dict[str, bytes | None], folder: Path) -> None:
    """Lay an image out as real files."""
    for name, content in image.items():
        if content is None:
            (folder / name).mkdir(exist_ok=True)
        else:
            (folder / name).write_bytes(content)


def _write(content: bytearray, step: Step) -> None:
    if step.kind == "cut":
        del content[step.offset :]
        content.extend(bytes(step.offset - len(content)))
    else:
        content.extend(bytes(max(0, step.offset - len(content))))
        content[step.offset : step.offset + len(step.data)] = step.data


def _rename(names: dict[str, int], changes: Iterable[tuple[str, int | None]]) -> None:
    for name, file in changes:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file

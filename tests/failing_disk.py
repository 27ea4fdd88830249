"""A phone in a process of its own, on a disk that fails: python -m tests.failing_disk HOW FOLDER.

Prints, as JSON, the kind of failure, and how many facts it had said were saved, before and after.
"""

import json
import os
import resource
import sys
from pathlib import Path

from storage import StorageError, Store
from tests.store_case import ANNA, PIN, Time, asked, given, phone, sign_in

NOBODY = 65534
LARGE = 30_000


class Held:
    """A device secret that is at hand."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def read(self) -> bytes:
        return self._secret

    def destroy(self) -> None:
        raise AssertionError("nothing is to be destroyed here")


def full(folder: Path) -> dict[str, object]:
    """Something else takes all the room, and gives it back."""
    with phone(folder) as store:
        anna = sign_in(store)
        saved = [fact.id for fact in anna.save(given())]
        filler = folder / "photographs"
        _fill(filler)
        kind = ""
        while not kind:
            try:
                saved += [fact.id for fact in anna.save(asked(words="x" * LARGE))]
            except StorageError as error:
                kind = type(error).__name__
        filler.unlink()
        saved += [fact.id for fact in anna.save(given())]
    return {"kind": kind, "saved": sorted(saved), **held(folder)}


def limited(folder: Path) -> dict[str, object]:
    """The kernel refuses to let the file grow: an error of the disk."""
    with phone(folder) as store:
        anna = sign_in(store)
        saved = [fact.id for fact in anna.save(given())]
        most = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = (folder / "rapp.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most[1]))
        kind = ""
        try:
            anna.save(asked(words="x" * LARGE))
        except StorageError as error:
            kind = type(error).__name__
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
        saved += [fact.id for fact in anna.save(given())]
    return {"kind": kind, "saved": sorted(saved), **held(folder)}


def failing(folder: Path) -> dict[str, object]:
    """A phone in use; some of what reaches for the disk is answered with an error (strace, from outside)."""
    with phone(folder) as store:
        anna, saved, kinds = store.unlock(ANNA, PIN), list[str](), set[str]()
        for _ in range(60):
            try:
                saved += [fact.id for fact in anna.save(given())]
            except StorageError as error:
                kinds.add(type(error).__name__)
        # Whoever started this looks at what is held: looking, too, would fail here.
        return {"kind": " ".join(sorted(kinds)), "saved": sorted(saved)}


def read_only(folder: Path) -> dict[str, object]:
    """No leave to write, neither in the file nor beside it; as somebody who is not the superuser."""
    with phone(folder) as store:
        saved = [fact.id for fact in sign_in(store).save(given())]
    secret = (folder / "secret").read_bytes()
    os.chmod(folder / "rapp.db", 0o444)
    os.chmod(folder, 0o555)
    os.chdir(folder)
    if os.geteuid() == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    kind = ""
    try:
        # The key that a phone's own keystore hands out; here somebody else may not read the file.
        Store.open(Path("rapp.db"), Held(secret), Time()).unlock(ANNA, PIN).save(given())
    except StorageError as error:
        kind = type(error).__name__
    if os.getuid() == 0:
        os.seteuid(0)
    os.chmod(folder, 0o755)
    os.chmod(folder / "rapp.db", 0o600)
    with phone(folder) as store:
        saved += [fact.id for fact in store.unlock(ANNA, PIN).save(given())]
    return {"kind": kind, "saved": sorted(saved), **held(folder)}


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def held(folder: Path) -> dict[str, object]:
    """What is there when the app begins again."""
    with phone(folder) as store:
        anna = store.unlock(ANNA, PIN)
        facts = [of.fact() for one in _documents(anna) for of in anna.envelopes(*one)]
        numbers = sorted(fact.seq for fact in facts)
        return {
            "held": sorted(fact.id for fact in facts),
            "waiting": sorted(sealed.id for sealed in store.waiting(1000)),
            "gapless": numbers == list(range(1, len(numbers) + 1)),
        }


def _documents(anna: object) -> list[tuple[str, str]]:
    return [(kind, one.id) for kind in ("dose", "sbar") for one in anna.documents(kind)]  # type: ignore[attr-defined]


if __name__ == "__main__":
    ways = {"full": full, "limited": limited, "failing": failing, "read_only": read_only}
    sys.stdout.write(json.dumps(ways[sys.argv[1]](Path(sys.argv[2]))))

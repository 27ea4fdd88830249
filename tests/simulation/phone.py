"""One phone: its file, its sync, who holds it; and how it dies, is put back, and has its clock set wrong."""

import asyncio
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from care.facts import Fact
from storage import FileSecret, Statement, StorageError, Store, Unlocked
from sync import Link, Sync, SyncError
from tests.simulation.network import Network, Worker
from tests.simulation.town import URL
from tests.simulation.virtual import SCRYPT_N, TIME

PIN = "246813"


class Killed(BaseException):
    """The phone's process has ended, here and now."""


class Phone:
    """Made from a folder that may hold a file already; `copy` is that of an earlier hour."""

    def __init__(
        self, number: int, folder: Path, seed: int, copy: Path, workers: Callable[[], list[Worker]]
    ) -> None:
        self.number = number
        self.folder = folder
        self.network = Network(f"{seed}/{number}", workers)
        self.skew = timedelta()
        self.session: Unlocked | None = None
        self.saved: dict[str, Fact] = {}
        """Every fact that was said to be saved."""
        self.since_copy: set[str] | None = set()
        """Facts that the copy of an earlier hour does not hold; None: there is no copy."""
        self.may_be_lost: set[str] = set()
        self.restored = 0
        self.deaths = 0
        self.alive = False
        self._seed = seed
        self._copy = copy
        self._writes_left: int | None = None

    def wall(self) -> datetime:
        """What time its clock shows."""
        return TIME.now() + self.skew

    # Living and dying.

    def start(self) -> None:
        self.store = Store.open(
            self.folder / "rapp.db",
            FileSecret(self.folder / "secret"),
            self.wall,
            price=SCRYPT_N,
            ticks=TIME.monotonic,
        )
        self.sync = Sync(
            self.store,
            random.Random(f"{self._seed}/{self.number}/{self.deaths}"),
            self.wall,
            lambda url: Link(url, self.network),
        )
        self._main = asyncio.create_task(self.sync._main())
        self.alive, self._writes_left = True, None
        database = self.store._database
        writing = database.writing

        @contextmanager
        def dying() -> Iterator[Any]:
            ends = self._ends_here()
            with writing() as connection:
                yield connection
                if ends == "before":
                    raise self._killed()
            if ends == "after":
                raise self._killed()

        database.writing = dying  # type: ignore[method-assign]

    def kill_in(self, writes: int) -> None:
        """Let it die in its so-manieth transaction from now."""
        if self.alive:
            self._writes_left = writes

    def _ends_here(self) -> str:
        if self._writes_left is None:
            return ""
        self._writes_left -= 1
        if self._writes_left >= 0:
            return ""
        return "before" if (self.deaths + self.number) % 2 else "after"

    def _killed(self) -> Killed:
        self._writes_left = None
        life = self.deaths
        asyncio.get_running_loop().call_soon(lambda: self.kill() if self.deaths == life else None)
        return Killed()

    def kill(self) -> None:
        """As the system or the battery does it: nothing is tidied up."""
        if not self.alive:
            return
        self.alive, self.session = False, None
        self.deaths += 1
        self._main.cancel()
        self.store._database._connection.close()

    async def stop(self) -> None:
        if self.alive:
            self.alive, self.session = False, None
            self._main.cancel()
            await asyncio.gather(self._main, return_exceptions=True)
            self.store.close()

    # The copy of an earlier hour.

    def back_up(self) -> None:
        if self.alive and self.store.device:
            self._copy = self.folder / "copy"
            self._copy.mkdir(exist_ok=True)
            self.store._database._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for name in ("rapp.db", "secret"):
                shutil.copyfile(self.folder / name, self._copy / name)
            self.since_copy = set()

    def restore(self) -> None:
        """Somebody puts the copy back in the file's place: what came after it was never there."""
        if self.since_copy is None:
            return
        self.kill()
        for name in ("rapp.db-wal", "rapp.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        for name in ("rapp.db", "secret"):
            shutil.copyfile(self._copy / name, self.folder / name)
        self.may_be_lost |= self.since_copy
        self.since_copy, self.restored = set(), self.restored + 1
        self.start()

    # Who holds it.

    @property
    def staff(self) -> str | None:
        return self.session.staff if self.session and not self.session.locked else None

    def lock(self) -> None:
        if self.session and not self.session.locked:
            self.session.lock()
        self.session = None

    def unlock(self, staff: str) -> bool:
        """With the code; False where that opens nothing any more, and a sign-in is needed."""
        self.lock()
        with suppress(StorageError):
            self.session = self.store.unlock(staff, PIN)
        return self.session is not None

    async def sign_in(self, staff: str, browser: Worker) -> bool:
        """In the browser, whose own line is good. False: it could not be had now."""
        self.lock()
        try:
            started = await self.sync.start_sign_in()
            choice = httpx.Request(
                "POST",
                f"{URL}/demo/signin/{started.id}",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content=f"staff={staff}".encode(),
            )
            await browser.answer(choice, await choice.aread())
            found = await self.sync.wait_for_sign_in(started)
            if found.state != "done":
                return False
            self.session = await self.sync.certify(started, found, PIN)
        except (SyncError, StorageError, httpx.HTTPError, RuntimeError):
            return False
        return True

    # What is said on it.

    def say(self, *statements: Statement) -> None:
        """Save as whoever holds it; without anybody, as a report without a sign-in."""
        if self.staff and self.session:
            facts = self.session.save(*statements)
        else:
            facts = [self.store.report(one.body, one.aggregate, one.unit, one.person) for one in statements]
        for fact in facts:
            self.saved[fact.id] = fact
            if self.since_copy is not None:
                self.since_copy.add(fact.id)

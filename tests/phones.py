"""Phones for tests: a store, its sync, and whoever signed in."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import Raw

from care.facts import Ref
from care.ids import uuid7
from care.person import PersonSet
from care.published import Answered
from care.sbar import SbarRecorded
from storage import FileSecret, Statement, Store, Unlocked
from storage.keys import SCRYPT_N
from sync import Link, Sync, SyncState, enrol, signin
from sync.clock import Offset
from sync.session import Sessions
from tests.small_endpoint import UNIT, SmallEndpoint

PIN = "246813"
AMINA = "44444444-4444-5444-8444-444444444444"
KARIN = "66666666-6666-5666-8666-666666666666"
URL = "https://rapp.example.se"
SOON_S = 20.0
"""Until something must have happened, however busy the machine."""


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return uuid7(time.time_ns() // 1_000_000, random.randbytes(10))


def store_at(folder: Path) -> Store:
    folder.mkdir(parents=True, exist_ok=True)
    return Store.open(folder / "rapp.db", FileSecret(folder / "secret"), now, price=SCRYPT_N)


def person(name: str = "Ingegerd Provsson", id: str = "") -> Statement:
    """Something that all of the unit may see."""
    of = id or new_id()
    body = PersonSet(name=name, personnummer="19121212-1212", born=date(1912, 12, 12))
    return Statement(body, Ref("person", of), UNIT, of)


def sbar() -> Statement:
    """Something that only the nurses and whoever asked may see."""
    answers = Answered(form="sbar", form_version="1", response=Raw(b"{}"))
    return Statement(SbarRecorded(answers=answers), Ref("sbar", new_id()), UNIT, None)


class Line:
    """A phone without its thread: sessions of an enrolled store, to try push and pull one by one."""

    def __init__(self, store: Store, endpoint: SmallEndpoint) -> None:
        self.store = store
        self.link = Link(URL, endpoint)
        self.offset = Offset(now)

    async def enrol(self) -> "Line":
        await enrol.enrol(self.link, "1234-5678", "Granen 2", self.store)
        return self

    @property
    def sessions(self) -> Sessions:
        assert self.store.device
        if not hasattr(self, "_sessions"):
            self._sessions = Sessions(self.link, self.store, self.store.device, self.offset)
        return self._sessions

    async def sign_in(self, endpoint: SmallEndpoint, staff: str) -> Unlocked:
        endpoint.next_sign_in = staff
        started = await signin.start(self.sessions)
        found = await signin.wait(self.sessions, started, every=0.01)
        return await signin.certify(self.sessions, self.store, started, found, PIN)


class Phone:
    """A phone as the app runs it."""

    def __init__(self, folder: Path, link: Callable[[str], Link] = Link) -> None:
        self.store = store_at(folder)
        self.sync = Sync(self.store, random.Random(1), link=link)
        self.seen: list[SyncState] = []
        self.sync.subscribe(self.seen.append)
        self.sync.start()

    def close(self) -> None:
        begun = time.monotonic()
        self.sync.stop()
        assert time.monotonic() - begun < 5.0, "the sync did not stop"
        self.store.close()


async def until(true: Callable[[], object], within: float = SOON_S) -> float:
    """Wait until it is so; how long it took."""
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > within:
            raise AssertionError(f"not so within {within} s")
        await asyncio.sleep(0.01)
    return time.monotonic() - begun

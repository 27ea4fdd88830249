"""The town of every world: two units, six people, their persons and orders, and one endpoint of two workers.

Its beginning (the database, and phones that are enrolled and signed in on) is made once and copied per seed.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from care.facts import Body, Ref
from care.order import OrderPlaced
from care.person import PersonSet
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.unit import OnCall, UnitSet
from endpoint import keys
from endpoint.app import create_app
from endpoint.database import Database
from endpoint.listen import listening
from endpoint.migrate import migrate
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.statements import Statement, write
from tests.simulation.looks import LOOKS
from tests.simulation.network import Worker
from tests.simulation.virtual import TIME
from tests.statements import plan

URL = "https://rapp.example.se"
GRANEN, ASPEN = (f"{n}1111111-1111-5111-8111-111111111111" for n in (1, 2))
AMINA, BODIL, KARIN, MARIA, TESFAY, LENA = (f"{n}4444444-4444-5444-8444-444444444444" for n in range(1, 7))
PEOPLE = {
    AMINA: ("Amina", ((Role.CARER, GRANEN),)),
    BODIL: ("Bodil", ((Role.CARER, GRANEN), (Role.CARER, ASPEN))),
    KARIN: ("Karin", ((Role.NURSE, GRANEN), (Role.NURSE, ASPEN))),
    MARIA: ("Maria", ((Role.UNIT_MANAGER, GRANEN),)),
    TESFAY: ("Tesfay", ((Role.CARER, ASPEN),)),
    LENA: ("Lena", ((Role.ADMINISTRATOR, GRANEN),)),
}
CARERS = (AMINA, BODIL, TESFAY)
PHONES = ((GRANEN, (AMINA, BODIL, KARIN)), (GRANEN, (AMINA, BODIL, MARIA)), (ASPEN, (TESFAY, KARIN)))
"""Each phone's unit, and who has signed in on it."""
PERSONS = {
    unit: [f"{n}3333333-333{m}-5333-8333-333333333333" for m in (1, 2)]
    for n, unit in enumerate((GRANEN, ASPEN))
}
ORDERS = {person: person.replace("3333", "7777") for of in PERSONS.values() for person in of}
TASK = "medicine.pouch"
Seen = TypeVar("Seen")
_BEGAN = date(2026, 1, 1)
_WORKERS = 2


def roles(staff: str, *without: str) -> tuple[RoleInUnit, ...]:
    """What somebody holds, but nothing in the units `without`: that ended yesterday."""
    day = TIME.now().date()
    return tuple(
        RoleInUnit(role, unit, _BEGAN, date.fromordinal(day.toordinal() - 1) if unit in without else None)
        for role, unit in PEOPLE[staff][1]
    )


def employed(staff: str, *without: str) -> Statement:
    body = StaffSet(name=PEOPLE[staff][0], title="assistant_nurse", roles=roles(staff, *without))
    return Statement(body, Ref("staff", staff), PEOPLE[staff][1][0][1])


class Endpoint:
    """Two workers on one file. The applications outlive a world, what they know does not."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self._settings = Settings(
            data=template, public_url=URL, demo=True, workers=_WORKERS, hosts=("rapp.example.se",)
        )
        self._apps = [create_app(self._settings) for _ in range(_WORKERS)]
        self.keys = self._apps[0].state.parts.keys
        for app in self._apps:
            app.state.parts.database.close()
        self.workers: list[Worker] = []
        self.database: Database
        self._engines: dict[tuple[str, str], Engine] = {}
        self._seen: dict[object, Any] = {}
        self._seen_at = -1

    def begin(self, folder: Path) -> None:
        """Open the database of one world, and start the workers."""
        self._url = f"sqlite:///{folder / 'endpoint.sqlite'}"
        self.database = self._opened("console")
        self._seen_at = -1
        self.workers = [Worker(n, app, self._start) for n, app in enumerate(self._apps)]
        for worker in self.workers:
            worker.start()

    def end(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.database.close()

    def _start(self, worker: Worker) -> tuple[Database, "asyncio.Task[None]"]:
        """A process that begins: it knows the database, and nothing else."""
        database = self._opened(f"worker {worker.number}")
        state = worker.app.state
        state.parts = Parts(self._settings, database, self.keys, self._apps[0].state.parts.provider, TIME.now)
        for held in (state.limiter._callers, state.limiter._known):
            held.clear()
        return database, asyncio.create_task(_listening(database))

    def _opened(self, whose: str) -> Database:
        """The world's file. What has once been made of a statement's words stays for all worlds."""
        database = Database(self._url)
        key = whose, self._url
        if key not in self._engines:
            self._engines[key] = database.engine
            event.listen(database.engine, "commit", lambda *_: LOOKS.written())
            if whose != "console":
                number = int(whose[-1])
                for name in ("before_cursor_execute", "commit"):
                    event.listen(database.engine, name, lambda *_: self.workers[number].statement())
        database.engine = self._engines[key]
        return database

    def seen(self, look: Callable[..., Seen], *given: object) -> Seen:
        """What a look at the database finds. It is looked anew when something has been written since."""
        if LOOKS.count != self._seen_at:
            self._seen.clear()
            self._seen_at = LOOKS.count
        key = look, given
        if key not in self._seen:
            self._seen[key] = self.database.read_now(lambda connection: look(connection, *given))
        found: Seen = self._seen[key]
        return found

    def state(self, *statements: Statement) -> None:
        """What the administrator types in."""
        _, done = self.database.write_now(lambda connection: write(connection, self.keys, statements))
        self.woken(done.woken)

    def woken(self, names: frozenset[str]) -> None:
        """The console is served by the first worker; the other looks at the file."""
        if self.workers[0].database is not None:
            self.workers[0].database.wake.up(names)


async def _listening(database: Database) -> None:
    async with listening(database, _WORKERS):
        await asyncio.Event().wait()


def furnish(folder: Path) -> None:
    """The endpoint's file of a town in which nobody has enrolled a phone yet."""
    folder.mkdir(parents=True)
    database = Database(f"sqlite:///{folder / 'endpoint.sqlite'}")
    migrate(database)
    held = keys.load(folder / "endpoint.keys", database)
    said = [*_units(), *(employed(staff) for staff in PEOPLE), *_care()]
    database.write_now(lambda connection: write(connection, held, said))
    database.write_now(lambda connection: write(connection, held, _orders(), KARIN))
    database.close()


def _units() -> list[Statement]:
    return [
        Statement(
            UnitSet(
                name=name,
                kind="residential",
                provider="p",
                provider_name="Provkommun",
                nurse=(OnCall("Karin", "1"),),
            ),
            Ref("unit", unit),
            unit,
        )
        for unit, name in ((GRANEN, "Granen"), (ASPEN, "Aspen"))
    ]


def _care() -> list[Statement]:
    born = date(1931, 5, 4)
    return [
        Statement(_person(person, born), Ref("person", person), unit, person)
        for unit, of in PERSONS.items()
        for person in of
    ]


def _person(person: str, born: date) -> Body:
    return PersonSet(name=f"Prov {person[:6]}", personnummer="19310504-2383", born=born)


def _orders() -> list[Statement]:
    begins = TIME.now().replace(month=1)
    return [
        Statement(
            OrderPlaced(plan=plan(requires=TASK), effective=begins),
            Ref("order", ORDERS[person]),
            unit,
            person,
        )
        for unit, of in PERSONS.items()
        for person in of
    ]


def copied(template: Path, folder: Path) -> None:
    """A world's own files."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)


def folded(path: Path) -> None:
    """Bring what is in a file's log into the file, so that it can be copied."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

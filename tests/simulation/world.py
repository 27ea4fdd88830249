"""One world: its events happen, then everything heals, and what must hold is looked at."""

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from endpoint import devices, standing
from endpoint.schema import devices as devices_table
from storage import StorageError
from sync import SyncError
from sync.selfcheck import ReadAnew
from sync.standing import ASK_EVERY_S
from tests.simulation import acts, foes, town, virtual
from tests.simulation.network import Worker
from tests.simulation.phone import Killed, Phone
from tests.simulation.plan import Event
from tests.simulation.town import ASPEN, GRANEN, LENA, PHONES, Endpoint
from tests.simulation.virtual import TIME

PATIENCE_S = 1500.0
"""So long a phone may take until nothing waits on it, once all is well again: pauses, Retry-After, tokens."""
_SETTLED_S = 3.0
_may = ReadAnew.may


class Broken(Exception):
    """Something that must always hold did not."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule


class World:
    def __init__(self, seed: int, endpoint: Endpoint, folder: Path) -> None:
        self.seed = seed
        self.endpoint = endpoint
        template = endpoint.template
        self.phones = [
            Phone(n, folder / f"phone-{n}", seed, template / f"phone-{n}", lambda: endpoint.workers)
            for n in range(len(PHONES))
        ]
        self.told: list[str] = []
        """What happened, line by line."""
        self.forged: set[str] = set()
        self.forged_on: set[str] = set()
        """Phones whose chain holds, set aside, what was forged in their name."""
        self.counts: Counter[str] = Counter()
        self.read_anew: list[str] = []
        """Streams that a phone's self-check has had read anew."""

    async def begin(self, folder: Path) -> None:
        ReadAnew.may = self._noted  # type: ignore[method-assign]
        self.endpoint.begin(folder)
        for phone in self.phones:
            phone.start()
        await asyncio.sleep(0.01)

    @property
    def _noted(self) -> Any:
        def may(phone: ReadAnew, staff: str, stream: str, now: datetime) -> bool:
            anew = _may(phone, staff, stream, now)
            if anew:
                self.read_anew.append(stream)
                self.told.append(f"{TIME.elapsed:8.1f} s  {stream} is read anew for {staff}")
            return anew

        return may

    async def live(self, events: Iterable[Event]) -> None:
        """Let the events happen, each in its time."""
        for event in events:
            if event.after:
                await asyncio.sleep(event.after)
            happened = await self._tried(event, self.phones[event.phone])
            self.counts[event.what] += happened != "could not be"
            self.told.append(f"{TIME.elapsed:8.1f} s  {event}  {happened}".rstrip())

    async def _tried(self, event: Event, phone: Phone) -> str:
        deaths = phone.deaths
        try:
            return await self._happen(event, phone)
        except Killed:
            phone.kill()
            return "could not be"
        except (StorageError, asyncio.CancelledError, AttributeError):
            if phone.deaths == deaths:
                raise
            # It died under somebody's hands.
            return "could not be"

    async def _happen(self, event: Event, phone: Phone) -> str:
        if not phone.alive and event.what not in ("crash", "roles", "weather", "restore"):
            phone.start()
            await asyncio.sleep(0.01)
        match event.what:
            case "say":
                return self._say(event, phone)
            case "switch":
                return "" if await self.let(phone, event.detail) else "could not be"
            case "lock":
                phone.lock()
            case "weather":
                phone.network.weather = event.detail
                phone.sync.wake() if phone.alive and event.detail == "fair" else None
            case "kill":
                phone.kill_in(event.number) if event.number else phone.kill()
            case "crash":
                self.endpoint.workers[int(event.detail)].crashes_in = event.number
            case "clock":
                phone.skew += timedelta(hours=event.number)
            case "back up":
                phone.back_up()
            case "restore":
                phone.restore()
            case "roles":
                staff, unit = event.detail.split(" ")
                self.endpoint.state(town.employed(staff, unit))
            case "move" | "close" | "lose" | "reopen":
                return self._decide(event.what, phone)
            case "forge":
                if phone.store.device:
                    self.forged_on.add(phone.store.device.id)
                return await self._foe(foes.forge(phone, event.detail, self.forged))
            case "replay":
                return await self._foe(foes.replay(phone, self.phones, event.number))
        return ""

    def _say(self, event: Event, phone: Phone) -> str:
        try:
            return "" if acts.said(phone, event.detail, event.number) else "could not be"
        except StorageError as error:
            raise Broken(
                "6 never blocked", f"phone {phone.number} could not {event.detail}: {error!r}"
            ) from error

    async def _foe(self, attempt: Any) -> str:
        try:
            return str(await attempt)
        except (SyncError, StorageError):
            return "could not be"

    async def let(self, phone: Phone, staff: str) -> bool:
        """Let somebody at the phone: with their code, by signing in, or on a phone enrolled anew."""
        if phone.store.device is None and not await self._enrol(phone):
            return False
        return phone.unlock(staff) or await self.sign_in(phone, staff)

    async def sign_in(self, phone: Phone, staff: str) -> bool:
        return await phone.sign_in(staff, self._browser())

    def _browser(self) -> Worker:
        living = [one for one in self.endpoint.workers if one.database is not None]
        return (living or self.endpoint.workers)[0]

    async def _enrol(self, phone: Phone) -> bool:
        unit = PHONES[phone.number][0]
        code = self.endpoint.database.write_now(
            lambda connection: devices.new_code(connection, unit, f"Telefon {phone.number}", TIME.now())
        )
        try:
            await phone.sync.enrol(town.URL, code, f"Telefon {phone.number}")
        except (SyncError, StorageError):
            return False
        phone.since_copy = None
        return True

    def _decide(self, what: str, phone: Phone) -> str:
        if phone.store.device is None:
            return "could not be"
        device, now, held = phone.store.device.id, TIME.now(), self.endpoint.keys

        def decide(connection: Any) -> frozenset[str]:
            match what:
                case "move":
                    unit = ASPEN if phone.store.device and phone.store.device.unit == GRANEN else GRANEN
                    return standing.move(connection, device, unit, LENA, now)
                case "close":
                    return standing.close(connection, device, LENA, now)
                case "lose":
                    return standing.lose(connection, held, device, LENA, now)
            return standing.reopen(connection, device, LENA, now)

        self.endpoint.woken(self.endpoint.database.write_now(decide))
        return ""

    # Afterwards.

    async def heal(self) -> None:
        """The network is well, the workers and phones run; everybody reads what has come for them."""
        for phone in self.phones:
            phone._writes_left = None
        for worker in self.endpoint.workers:
            worker.crashes_in = None
            worker.start()
        for phone in self.phones:
            phone.network.weather = "fair"
            if not phone.alive:
                phone.start()
                await asyncio.sleep(0.01)
            phone.lock()
            phone.sync.wake()
        for phone in self.phones:
            await self.until(lambda p=phone: self._settled(p), phone, "does not do what was decided of it")
            await self._delivered(phone)
        if any(phone.restored for phone in self.phones):
            # That two facts have one number, a phone is told when it next asks.
            await asyncio.sleep(ASK_EVERY_S + 60)

    def _settled(self, phone: Phone) -> bool:
        """Whether it has closed, or moved, where that was decided."""
        device = phone.store.device
        if device is None:
            return True
        row = self.endpoint.seen(_row, device.id)
        return (
            row.closed is None
            and row.state == standing.OPEN
            and row.move_to is None
            and row.unit == device.unit
        )

    async def _delivered(self, phone: Phone) -> None:
        """Nothing waits. What the endpoint would not take is sent again, once, as somebody would press it."""
        for one in phone.store.set_aside():
            phone.store.send_again(one.id)
        phone.sync.wake()

        def done() -> bool:
            counts = phone.store.counts()
            return not (counts.waiting or counts.quiet)

        await self.until(done, phone, "still waits to send")

    async def until(self, true: Any, phone: Phone, what: str) -> None:
        ends = TIME.elapsed + PATIENCE_S
        while not true():
            if TIME.elapsed > ends:
                raise Broken("2 reaches the endpoint", f"phone {phone.number} {what} ({phone.sync.state})")
            await asyncio.sleep(1.0)

    async def end(self) -> None:
        for phone in self.phones:
            await phone.stop()
        self.endpoint.end()


def _row(connection: Connection, device: str) -> Any:
    return connection.execute(select(devices_table).where(devices_table.c.id == device)).one()


def made(scratch: Path) -> Endpoint:
    """The template of every world, in a folder of this process."""
    template = scratch / "template"
    shutil.rmtree(scratch, ignore_errors=True)
    town.furnish(template)
    endpoint = Endpoint(template)

    async def furnish() -> None:
        world = World(0, endpoint, template)
        await world.begin(template)
        for phone, (_, people) in zip(world.phones, PHONES, strict=True):
            for staff in people:
                assert await world.let(phone, staff), f"{staff} could not sign in"
                await asyncio.sleep(30)
            phone.lock()
            await asyncio.sleep(5)
        await world.end()

    virtual.begin(0)
    run(furnish())
    for path in [template / "endpoint.sqlite", *template.glob("phone-*/rapp.db")]:
        town.folded(path)
    return endpoint


def run(coroutine: Any) -> Any:
    """Run a world on a loop of its own. What its tasks leave behind is theirs."""
    loop = virtual.Loop()
    loop.set_exception_handler(lambda *_: None)
    logging.disable(logging.CRITICAL)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        rest = asyncio.all_tasks(loop)
        for task in rest:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        loop.close()

"""`make demo`: an endpoint with invented people, phones of a carer, a nurse and the MAS, all on this machine.

The first run enrols the phones and signs their staff in, through the same calls that real phones make.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from care.schedule import STOCKHOLM
from endpoint import devices
from endpoint.database import Database
from endpoint.demo.names import STAFF, UNITS
from endpoint.settings import Settings
from storage import FileSecret, Store
from sync import Sync

HERE = Path(__file__).parent
PIN = "593817"
PATIENCE_S = 60.0

WELCOME = """
Rapp is running, with invented people.

  A carer's phone    {carer}
  A nurse's phone    {nurse}
  The MAS's phone    {office}
  Console            {console}

Everybody's code is {pin}.

Try this first:
  1. On the carer's phone choose Amina Yusuf, enter the code, tap a task under Nu, then Given.
     The sign in the corner goes to "Skickar 1" and then to "Allt skickat".
  2. Tap Kontakta sjuksköterska, choose somebody, and follow S, B, A, R to the words to read aloud.
  3. Open the nurse's phone as Karin Ström: the case is in the inbox. Answer it, and see the carer's phone.
  4. Lock the carer's phone: 112, the nurse, an SBAR script and a report are there without a code.
  5. On the carer's phone be Tesfay Mehari, and open an insulin task.
  6. On the MAS's phone be Eva Holm: the deviations of both units, with what was found, and no residents.

Then the console; whom you sign in as decides what you see:
  7. Maria Nyberg, who is in charge of the unit: Att göra. Draw last month's log control and judge the rows;
     do a self-check; write a routine and read it on the phone (tap the name, then Rutiner).
  8. Robin Sand, who administers: end somebody's employment, connect a phone (Telefoner), or close
     Telefon 3 while it is open: it delivers, destroys its keys, and keeps 112 and the nurse's number.
  9. Eva Holm, the MAS: who has read about a person (Loggutdrag), hand out a record or prepare an erasure
     (Bevara och radera); Anders Fjäll confirms it.

Stop with Ctrl+C. What you did is kept in {data}; `make demo-reset` clears it.
"""


@dataclass
class Phone:
    """One phone of the demo: where it keeps its data, what it is called, who has a code on it."""

    folder: str
    name: str
    staff: tuple[str, ...]
    unit: str = "Granen"


CARER = Phone("phone-carer", "Telefon 3", ("Amina Yusuf", "Lena Backlund", "Tesfay Mehari", "Karin Ström"))
NURSE = Phone("phone-nurse", "Sjuksköterskans telefon", ("Karin Ström",))
OFFICE = Phone("phone-office", "Kansliets telefon", ("Eva Holm", "Anders Fjäll"), "Kansliet")


@dataclass
class Demo:
    """The endpoint on `port`, the phones on the ports after it, their data under `data`."""

    data: Path
    port: int
    phones: tuple[Phone, ...] = (CARER, NURSE)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def address(self, number: int) -> str:
        return f"http://127.0.0.1:{self.port + number}"

    def start(self) -> None:
        """Everything, from nothing. Raises TimeoutError when a part does not start."""
        self.prepare()
        for number, phone in enumerate(self.phones, start=1):
            self.start_phone(phone, number)
        if "endpoint" not in self.children:  # all at once: a phone needs no endpoint to begin with
            self.start_endpoint()
        for number, phone in enumerate(self.phones, start=1):
            self._wait_for(self.address(number), phone.folder)

    def prepare(self) -> None:
        """What only the first start does: the endpoint filled, the phones enrolled, their staff signed in."""
        new = [phone for phone in self.phones if not self._is_ready(phone)]
        if new:
            self.start_endpoint()
            asyncio.run(self.provision(new))

    def start_endpoint(self) -> None:
        serve = ["-m", "endpoint", "serve", "--demo", "--port", str(self.port)]
        self._run("endpoint", [*serve, "--data", str(self.data / "endpoint")])
        self._wait_for(self.address(0) + "/v1/ready", "endpoint")

    def start_phone(self, phone: Phone, number: int) -> None:
        environment = {"RAPP_DATA": str(self.data / phone.folder), "RAPP_ENDPOINT": self.address(0)}
        self._run(phone.folder, ["main.py", "--port", str(self.port + number)], environment)

    def stop(self, name: str | None = None, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop one child by its name, or all of them."""
        for key in [name] if name else list(reversed(self.children)):
            child = self.children.pop(key)
            if child.poll() is None:
                child.send_signal(by)
            try:
                child.wait(timeout=8)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    async def provision(self, phones: list[Phone]) -> None:
        """Enrol phones and sign their staff in."""
        await asyncio.gather(*(self._provision(phone) for phone in phones))

    def _is_ready(self, phone: Phone) -> bool:
        return (self.data / phone.folder / "ready").exists()

    async def _provision(self, phone: Phone) -> None:
        data = self.data / phone.folder
        data.mkdir(parents=True, exist_ok=True)
        secret = FileSecret(data / "device.secret")
        store = Store.open(data / "rapp.db", secret, lambda: datetime.now(STOCKHOLM))
        sync = Sync(store)
        sync.start()
        try:
            if store.device is None:
                await sync.enrol(self.address(0), self._code(phone), phone.name)
            known = {slot.staff for slot in store.slots()}
            for person in phone.staff:
                if STAFF[person] not in known:
                    await sign_in(sync, STAFF[person])
            await first_sync(store)
        finally:
            sync.stop()
            store.close()
        (data / "ready").touch()

    def _code(self, phone: Phone) -> str:
        """A short-lived code, as the console gives it out."""
        database = Database(Settings(data=self.data / "endpoint").database)
        try:
            unit, now = UNITS[phone.unit], datetime.now(UTC)
            return database.write_now(lambda c: devices.new_code(c, unit, phone.name, now))
        finally:
            database.close()

    def _run(self, name: str, arguments: list[str], environment: dict[str, str] | None = None) -> None:
        """A child in a group of its own, so that Ctrl+C reaches only us and we stop it in order."""
        self.children[name] = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=HERE,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )

    def _wait_for(self, url: str, name: str) -> None:
        child = self.children[name]
        deadline = time.monotonic() + PATIENCE_S
        # One client for all that is asked: each reads the system's certificates when it is made.
        with httpx.Client(timeout=2) as client:
            while time.monotonic() < deadline:
                if child.poll() is not None:
                    raise TimeoutError(f"{name} ended with {child.returncode}")
                try:
                    if client.get(url).is_success:
                        return
                except httpx.HTTPError:
                    time.sleep(0.1)
        raise TimeoutError(f"{name} does not answer at {url}")


async def sign_in(sync: Sync, staff: str) -> None:
    """Sign somebody in through the demo's provider, as they would in the browser."""
    started = await sync.start_sign_in()
    async with httpx.AsyncClient() as browser:
        (await browser.post(started.url, data={"staff": staff})).raise_for_status()
    person = await sync.wait_for_sign_in(started)
    await sync.certify(started, person, PIN)


async def first_sync(store: Store) -> None:
    """Until the unit's own document has come: the lock screen shows the nurse's number from it."""
    deadline = time.monotonic() + PATIENCE_S
    while store.lock_info is None and time.monotonic() < deadline:
        await asyncio.sleep(0.1)


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def main() -> int:
    data, port = os.environ.get("RAPP_DEMO_DATA", HERE / ".demo"), os.environ.get("RAPP_DEMO_PORT", "8550")
    demo = Demo(Path(data), int(port), (CARER, NURSE, OFFICE))
    taken = [port for port in range(demo.port, demo.port + 1 + len(demo.phones)) if not free(port)]
    if taken:
        print(f"Port {taken[0]} is in use. Choose others: RAPP_DEMO_PORT=9550 make demo", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print("Starting the endpoint and three phones ...", flush=True)
        demo.start()
        names = ("console", "carer", "nurse", "office")
        addresses = {name: demo.address(number) for number, name in enumerate(names)}
        print(WELCOME.format(**addresses, pin=PIN, data=demo.data), flush=True)
        while all(child.poll() is None for child in demo.children.values()):
            time.sleep(0.5)
        print("One of the processes ended by itself; stopping the others.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    except TimeoutError as error:
        print(f"It did not start: {error}", file=sys.stderr)
        return 1
    finally:
        demo.stop()


if __name__ == "__main__":
    sys.exit(main())

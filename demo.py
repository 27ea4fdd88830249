"""`make demo`: an endpoint with invented people, a carer's phone and a nurse's phone, all on this machine.

The first run enrols the two phones and signs their staff in, through the same calls that real phones make.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
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
DATA = Path(os.environ.get("RAPP_DEMO_DATA", HERE / ".demo"))
PORT = int(os.environ.get("RAPP_DEMO_PORT", "8550"))
PIN = "147258"
UNIT = "Granen"
PHONES = {
    "phone-carer": ("Telefon 3", ("Amina Yusuf", "Lena Backlund", "Tesfay Mehari", "Karin Ström")),
    "phone-nurse": ("Sjuksköterskans telefon", ("Karin Ström",)),
}
PATIENCE_S = 60.0

WELCOME = """
Rapp is running, with invented people.

  A carer's phone    http://127.0.0.1:{carer}
  A nurse's phone    http://127.0.0.1:{nurse}
  Console            http://127.0.0.1:{console}

Everybody's code is {pin}.

Try this first:
  1. On the carer's phone choose Amina Yusuf, enter the code, tap a task under Nu, then Given.
     The sign in the corner goes from "Skickar 1" to "Allt skickat".
  2. Tap Kontakta sjuksköterska, choose somebody, and follow S, B, A, R to the words to read aloud.
  3. Open the nurse's phone as Karin Ström: the case is in the inbox. Answer it, and see the carer's phone.
  4. Lock the carer's phone: 112, the nurse, an SBAR script and a report are there without a code.

Stop with Ctrl+C. What you did is kept in {data}; `make demo-reset` clears it.
"""


def main() -> int:
    ports = [PORT, PORT + 1, PORT + 2]
    taken = [port for port in ports if not free(port)]
    if taken:
        print(f"Port {taken[0]} is in use. Choose others: RAPP_DEMO_PORT=9550 make demo", file=sys.stderr)
        return 1
    children: list[subprocess.Popen[bytes]] = []
    try:
        print("Starting the endpoint ...", flush=True)
        server = ["-m", "endpoint", "serve", "--demo", "--port", str(PORT), "--data", str(DATA / "endpoint")]
        children.append(start(server))
        wait_for(f"http://127.0.0.1:{PORT}/v1/ready", children[0])
        asyncio.run(provision())
        for number, folder in enumerate(PHONES, start=1):
            data = {"RAPP_DATA": str(DATA / folder), "RAPP_ENDPOINT": f"http://127.0.0.1:{PORT}"}
            children.append(start(["main.py", "--port", str(PORT + number)], data))
        for number, child in enumerate(children[1:], start=1):
            wait_for(f"http://127.0.0.1:{PORT + number}/", child)
        print(WELCOME.format(console=PORT, carer=PORT + 1, nurse=PORT + 2, pin=PIN, data=DATA), flush=True)
        return watch(children)
    except KeyboardInterrupt:
        return 0
    except TimeoutError as error:
        print(f"It did not start: {error}", file=sys.stderr)
        return 1
    finally:
        stop(children)


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def start(arguments: list[str], extra: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A child of its own, in a group of its own, so that Ctrl+C reaches only us and we stop it in order."""
    environment = os.environ | (extra or {})
    return subprocess.Popen([sys.executable, *arguments], cwd=HERE, env=environment, start_new_session=True)


def wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    """Until it answers. Raises TimeoutError when it ends or never does."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise TimeoutError(f"{child.args!r} ended with {child.returncode}")
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(url)


async def provision() -> None:
    """Enrol the phones and sign their staff in; nothing when that has been done."""
    new = [folder for folder in PHONES if not (DATA / folder / "ready").exists()]
    if new:
        print("Enrolling the phones and signing their staff in (once) ...", flush=True)
    await asyncio.gather(*(provision_phone(folder) for folder in new))


async def provision_phone(folder: str) -> None:
    name, people = PHONES[folder]
    data = DATA / folder
    data.mkdir(parents=True, exist_ok=True)
    store = Store.open(data / "rapp.db", FileSecret(data / "device.secret"), lambda: datetime.now(STOCKHOLM))
    sync = Sync(store)
    sync.start()
    try:
        if store.device is None:
            await sync.enrol(f"http://127.0.0.1:{PORT}", enrol_code(name), name)
        known = {slot.staff for slot in store.slots()}
        for person in people:
            if STAFF[person] not in known:
                await sign_in(sync, STAFF[person])
        await first_sync(store)
    finally:
        sync.stop()
        store.close()
    (data / "ready").touch()


def enrol_code(name: str) -> str:
    """A short-lived code, as the console gives it out."""
    database = Database(Settings(data=DATA / "endpoint").database)
    try:
        unit = UNITS[UNIT]
        return database.write_now(lambda c: devices.new_code(c, unit, name, datetime.now(UTC)))
    finally:
        database.close()


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


def watch(children: list[subprocess.Popen[bytes]]) -> int:
    """Until Ctrl+C, or until one of them ends by itself."""
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    print("One of the processes ended by itself; stopping the others.", file=sys.stderr)
    return 1


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())

"""The child of the app's crash test: the whole app without a display, in which somebody signs and takes back.

``python -m tests.crash.app_shift FOLDER`` reads a line for each life to begin, and answers with the process
id of a fork that opens the phone, shows the task, presses *Given*, and prints the fact once *Sparat* stands
on the screen.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path

from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM
from storage import FileSecret, Store, keys
from tests.statements import new_id
from tests.test_filling import Screen
from tests.ward import AMINA, FORMS, INGEGERD, KARIN, PIN, START, StillSync, Ward
from views.app import App
from views.model import reading
from views.model.phone import Phone
from views.model.shift import Shift
from views.places import Sign

FOLDER = "amina"


def prepare(folder: Path) -> None:
    """A phone with Amina on it, and one dose that is due."""
    ward = Ward(folder)
    shift = ward.phone(FOLDER, AMINA)
    slots = (Slot("m", "07:00"),)
    plan = Plan(what="Dospåse", form="pouch", amount="5 tabletter", slots=slots, start=date(2026, 1, 1))
    placed = OrderPlaced(plan=plan, effective=datetime(2026, 1, 1, tzinfo=STOCKHOLM))
    ward.say(placed, Ref("order", new_id()), INGEGERD, KARIN)
    ward.deliver()
    shift.phone.store.close()


def opened(folder: Path) -> Store:
    secret = FileSecret(folder / FOLDER / "secret")
    return Store.open(folder / FOLDER / "rapp.db", secret, lambda: START, price=keys.SCRYPT_N)


async def live(folder: Path, say: Callable[[str], None]) -> None:
    store = opened(folder)
    shift = Shift(Phone(store, StillSync(store), FORMS, clock=lambda: START))  # type: ignore[arg-type]
    shift.opened(store.unlock(AMINA, PIN))
    today = reading.day(shift)
    dose = [*today.now, *today.done][0].dose.id
    async with Screen(App, shift) as screen:
        say("ready")
        while True:
            shift.go(Sign(dose))
            await screen.settle(0.02)
            if screen.has("Ta tillbaka min signering"):
                await screen.click("Ta tillbaka min signering")
            else:
                await screen.click("Given")
            while not any("Sparat." in words for words in screen.texts()):
                await screen.settle(0.005)
            document = shift.me.document("dose", dose)
            assert document
            say(f"saved {document.facts[-1]}")
            shift.dismiss()
            shift.home()


def main(folder: Path) -> None:
    def say(line: str) -> None:
        os.write(1, line.encode() + b"\n")

    prepare(folder)
    keys._kek = cache(keys._kek)
    with_keys = opened(folder)
    with_keys.unlock(AMINA, PIN)
    with_keys.close()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(live(folder, say))
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

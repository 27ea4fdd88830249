"""Forms on the phone: few taps, nothing lost, and what is dangerous said at once."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from care.deviation import DeviationDocument
from care.facts import Ref, body_of, decode
from care.person import Flag, PersonSet
from care.sbar import SbarDocument
from care.staff import RoleInUnit, StaffSet
from care.unit import OnCall, Settings, UnitSet
from storage import Statement, Store
from sync import SyncState
from tests import store_case as case
from tests.headless import Headless
from views.app import App
from views.model import filling
from views.model.phone import Phone, shipped_forms
from views.model.shift import Shift
from views.places import BlankScript, ChoosePerson, ChooseReport, Fill, Script

APP = App.__wrapped__  # drawn as render_views draws it: its views are the page's
FORMS = shipped_forms(Path(__file__).parent.parent / "assets" / "forms")
INGEGERD = "0192cccc-0000-7000-8000-000000000005"
BROR = "0192cccc-0000-7000-8000-000000000007"


class StillSync:
    """Nothing is sent."""

    def __init__(self, phase: str = "sent") -> None:
        self.state = SyncState(phase=phase)  # type: ignore[arg-type]

    def wake(self) -> None: ...

    def subscribe(self, told: object) -> object:
        return lambda: None


class Screen(Headless):
    """Counts what a thumb does."""

    taps = 0

    def _views(self) -> Any:
        """App brings its own views."""
        return self.root(*self.arguments)

    async def click(self, name: str) -> None:
        self.taps += 1
        await super().click(name)
        # The draft is written in a thread; what follows is drawn after it.
        for _ in range(60):
            await self.settle(0.005)
            if not any(one.lock.locked() for one in self.arguments[0].fillings.values()):
                break
        await self.settle(0.01)

    async def key(self, digits: str) -> None:
        for digit in digits:
            await self.click(f"key-{digit}")


def fill_store(store: Store) -> None:
    """A unit, Anna who works there, and two who live there."""
    anna = case.sign_in(store)
    everyday = date(2026, 1, 1)
    nurse = (OnCall("Karin Ström", "070-1740605"),)
    unit = UnitSet(
        name="Granen",
        kind="residential",
        provider="0192ffff-0000-7000-8000-000000000001",
        provider_name="Provkommun",
        nurse=nurse,
        fallback=(OnCall("Hemtjänst Norr", "08-46500402"),),
        settings=Settings(news2="score"),
    )
    staff = StaffSet(
        name="Anna Andersson", title="assistant_nurse", roles=(RoleInUnit("carer", case.UNIT, everyday),)
    )
    ingegerd = PersonSet(
        name="Ingegerd Norling",
        personnummer="19360819-2385",
        born=date(1936, 8, 19),
        room="5",
        flags=(Flag("allergy", "penicillin"), Flag("condition", "Hjärtsvikt")),
    )
    bror = PersonSet(
        name="Bror Lindqvist",
        personnummer="19470701-2391",
        born=date(1947, 7, 1),
        room="7",
        flags=(Flag("blood_thinner", "Eliquis"),),
    )
    anna.save(
        Statement(unit, Ref("unit", case.UNIT), case.UNIT, None),
        Statement(staff, Ref("staff", case.ANNA), case.UNIT, None),
        Statement(ingegerd, Ref("person", INGEGERD), case.UNIT, INGEGERD),
        Statement(bror, Ref("person", BROR), case.UNIT, BROR),
    )
    anna.lock()


@asynccontextmanager
async def shown(
    folder: Path, locked: bool = False, phase: str = "sent"
) -> AsyncIterator[tuple[Screen, Shift]]:
    with case.phone(folder) as store:
        if not store.slots():
            fill_store(store)
        clock = store._file.now  # the store's own clock is the phone's
        shift = Shift(Phone(store, StillSync(phase), FORMS, clock))  # type: ignore[arg-type]
        if not locked:
            await shift.unlock(case.ANNA, case.PIN)
        async with Screen(App, shift) as screen:
            yield screen, shift


async def measure_all(screen: Screen) -> None:
    """From the airway to the recommendation, with everything measured and nothing else to tell."""
    await screen.click("Fri")
    await screen.key("26")
    await screen.key("93")
    await screen.click("Får Ingegerd syrgas? Nej")
    await screen.key("104")
    await screen.key("10864")
    await screen.click("Hur ser huden ut? Som vanligt")
    await screen.click("Vaken som vanligt")
    await screen.click("Ser du något av detta, som är nytt? Inget av detta")
    await screen.key("376")
    await screen.key("4")
    await screen.click("next")


async def test_an_sbar_with_all_vitals_takes_28_taps_to_the_script(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        began = time.monotonic()
        await screen.click("contact")
        await screen.click("Ingegerd")
        await screen.click("Andas sämre")
        await screen.click("Sedan när? Flera dagar")
        assert screen.has("Kända sjukdomar")
        await screen.click("Stämmer")
        await measure_all(screen)
        await screen.click("Kommer hit")
        assert isinstance(shift.place, Script), screen.texts()
        assert screen.taps == 28
        assert screen.has("Hög risk") or screen.has("Medelhög risk")
        assert time.monotonic() - began < 30

"""Orders on the console: written in plain words, looked at first, changed, paused, stopped."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.order import OrderDocument
from care.order_state import state
from care.schedule import planned
from care.signing import local_day
from endpoint import documents
from endpoint.demo import names
from tests.console_world import World, world
from tests.test_console_delegations import text

SIV = names.RESIDENTS["Siv Hedman"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


def form(here: World, **changes: Any) -> dict[str, Any]:
    values = {
        "person": SIV,
        "what": "Furix 40 mg",
        "form": "tablet",
        "amount": "1 tablett",
        "when": "var dag 08 och 20",
        "before": "60",
        "after": "60",
        "start": local_day(here.now).isoformat(),
        "requires": "medicine_pouch",
        "do": "place",
    }
    return values | changes


async def place(here: World, **changes: Any) -> OrderDocument:
    answer = await here.send("/orders/new", form(here, **changes))
    assert answer.status_code == 303, text(answer.text)
    return await order(here, answer.headers["location"].rpartition("/")[2])


async def order(here: World, id: str) -> OrderDocument:
    found = await documents.get(here.parts.database, OrderDocument, id)
    assert found is not None
    return found


async def test_an_order_is_looked_at_with_its_next_days_and_then_placed(here: World) -> None:
    before = len(await documents.of_person(here.parts.database, OrderDocument, SIV))
    looked = await here.send("/orders/new", form(here, when="varannan dag 21:30", do="look"))
    shown = text(looked.text)
    assert "Så här blir det" in shown
    assert shown.count("21:30 1 tablett") in (3, 4)
    assert len(await documents.of_person(here.parts.database, OrderDocument, SIV)) == before
    made = await place(here)
    assert made.plan is not None
    assert [slot.time for slot in made.plan.slots] == ["08:00", "20:00"]
    assert "varje dag 08:00 och 20:00" in text(await here.see(f"/orders/person/{SIV}"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when": "lite då och då"}, "Det gick inte att förstå."),
        ({"what": ""}, "Fyll i det här."),
        ({"needed": "1", "when": "", "indication": "Oro"}, "Skriv ett tal."),
        ({"steps": "6 tabletter\n2 tabletter i 3 dagar"}, "Skriv ett steg på varje rad"),
    ],
)
async def test_what_cannot_be_read_is_said_and_what_was_typed_stays(
    here: World, changes: dict[str, Any], said: str
) -> None:
    answer = await here.send("/orders/new", form(here, note="Med fil.", **changes))
    assert answer.status_code == 422
    assert said in text(answer.text)
    assert "Med fil." in answer.text


async def test_moving_a_time_changes_the_same_dose_and_the_page_tells_what_changed(here: World) -> None:
    made = await place(here, when="var dag 08 och 20")
    ahead = local_day(here.now) + timedelta(days=2)
    before = {dose.id for dose in planned(made, here.now, here.now + timedelta(days=4)) if dose.day == ahead}
    values = form(here, when="var dag 08 och 21", what_changed="Sover dåligt.")
    looked = text((await here.send(f"/orders/{made.id}/change", values | {"do": "look"})).text)
    assert "När: varje dag 08:00 och 20:00 → varje dag 08:00 och 21:00" in looked
    await here.send(f"/orders/{made.id}/change", values)
    changed = await order(here, made.id)
    doses = [dose for dose in planned(changed, here.now, here.now + timedelta(days=4)) if dose.day == ahead]
    assert {dose.id for dose in doses} == before
    shown = text(await here.see(f"/orders/{made.id}"))
    assert "Sover dåligt. När: varje dag 08:00 och 20:00 → varje dag 08:00 och 21:00" in shown


async def test_the_editor_opens_with_what_the_order_says(here: World) -> None:
    made = await place(here, when="mån ons fre 10", steps="3 tabletter i 7 dagar\n1 tablett", witness="1")
    shown = await here.see(f"/orders/{made.id}/change")
    assert 'value="mån, ons och fre 10:00"' in shown
    assert "3 tabletter i 7 dagar\n1 tablett" in shown
    assert re.search(r'name="witness" value="1" checked', shown)


async def test_everything_is_paused_in_hospital_and_goes_on_when_the_person_is_back(here: World) -> None:
    made = await place(here)
    answer = await here.send(f"/orders/person/{SIV}/pause", {"cause": "hospital", "reason": "Höft"})
    assert answer.status_code == 303
    assert "På sjukhus" in await here.see(f"/orders/person/{SIV}")
    day = timedelta(days=1)
    assert planned(await order(here, made.id), here.now + day, here.now + 3 * day) == []
    await here.send(f"/orders/person/{SIV}/resume")
    assert len(planned(await order(here, made.id), here.now + day, here.now + 3 * day)) == 4
    assert (await here.send(f"/orders/{made.id}/pause", {"cause": "nurse", "start": "x"})).status_code == 422


async def test_stopping_needs_its_reason_and_ends_the_doses(here: World) -> None:
    made = await place(here)
    assert (await here.send(f"/orders/{made.id}/stop", {"reason": ""})).status_code == 422
    await here.send(f"/orders/{made.id}/stop", {"reason": "Slutbehandlad"})
    stopped = await order(here, made.id)
    assert state(stopped, stopped.stopped or here.now) == "stopped"
    shown = await here.see(f"/orders/{made.id}")
    assert "Slutbehandlad" in shown
    assert f"/orders/{made.id}/change" not in shown


async def test_a_therapist_orders_training_and_no_medicine(here: World) -> None:
    furix = await place(here)
    await here.sign_in("Sara Lind")
    answer = await here.send("/orders/new", form(here))
    assert "utanför ditt yrke" in text(answer.text)
    await place(here, what="Gångträning", form="care", amount="10 minuter", requires="training")
    assert (await here.send(f"/orders/{furix.id}/stop", {"reason": "x"})).status_code == 403


async def test_a_carer_reads_orders_and_changes_none(here: World) -> None:
    made = await place(here)
    await here.sign_in("Amina Yusuf")
    shown = await here.see(f"/orders/{made.id}")
    assert "/change" not in shown
    assert "/stop" not in shown
    await here.see(f"/orders/{made.id}/change", 403)
    assert (await here.send("/orders/new", form(here))).status_code == 403

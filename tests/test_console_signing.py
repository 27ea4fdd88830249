"""Signing on the console: how a unit's day stands, per person and time, and never a figure per employee."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from care.dose import DoseGiven, DoseWithheld
from care.facts import Ref
from care.order import OrderDocument
from care.schedule import Planned, planned
from endpoint import documents
from endpoint.demo import names
from endpoint.schema import devices
from tests.console_world import GRANEN, World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def near(here: World, key: str) -> tuple[OrderDocument, Planned]:
    order = await documents.get(here.parts.database, OrderDocument, names.order_id(key))
    assert order is not None
    return order, planned(order, here.now - timedelta(hours=4), here.now + timedelta(hours=4))[0]


async def give(here: World, key: str, by: str, who: str, **values: Any) -> None:
    order, dose = await near(here, key)
    body = DoseGiven(
        order=order.id,
        planned=dose.at,
        performed=here.now,
        amount=dose.plan.amount,
        order_fact=order.versions[-1].fact,
        **values,
    )
    await here.says(by, body, Ref("dose", dose.id), GRANEN, who)


async def look(here: World, unit: str = GRANEN) -> str:
    """The text of the table *Att titta på*."""
    html = await here.see(f"/signing?unit={unit}")
    found = re.search(r'id="look".*?</section>', html, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


def phone(name: str, heard: datetime) -> Any:
    row = {
        "id": name,
        "unit": GRANEN,
        "name": name,
        "public": b"",
        "app": "",
        "enrolled": heard,
        "heard": heard,
    }
    return lambda connection: add(connection, row)


def add(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(devices.insert().values(**row))


async def test_a_late_task_is_to_be_looked_at_and_a_given_one_is_not(here: World) -> None:
    await here.sign_in("Karin Ström")
    assert re.search(r"Siv Hedman.*Levaxin.*Sen \d+ min", await look(here))
    await give(here, "siv-hedman/near", "Amina Yusuf", "Siv Hedman")
    assert "Levaxin 1 tablett" not in await look(here)
    assert "Given, " in await here.see(f"/signing?unit={GRANEN}")


async def test_signed_twice_is_shown_with_both_signatures(here: World) -> None:
    await give(here, "aina-rask/near", "Amina Yusuf", "Aina Rask")
    await give(here, "aina-rask/near", "Lena Backlund", "Aina Rask")
    await here.sign_in("Maria Nyberg")
    assert re.search(r"Aina Rask.*Signerad två gånger.*Amina Yusuf; .*Lena Backlund", await look(here))


async def test_without_delegation_is_shown(here: World) -> None:
    await give(here, "marta-aslund/near", "Tesfay Mehari", "Märta Åslund", already_given=True)
    await here.sign_in("Karin Ström")
    assert re.search(r"Märta Åslund.*Insulin NovoRapid.*Utan giltig delegering.*Tesfay", await look(here))


async def test_what_was_entered_afterwards_says_when_and_by_whom(here: World) -> None:
    order, dose = await near(here, "siv-hedman/near")
    ago = here.now - timedelta(minutes=40)
    values = {"order": order.id, "planned": dose.at, "amount": "1", "order_fact": order.versions[-1].fact}
    by_paper = DoseGiven(performed=ago, performer=names.STAFF["Amina Yusuf"], **values)  # type: ignore[arg-type]
    await here.says("Karin Ström", by_paper, Ref("dose", dose.id), GRANEN, "Siv Hedman", at=here.now)
    await here.sign_in("Karin Ström")
    shown = re.sub(r"<[^>]+>|\s+", " ", await here.see(f"/signing?unit={GRANEN}"))
    assert re.search(r"Amina Yusuf, från papper, efterregistrerad (i går )?\d\d:\d\d av Karin Ström", shown)


async def test_not_given_is_shown_with_its_reason(here: World) -> None:
    order, dose = await near(here, "aina-rask/near")
    body = DoseWithheld(
        order=order.id,
        planned=dose.at,
        performed=here.now,
        reason="nausea",
        order_fact=order.versions[-1].fact,
    )
    await here.says("Amina Yusuf", body, Ref("dose", dose.id), GRANEN, "Aina Rask")
    await here.sign_in("Karin Ström")
    assert re.search(r"Aina Rask.*Inte given.*mådde illa", await look(here))


async def test_silence_is_shown_as_silence_and_not_as_a_missed_dose(here: World) -> None:
    silent = here.now - timedelta(hours=2)
    await here.parts.database.write(phone("Telefon 3", silent))
    await here.sign_in("Karin Ström")
    html = await here.see(f"/signing?unit={GRANEN}")
    assert "Inget hört från Telefon 3 sedan" in html
    assert re.search(r"Siv Hedman.*Levaxin.*Inget hört sedan", await look(here))


async def test_a_phone_in_contact_makes_late_late(here: World) -> None:
    await here.parts.database.write(phone("Telefon 3", here.now - timedelta(minutes=2)))
    await here.sign_in("Karin Ström")
    assert "Inget hört" not in await here.see(f"/signing?unit={GRANEN}")
    assert re.search(r"Siv Hedman.*Levaxin.*Sen", await look(here))


async def test_no_figure_is_shown_per_employee(here: World) -> None:
    await give(here, "siv-hedman/near", "Amina Yusuf", "Siv Hedman")
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/signing?unit={GRANEN}")
    assert not re.search(r"Amina Yusuf[^<;,]{0,12}\d", html)


async def test_a_unit_that_is_not_the_readers_is_not_shown(here: World) -> None:
    await here.sign_in("Hanna Ek")
    await here.see(f"/signing?unit={GRANEN}", 404)
    assert "Hemtjänst Norr" in await here.see("/signing")
    await here.sign_in("Eva Holm")
    await here.see("/signing", 403)

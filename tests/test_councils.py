"""Kvalitetsråd: the agenda is what is open, decisions are followed up at the next, minutes stay."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.council import CouncilDocument
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, World, world

MARIA = names.STAFF["Maria Nyberg"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def day(here: World, days: int) -> str:
    return (here.now.date() + timedelta(days=days)).isoformat()


async def called(here: World, days: int) -> str:
    answer = await here.send("/councils/new", {"on": day(here, days), "units": GRANEN, "points": "Sommaren"})
    assert answer.status_code == 303, answer.text[-1500:]
    return str(answer.headers["location"]).rpartition("/")[2]


async def does(here: World, id: str, saying: str, status: int = 303, **fields: Any) -> str:
    answer = await here.send(f"/councils/{id}/{saying}", fields)
    assert answer.status_code == status, (saying, answer.text[-1500:])
    return str(answer.text)


async def test_what_is_decided_stands_on_the_agenda_of_the_next_until_it_is_done(here: World) -> None:
    fall = await here.deviation()
    await here.sign_in("Maria Nyberg")
    first, second = await called(here, 0), await called(here, 30)
    assert fall in await here.see(f"/councils/{first}")
    assert "Skriv protokollet först." in await does(here, first, "close", 422)
    await does(here, first, "action", text="Nattlampor", owner=MARIA, due=day(here, 9), case=fall)
    await does(here, first, "action", 422, text="x", owner=MARIA, due=day(here, 9), case="elsewhere")
    await does(here, first, "minutes", seen="0", text="Vi gick igenom fallen.", present="Maria, Karin")
    assert "Någon annan har sparat" in await does(here, first, "minutes", 422, seen="0", text="Annat")
    await does(here, first, "minutes", seen="1", text="Vi gick igenom fallen och läkemedlen.")
    await does(here, first, "close", text="Karin Ström")
    html = await here.see(f"/councils/{first}")
    for said in (
        "Nattlampor",
        "Gäller ärendet: Fall",
        "Vi gick igenom fallen och läkemedlen.",
        "1 tidigare version",
    ):
        assert said in html, said
    assert "Nattlampor" in (await here.see(f"/councils/{second}")).partition('id="decisions"')[0]
    found = await documents.get(here.parts.database, CouncilDocument, first)
    assert found is not None
    (decision,) = found.handling.actions
    assert found.cases == {decision.id: fall}
    await does(here, first, "action-done", action=decision.id, done=day(here, -1))
    assert "Nattlampor" not in await here.see(f"/councils/{second}")


async def test_the_agenda_has_the_cases_that_its_reader_may_open(here: World) -> None:
    chiefs = await here.deviation(None, {}, category="conduct", danger=())
    await here.sign_in("Maria Nyberg")
    id = await called(here, 1)
    assert chiefs in await here.see(f"/councils/{id}")
    await here.send(f"/deviations/{chiefs}/assess", {"risk": "2.4"})
    assert "Risk 8, hög" in await here.see(f"/councils/{id}")
    await here.sign_in("Karin Ström")
    assert chiefs not in await here.see(f"/councils/{id}")
    await here.sign_in("Amina Yusuf")
    await here.see(f"/councils/{id}", 404)

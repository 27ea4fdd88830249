"""Deviations on the console: who sees a case, and that its reporter is told when it has been received."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from care.deviation import DeviationDocument, ReportDocument
from endpoint import documents
from endpoint.demo import names
from tests.console_world import World, code, world

MISSED = {
    "deviation.category": [code("medication")],
    "deviation.medication": [code("missed")],
    "deviation.what": ["Dospåsen låg kvar på bordet vid lunch."],
    "deviation.harm": [code("none")],
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_received_is_a_fact_and_the_reporter_is_told_in_the_managers_words(here: World) -> None:
    id = await here.deviation()
    await here.sign_in("Maria Nyberg")
    assert "Tack Amina." in await here.see(f"/deviations/{id}")
    answer = await here.send(f"/deviations/{id}/received", {"tell": "Tack Amina. Vi ordnar en nattlampa."})
    assert answer.status_code == 303
    case = await documents.get(here.parts.database, DeviationDocument, id)
    told = await documents.get(here.parts.database, ReportDocument, id)
    assert case is not None
    assert told is not None
    assert [note.by for note in case.received] == [names.STAFF["Maria Nyberg"]]
    assert told.reporter == names.STAFF["Amina Yusuf"]
    assert told.person == case.person == names.RESIDENTS["Bror Exempelsson"]
    assert [(step.step, step.text) for step in told.steps] == [
        ("received", "Tack Amina. Vi ordnar en nattlampa.")
    ]
    html = await here.see(f"/deviations/{id}")
    assert "Vi ordnar en nattlampa." in html
    assert "Ta emot rapporten" not in html


async def test_received_twice_is_received_once(here: World) -> None:
    id = await here.deviation()
    await here.sign_in("Maria Nyberg")
    for _ in range(2):
        await here.send(f"/deviations/{id}/received", {"tell": "Tack."})
    told = await documents.get(here.parts.database, ReportDocument, id)
    assert told is not None
    assert len(told.steps) == 1


async def test_the_list_shows_category_person_when_where_and_how_far_it_has_come(here: World) -> None:
    await here.deviation(ago=90)
    await here.deviation("Olle Hagberg", MISSED, ago=5, category="medicine", danger=())
    await here.sign_in("Maria Nyberg")
    html = await here.see("/deviations")
    assert html.index("Bror Exempelsson") < html.index("Olle Hagberg")
    for words in ("Läkemedel", "Dospåsen låg kvar på bordet vid lunch.", "Badrum", "Inte mottagen, 1 timme"):
        assert words in html, words


async def test_a_case_without_a_person_is_the_chiefs_and_not_the_nurses(here: World) -> None:
    id = await here.deviation(None, MISSED, category="conduct", danger=())
    await here.sign_in("Karin Ström")
    await here.see(f"/deviations/{id}", 404)
    assert "Bemötande" not in await here.see("/deviations")
    assert (await here.send(f"/deviations/{id}/received")).status_code == 403
    await here.sign_in("Maria Nyberg")
    await here.see(f"/deviations/{id}")
    await here.sign_in("Anders Fjäll")
    await here.see(f"/deviations/{id}")


async def test_social_care_is_sas_and_health_care_mas(here: World) -> None:
    social = await here.deviation(None, MISSED, category="conduct", danger=())
    health = await here.deviation(None, MISSED, category="aid", danger=())
    await here.sign_in("Eva Holm")
    await here.see(f"/deviations/{social}", 404)
    await here.see(f"/deviations/{health}")
    await here.sign_in("Anders Fjäll")
    await here.see(f"/deviations/{health}", 404)


async def test_colleagues_never_see_a_case(here: World) -> None:
    id = await here.deviation()
    for name in ("Amina Yusuf", "Lena Backlund", "Robin Sand"):
        await here.sign_in(name)
        await here.see(f"/deviations/{id}", 403)
        assert (await here.send(f"/deviations/{id}/received")).status_code == 403
    case = await documents.get(here.parts.database, DeviationDocument, id)
    assert case is not None
    assert not case.received


async def test_no_deviations_is_said_in_words(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    assert "Inga avvikelser" in await here.see("/deviations")

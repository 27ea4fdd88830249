"""Risk analysis before a change: risks assessed and acted on, followed up, linked to later deviations."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.risk_analysis import RiskAnalysisDocument
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, NORR, World, world

MARIA = names.STAFF["Maria Nyberg"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def analysis_of(here: World, id: str) -> RiskAnalysisDocument:
    found = await documents.get(here.parts.database, RiskAnalysisDocument, id)
    assert found is not None
    return found


def day(here: World, days: int) -> str:
    return (here.now.date() + timedelta(days=days)).isoformat()


async def begun(here: World, **changed: Any) -> str:
    form = {"title": "Ny nattbemanning", "change": "En natt i stället för två.", "from_day": day(here, 30)}
    answer = await here.send("/risks/new", form | {"units": GRANEN} | changed)
    assert answer.status_code == 303, answer.text[-1500:]
    return str(answer.headers["location"]).rpartition("/")[2]


async def does(here: World, id: str, saying: str, status: int = 303, **fields: Any) -> str:
    answer = await here.send(f"/risks/{id}/{saying}", fields)
    assert answer.status_code == status, (saying, answer.text[-1500:])
    return str(answer.text)


async def test_an_analysis_from_the_risk_to_the_follow_up(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    id = await begun(here)
    assert "Skriv vad som kan hända." in await does(here, id, "risk", 422, grade="3.3")
    assert "Välj en ruta" in await does(here, id, "risk", 422, text="Larm hörs inte")
    await does(here, id, "risk", text="Larm hörs inte", cause="En ensam i huset", grade="3.3")
    (risk,) = (await analysis_of(here, id)).risks
    faulty = await does(here, id, "action", 422, risk=risk.id, text="Telefon", owner=MARIA, due="")
    assert 'value="Telefon"' in faulty
    await does(here, id, "action", risk=risk.id, text="Larm till telefonen", owner=MARIA, due=day(here, 9))
    await does(here, id, "risk", risk=risk.id, text="Larm hörs inte", cause="En ensam i huset", grade="3.1")
    found = await analysis_of(here, id)
    (action,) = found.handling.actions
    assert found.risks[0].actions == [action.id]
    assert [one.probability for one in found.risks[0].graded] == [3, 1]
    assert "Gör klart åtgärderna" in await does(here, id, "close", 422)
    await does(here, id, "action-done", action=action.id, done=day(here, -1))
    assert "Skriv först hur det gick." in await does(here, id, "close", 422)
    await does(here, id, "follow-up", text="Ett larm missades första veckan.")
    await does(here, id, "close")
    html = await here.see(f"/risks/{id}")
    for said in ("Larm till telefonen", "Tidigare: allvarlighet betydande, sannolikhet stor.", "Avslutad"):
        assert said in html, said
    assert re.search(r"Ny nattbemanning.*Avslutad", await here.see("/risks"), re.S)


async def test_limits_are_set_by_mas_and_what_was_assessed_before_keeps_its_own(here: World) -> None:
    before, after = await here.deviation(ago=60), await here.deviation("Olle Hagberg", ago=50)
    await here.sign_in("Maria Nyberg")
    await here.send(f"/deviations/{before}/assess", {"risk": "2.3"})
    assert "Risk 6, medel" in await here.see(f"/deviations/{before}")
    await here.see("/risks/limits", 403)
    await here.sign_in("Eva Holm")
    provider = re.findall(r'name="provider" value="([^"]+)"', await here.see("/risks/limits"))
    form = {"provider": provider[0], "medium": "4", "high": "6", "severe": "3"}
    assert (await here.send("/risks/limits", form)).status_code == 422, "the reason is always told"
    wrong = await here.send("/risks/limits", form | {"medium": "12", "reason": "x"})
    assert "kan inte ligga över" in wrong.text
    assert (await here.send("/risks/limits", form | {"reason": "Fler analyser."})).status_code == 303
    html = await here.see("/risks/limits")
    assert "Fler analyser." in html
    assert "Eva Holm" in html
    await here.sign_in("Maria Nyberg")
    await here.send(f"/deviations/{after}/assess", {"risk": "2.3"})
    assert "Risk 6, hög" in await here.see(f"/deviations/{after}")
    assert "andra gränser än nu" not in await here.see(f"/deviations/{after}")
    assert "Risk 6, medel" in await here.see(f"/deviations/{before}")
    assert "andra gränser än nu" in await here.see(f"/deviations/{before}")


async def test_a_risk_that_was_graded_before_keeps_the_limits_of_its_time(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    id = await begun(here)
    await does(here, id, "risk", text="Larm hörs inte", grade="2.3")
    await here.sign_in("Eva Holm")
    (provider,) = set(re.findall(r'name="provider" value="([^"]+)"', await here.see("/risks/limits")))
    form = {"provider": provider, "medium": "4", "high": "6", "severe": "3", "reason": "Fler analyser."}
    await here.send("/risks/limits", form)
    await here.sign_in("Maria Nyberg")
    await does(here, id, "risk", text="Ingen hjälp vid fall", grade="2.3")
    html = await here.see(f"/risks/{id}")
    assert [html.count(words) for words in ("Risk 6, medel", "Risk 6, hög", "andra gränser än nu")] == [1] * 3


async def test_a_later_deviation_stands_on_the_analysis_for_whoever_may_read_it(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    id, fall = await begun(here), await here.deviation(None, {}, category="conduct", danger=())
    assert (await here.send(f"/deviations/{fall}/link", {"kind": "staff", "to": id})).status_code == 422
    linked = await here.send(f"/deviations/{fall}/link", {"kind": "risk-analysis", "to": id})
    assert linked.status_code == 303
    assert "Hör inte ihop" in await here.see(f"/deviations/{fall}")
    assert fall in await here.see(f"/risks/{id}")
    await here.sign_in("Karin Ström")
    assert fall not in await here.see(f"/risks/{id}")


async def test_who_has_no_part_in_its_units_neither_reads_nor_changes_it(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    id = await begun(here)
    assert (
        await here.send("/risks/new", {"title": "x", "change": "y", "from_day": day(here, 1)})
    ).status_code == 422
    for name, status in {"Amina Yusuf": 403, "Karin Ström": 200}.items():
        await here.sign_in(name)
        assert (await here.client.get("/console/risks")).status_code == status
    await here.sign_in("Amina Yusuf")
    assert (await here.send(f"/risks/{id}/close")).status_code in (403, 404)
    assert NORR not in (await analysis_of(here, id)).units

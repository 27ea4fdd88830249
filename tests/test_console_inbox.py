"""The inbox: the most dangerous first, and an answer that is a fact on its way to the phone."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from care.facts import Ref
from care.sbar import SbarClosed, SbarDocument, SbarReadBack
from endpoint import documents
from endpoint.demo import names
from tests.console_world import ASTA, GRANEN, NORR, World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def listed(html: str) -> list[str]:
    return re.findall(r'class="name">([^<]+)<', html)


def calm(**vitals: object) -> dict:  # type: ignore[type-arg]
    usual = {"respiration": 16, "spo2": 98, "pulse": 70, "systolic": 128, "temperature": Decimal("36.9")}
    return ASTA | {f"a.{name}": [value] for name, value in (usual | vitals).items()}


async def sbar(here: World, id: str) -> SbarDocument:
    found = await documents.get(here.parts.database, SbarDocument, id)
    assert found is not None
    return found


async def test_an_empty_inbox_says_so(here: World) -> None:
    await here.sign_in("Karin Ström")
    assert "Inget väntar på dig" in await here.see("/inbox")


async def test_danger_outranks_time(here: World) -> None:
    await here.sbar("Märta Åslund", calm(), ago=50)
    missing = calm()
    del missing["a.temperature"]
    await here.sbar("Vera Holmgren", missing, ago=40, by="Hanna Ek", unit=NORR)
    await here.deviation("Bror Exempelsson", ago=3)
    await here.sbar("Asta Provdahl", ASTA, ago=1)
    await here.sign_in("Karin Ström")
    html = await here.see("/inbox")
    assert listed(html) == ["Bror Exempelsson", "Asta Provdahl", "Vera Holmgren", "Märta Åslund"]
    assert "Ofullst." in html


async def test_script_one_is_news2_seven_with_each_point_in_the_table(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{id}")
    assert "Aktuellt, NEWS2 7" in html
    assert re.findall(r'class="points p(.)"', html) == ["2", "1", "2", "1", "1", "0"]
    assert "Andfådd och kallsvettig sedan 06." in html
    assert "Allergi" not in html


async def test_oxygen_counts_where_the_reader_can_see_it(here: World) -> None:
    id = await here.sbar(answers=calm(oxygen=True))
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{id}")
    assert "Aktuellt, NEWS2 2" in html
    assert "Syre, syrgas %" in html
    assert re.findall(r'class="points p(.)"', html) == ["0", "2", "0", "0", "0", "0"]


async def test_a_missing_value_gives_no_total(here: World) -> None:
    answers = dict(ASTA)
    del answers["a.temperature"]
    id = await here.sbar(answers=answers)
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{id}")
    assert "NEWS2 ofullständig" in html
    assert "Minst medel" in html
    assert "NEWS2 6" not in html


async def test_earlier_values_stand_beside_the_new_ones(here: World) -> None:
    earlier = await here.sbar(answers=calm(), ago=60 * 30)
    await here.says(
        "Karin Ström",
        SbarClosed(),
        Ref("sbar", earlier),
        GRANEN,
        "Asta Provdahl",
        at=here.now - timedelta(hours=28),
    )
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{id}")
    assert "128/60" in html
    assert 'aria-label="16, 22"' in html
    assert len(listed(html)) == 1


async def test_an_answer_from_the_console_is_a_fact_by_the_nurse(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    sent = {"orders": ["call_112", "made_up"], "again": "15", "text": " Stanna hos Asta. "}
    answer = await here.send(f"/inbox/{id}/answer", sent)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/console/inbox/{id}"
    reply = (await sbar(here, id)).replies[0]
    assert (reply.by, reply.orders, reply.text) == (
        names.STAFF["Karin Ström"],
        ("call_112", "measure_again"),
        "Stanna hos Asta.",
    )
    assert reply.check_again is not None
    assert timedelta(minutes=14) < reply.check_again - here.now < timedelta(minutes=20)
    html = await here.see(f"/inbox/{id}")
    assert "inte upprepat" in html
    assert "Stanna hos Asta." in html


async def test_a_single_order_is_taken_too(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    await here.send(f"/inbox/{id}/answer", {"orders": "coming"})
    assert (await sbar(here, id)).replies[0].orders == ("coming",)


async def test_an_empty_answer_is_not_sent_and_says_so(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    answer = await here.send(f"/inbox/{id}/answer", {"text": "  "})
    assert not (await sbar(here, id)).replies
    page = await here.client.get(answer.headers["location"])
    assert "Inget har skickats" in page.text


async def test_reading_is_acknowledged_once(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    assert "Jag har läst" in await here.see(f"/inbox/{id}")
    await here.send(f"/inbox/{id}/acknowledge")
    await here.sign_in("Johan Berg")
    await here.send(f"/inbox/{id}/acknowledge")
    found = await sbar(here, id)
    assert found.acknowledged_by == names.STAFF["Karin Ström"]
    assert len(found.facts) == 2
    assert "Jag har läst" not in await here.see(f"/inbox/{id}")


async def test_the_page_shows_that_the_answer_was_repeated(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    await here.send(f"/inbox/{id}/answer", {"orders": ["sit_up"]})
    await here.says(
        "Amina Yusuf",
        SbarReadBack(nurse="Karin Ström", orders=("sit_up",)),
        Ref("sbar", id),
        GRANEN,
        "Asta Provdahl",
    )
    assert "Upprepat av Amina Yusuf" in await here.see(f"/inbox/{id}")


async def test_a_poll_answers_only_when_something_has_changed(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    path = f"/console/inbox/fresh?open={id}&chosen=true"

    async def poll(seen: str) -> tuple[int, str]:
        answer = await here.client.get(path, headers={"If-None-Match": seen, "HX-Request": "true"})
        found = re.search(r'"If-None-Match": "(\w+)"', answer.text)
        return answer.status_code, found[1] if found else seen

    for _ in range(3):  # the minute may turn between two polls
        _, seen = await poll("")
        status, _ = await poll(seen)
        if status == 304:
            break
    assert status == 304
    await here.send(f"/inbox/{id}/answer", {"orders": ["coming"]})
    assert (await poll(seen))[0] == 200


async def test_the_first_poll_of_a_fresh_page_is_unchanged(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    for _ in range(3):
        seen = re.search(r'"If-None-Match": "(\w+)"', await here.see(f"/inbox/{id}"))
        assert seen
        answer = await here.client.get(
            f"/console/inbox/fresh?open={id}&chosen=true", headers={"If-None-Match": seen[1]}
        )
        if answer.status_code == 304:
            break
    assert answer.status_code == 304


async def test_an_sbar_made_from_a_fall_takes_its_place_and_its_danger(here: World) -> None:
    fall = await here.deviation("Bror Exempelsson")
    await here.sbar("Asta Provdahl", calm(), ago=30)
    await here.sbar("Bror Exempelsson", calm(), ago=1, prompted_by=fall)
    await here.sign_in("Karin Ström")
    html = await here.see("/inbox")
    assert listed(html) == ["Bror Exempelsson", "Asta Provdahl"]
    assert "Slog i huvudet: Ja" in html


async def test_an_answer_whose_form_is_not_here_is_shown_as_it_was_written(here: World) -> None:
    from msgspec import Raw

    from care.published import Answered
    from care.sbar import SbarRecorded

    response = Raw(
        b'{"resourceType":"QuestionnaireResponse","item":[{"linkId":"s.x","text":"Nytt",'
        b'"answer":[{"valueString":"<b>Hej</b>"}]}]}'
    )
    id = names.RESIDENTS["Edit Fiktiv"]
    body = SbarRecorded(answers=Answered("https://elsewhere.example/form", "9", response))
    await here.says("Amina Yusuf", body, Ref("sbar", id), GRANEN, "Edit Fiktiv")
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{id}")
    assert "Nytt: &lt;b&gt;Hej&lt;/b&gt;" in html

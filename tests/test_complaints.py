"""Complaints: taken down by anybody, acknowledged, investigated, answered in four weeks, counted apart."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from care.case_due import due_in_complaint
from care.complaint import ComplaintDocument, ComplaintReceived
from care.complaint_case import ComplaintAcknowledged, ComplaintAnswered
from care.deviation import DeviationDocument, ReportDocument
from care.documents import fold
from care.facts import Body, Ref
from care.published import Answered
from care.signing import local_day
from endpoint import documents
from endpoint.console.answers import forms
from endpoint.console.complaints import FORM, counted_of
from endpoint.console.forms.typed import names as field_names
from endpoint.demo import names
from tests.console_world import GRANEN, NORR, World, answered, code, world
from tests.statements import NOON, fact

MARIA = names.STAFF["Maria Nyberg"]
RECEIVED = ComplaintReceived(kind="complaint", answers=Answered("f", "1", Raw(b"{}")), reply_to="Sonen, 070")
TODAY = local_day(NOON)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def complaint(*bodies: Body) -> ComplaintDocument:
    ref = Ref("complaint", "88888888-8888-5888-8888-888888888888")
    facts = [
        fact(body, ref, rank=rank, at=NOON + timedelta(minutes=rank)) for rank, body in enumerate(bodies)
    ]
    found = fold("complaint", ref.id, facts)
    assert isinstance(found, ComplaintDocument)
    return found


def test_it_is_acknowledged_in_three_days_and_answered_in_four_weeks() -> None:
    assert [(one.what, (one.day - TODAY).days) for one in due_in_complaint(complaint(RECEIVED))] == [
        ("acknowledged", 3),
        ("answered", 28),
    ]
    told = (RECEIVED, ComplaintAcknowledged(way="phone", on=TODAY))
    assert [one.what for one in due_in_complaint(complaint(*told))] == ["answered"]
    case = complaint(*told, ComplaintAnswered(way="letter", on=TODAY, text="Vi har bytt matleverantör."))
    assert [one.what for one in due_in_complaint(case)] == ["closed"]
    assert (case.unreadable, case.step) == (0, "followed_up")


def test_praise_and_those_who_want_no_answer_wait_for_none() -> None:
    assert due_in_complaint(complaint(ComplaintReceived(kind="praise", answers=RECEIVED.answers))) == []
    quiet = ComplaintReceived(kind="complaint", answers=RECEIVED.answers)
    assert [one.what for one in due_in_complaint(complaint(quiet))] == ["closed"]


async def taken_down(here: World, unit: str = GRANEN, **given: str) -> Any:
    form = forms()[FORM]
    fields = field_names(form)
    typed = {
        "complaint.kind": "complaint",
        "complaint.from": "relative",
        "complaint.about": "food",
        "complaint.what": "Maten är kall.",
        "complaint.reply": "yes",
        "complaint.reply.to": "Sonen, 070-174 06 05",
    } | given
    data = {fields[link]: value for link, value in typed.items()}
    data |= {"unit": unit, "shown": [fields[item.link_id] for item in form.walk()]}
    return await here.send("/complaints/new", data)


async def test_a_nurse_takes_it_down_the_manager_answers_and_the_nurse_is_told(here: World) -> None:
    await here.sign_in("Karin Ström")
    assert "Ta emot ett klagomål" in await here.see("/complaints/new")
    assert (await taken_down(here, **{"complaint.what": ""})).status_code == 422
    assert (await taken_down(here)).headers["location"].endswith("/complaints/taken")
    await here.see("/complaints", 403)
    await here.sign_in("Maria Nyberg")
    html = await here.see("/complaints")
    assert "Maten är kall." in html
    id = re.findall(r"/console/complaints/([0-9a-f-]{36})", html)[0]

    async def does(saying: str, status: int = 303, **fields: str) -> str:
        answer = await here.send(f"/complaints/{id}/{saying}", fields)
        assert answer.status_code == status, answer.text[-1500:]
        return str(answer.text)

    today = here.now.date().isoformat()
    await does("acknowledge", way="phone", on=(here.now - timedelta(days=1)).date().isoformat())
    await does("begin", tell="Vi tittar på maten.")
    await does("investigation", seen="0", happened="Vagnen stod i korridoren.", why="Ny tid för leverans.")
    assert "Svara den som klagade." in await does("close", 422, tell="Tack.")
    assert "Skriv något först." in await does("answer", 422, way="phone", on=today)
    await does(
        "answer",
        way="phone",
        on=(here.now - timedelta(days=1)).date().isoformat(),
        text="Maten kommer varm nu.",
    )
    await does("close", tell="Tack Karin. Maten kommer varm nu.")
    told = await documents.get(here.parts.database, ReportDocument, id)
    assert told is not None
    assert told.reporter == names.STAFF["Karin Ström"]
    assert [step.step for step in told.steps] == ["received", "investigated", "closed"]
    assert told.steps[-1].text == "Tack Karin. Maten kommer varm nu."
    html = await here.see(f"/complaints/{id}")
    assert "Maten kommer varm nu." in html
    assert re.search(r'<th scope="row">Klagomål</th><td class="num">1</td><td class="num">1</td>', html)
    assert not await documents.of_kind(here.parts.database, DeviationDocument)


async def test_of_social_care_the_manager_and_sas_see_it_and_neither_nurse_nor_mas(here: World) -> None:
    id = str(uuid.uuid4())
    body = ComplaintReceived(
        kind="complaint",
        answers=answered("complaint", {"complaint.kind": [code("complaint")]}, here.now),
        sides=("sol",),
    )
    await here.says("Amina Yusuf", body, Ref("complaint", id), NORR)
    for name, status in {
        "Maria Nyberg": 200,
        "Karin Ström": 403,
        "Anders Fjäll": 200,
        "Eva Holm": 404,
    }.items():
        await here.sign_in(name)
        await here.see(f"/complaints/{id}", status)


async def test_the_documents_hold_the_complaints_of_their_period_without_small_numbers(here: World) -> None:
    for _ in range(6):
        body = ComplaintReceived(
            kind="complaint", answers=answered("complaint", {}, here.now), sides=("sol",)
        )
        await here.says("Amina Yusuf", body, Ref("complaint", str(uuid.uuid4())), GRANEN)
    few = ComplaintReceived(kind="praise", answers=answered("complaint", {}, here.now), sides=("sol",))
    await here.says("Amina Yusuf", few, Ref("complaint", str(uuid.uuid4())), GRANEN)
    await here.deviation()
    await here.sign_in("Maria Nyberg")
    year = local_day(here.now).year
    html = await here.see(f"/deviations/figures/report?kind=year&from={year}-01-01&to={year}-12-31")
    found = html.partition('id="table-complaints"')[2].partition("</section>")[0]
    rows = [
        re.findall(r">([^<>]+)<", row) for row in re.findall(r"<tr><th scope=.row.>.*?</tr>", found, re.S)
    ]
    assert rows == [
        ["Klagomål", "6", "0", "0", "0"],
        ["Förslag", "0", "0", "0", "0"],
        ["Beröm", "x", "x", "x", "x"],
    ]


def test_the_last_day_of_the_four_weeks_is_in_time() -> None:
    def answered_after(days: int) -> ComplaintDocument:
        said = ComplaintAnswered(way="phone", on=TODAY + timedelta(days=days), text="x")
        return complaint(RECEIVED, said)

    found = counted_of("complaint", [answered_after(28), answered_after(29), complaint(RECEIVED)])
    assert (found.count, found.in_time, found.late, found.waiting) == (3, 1, 1, 1)

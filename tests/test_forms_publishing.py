"""Forms published from the console: checked by item, looked at, withdrawn, read in their own version."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from care.facts import Ref
from care.forms import Coding, load, to_response
from care.published import Answered, FormDocument
from care.sbar import SbarRecorded
from care.streams import streams_of
from endpoint import documents
from endpoint.console.answers import forms, shipped_file
from tests.console_world import GRANEN, NORR, World, world
from tests.statements import new_id

SBAR = "https://rapp.example/fhir/Questionnaire/sbar"
OWN: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "status": "active",
    "url": "https://example.org/forms/munhalsa",
    "version": "1",
    "title": "Munhälsa",
    "item": [{"linkId": "dry", "type": "boolean", "text": "Torr i munnen?"}],
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def own(**changes: Any) -> str:
    return json.dumps(OWN | changes, ensure_ascii=False)


async def send(here: World, text: str, do: str = "publish", units: tuple[str, ...] = (GRANEN,)) -> Any:
    return await here.send("/forms/new", {"text": text, "units": list(units), "do": do})


async def published(here: World, text: str, units: tuple[str, ...] = (GRANEN,)) -> str:
    answer = await send(here, text, units=units)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/console")


async def the_forms(here: World) -> list[FormDocument]:
    return await documents.of_kind(here.parts.database, FormDocument)


def sbar_of(version: str, problem: str) -> str:
    """The shipped SBAR as version 2, with one more problem to choose."""
    form = json.loads(shipped_file(SBAR))
    form["version"] = version
    (asked,) = [one for one in form["item"][0]["item"] if one["linkId"] == "s.problem"]
    system = asked["answerOption"][0]["valueCoding"]["system"]
    coding = {"system": system, "code": "bleeding", "display": problem}
    asked["answerOption"].append({"valueCoding": coding})
    return json.dumps(form, ensure_ascii=False)


async def test_a_form_is_checked_looked_at_and_published_to_the_units_that_are_chosen(here: World) -> None:
    await here.sign_in("Eva Holm")
    assert "Följer med appen" in await here.see("/forms")
    looked = await send(here, own(), "check")
    assert "Formuläret går att använda" in looked.text
    assert "Torr i munnen?" in looked.text
    assert not await the_forms(here)
    path = await published(here, own(), (GRANEN, NORR))
    (form,) = await the_forms(here)
    of = ("unit", "mas", "sas", "safety")
    assert {str(one) for one in streams_of(form)} == {
        f"{one}:{unit}" for one in of for unit in (GRANEN, NORR)
    }
    assert await published(here, own(), (GRANEN, NORR)) == path
    assert len((await the_forms(here))[0].versions) == 1, "sent twice is published once"
    await published(here, own(version="2", title="Munhälsa 2"))
    (form,) = await the_forms(here)
    assert [one.version for one in form.versions] == ["1", "2"]
    assert form.used_in(NORR) is None
    assert "Munhälsa 2" in await here.see(path)
    older = await here.see(f"{path}?version=1")
    assert "Det här är en äldre version." in older
    assert json.loads(await here.see(f"{path}/file?version=1")) == OWN


async def test_what_is_wrong_is_named_by_item_and_nothing_is_published(here: World) -> None:
    await here.sign_in("Eva Holm")
    bad = {"linkId": "total", "type": "integer", "extension": [{"url": "https://example.org/sum"}]}
    answer = await send(here, own(item=[*OWN["item"], bad]))
    assert answer.status_code == 422
    assert "total</th>" in answer.text
    assert "unsupported extension" in answer.text
    assert "Torr i munnen?" in answer.text, "what was sent is still there"
    for text, said in (
        ("", "Välj en fil"),
        ("{", "not JSON"),
        ("[]", "must be an object"),
        (json.dumps({k: v for k, v in OWN.items() if k != "version"}), "behöver url och version"),
        (own(description="x" * 250_000), "för stort"),
    ):
        answer = await send(here, text)
        assert (answer.status_code, said in answer.text) == (422, True), text[:40]
    answer = await send(here, own(), units=())
    assert "Välj minst en enhet" in answer.text
    assert not await the_forms(here)
    await published(here, own())
    assert "finns redan med annat innehåll" in (await send(here, own(title="En annan"))).text


async def test_what_the_app_reckons_with_and_the_form_lacks_is_said_before_it_is_published(
    here: World,
) -> None:
    await here.sign_in("Robin Sand")
    form = json.loads(shipped_file(SBAR)) | {"version": "9"}
    form["item"] = [part for part in form["item"] if part["linkId"] != "r"]
    answer = await send(here, json.dumps(form), "check")
    assert "Appen räknar med frågor som saknas" in answer.text
    assert "r.wish" in answer.text
    assert "Appen räknar med" not in (await send(here, sbar_of("9", "Blöder"), "check")).text
    shipped = json.loads(shipped_file(SBAR)) | {"title": "Samma version"}
    assert "finns redan med annat innehåll" in (await send(here, json.dumps(shipped))).text
    assert json.loads(await here.see(f"/forms/shipped?url={SBAR}")) == json.loads(shipped_file(SBAR))
    await here.see("/forms/shipped?url=none", 404)


async def test_an_answer_is_read_in_the_version_that_it_was_given_on_also_when_that_is_withdrawn(
    here: World,
) -> None:
    await here.sign_in("Eva Holm")
    path = await published(here, sbar_of("2", "Blöder mycket"))
    await published(here, sbar_of("3", "Annat ord"))
    form = load(sbar_of("2", "Blöder mycket"))
    answers = {"s.problem": [Coding("bleeding", form.item("s.problem").options[0].value.system)]}  # type: ignore
    response = to_response(form, answers, here.now.isoformat())
    for item in response["item"][0]["item"]:
        for answer in item["answer"]:
            answer["valueCoding"].pop("display", None)
    raw = msgspec.Raw(json.dumps(response).encode())
    case = new_id()
    await here.says("Amina Yusuf", SbarRecorded(answers=Answered(SBAR, "2", raw)), Ref("sbar", case), GRANEN)
    await here.sign_in("Karin Ström")
    assert "Blöder mycket" in await here.see(f"/inbox/{case}")
    await here.sign_in("Eva Holm")
    assert (await here.send(f"{path}/withdraw", {"reason": "Fel ord"})).status_code == 303
    assert "Fel ord" in await here.see(path)
    (found,) = await the_forms(here)
    assert found.current is None
    await here.sign_in("Karin Ström")
    assert "Blöder mycket" in await here.see(f"/inbox/{case}")
    await here.sign_in("Eva Holm")
    assert await published(here, sbar_of("3", "Annat ord")) == path, "published anew it is used again"


async def test_who_gives_care_publishes_no_forms(here: World) -> None:
    for name in ("Amina Yusuf", "Karin Ström", "Maria Nyberg"):
        await here.sign_in(name)
        await here.see("/forms", 403)
        assert (await send(here, own())).status_code == 403
    assert set(forms()) >= {SBAR}

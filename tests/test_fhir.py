"""FHIR R4 for journal systems: shapes by fhir.resources' models, codes and units, search, rights, the log."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.communication import Communication
from fhir.resources.R4B.medicationadministration import MedicationAdministration
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from fhir.resources.R4B.servicerequest import ServiceRequest
from msgspec import Raw

from care.facts import Ref
from care.forms import Coding
from care.published import Answered
from care.sbar import SbarAnswered, SbarReadBack, SbarRecorded
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import rows
from endpoint.console.answers import FOLDER, forms
from endpoint.demo import names
from endpoint.fhir import keys, observations, tasks
from endpoint.fhir.pages import _MADE
from endpoint.fhir.search import WHEN
from tests.console_world import ASTA, FORM, GRANEN, World, world

WHO = names.RESIDENTS["Asta Provdahl"]
MODELS = {one.__name__: one for one in (QuestionnaireResponse, Observation, Communication, Patient, Bundle)}
MODELS |= {one.__name__: one for one in (OperationOutcome, CapabilityStatement)}
TASKS = (MedicationRequest, ServiceRequest, MedicationAdministration, Procedure)
MODELS |= {one.__name__: one for one in TASKS}


class Journal:
    """A journal system with a key."""

    def __init__(self, here: World, token: str) -> None:
        self.here, self.token = here, token

    async def ask(self, path: str, status: int = 200, **parameters: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.here.client.get(f"/v1/fhir/{path}", params=parameters or None, headers=headers)
        return shaped(answer, status)

    async def send(self, path: str, form: dict[str, str], status: int = 200) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return shaped(await self.here.client.post(f"/v1/fhir/{path}", data=form, headers=headers), status)

    async def found(self, kind: str, **parameters: str) -> list[dict[str, Any]]:
        bundle = await self.ask(kind, **parameters)
        return [one["resource"] for one in bundle.get("entry", [])]


def shaped(answer: Any, status: int) -> dict[str, Any]:
    """The answer, which every time has the shape that its resourceType says (R4B)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    body: dict[str, Any] = answer.json()
    MODELS[body["resourceType"]].model_validate(body)
    return body


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def system(here: World, name: str = "Karin Ström") -> Journal:
    staff = names.STAFF[name]
    token = await here.parts.database.write(lambda c: keys.make(c, staff, "Journalen", here.now))
    return Journal(here, token)


async def test_an_sbar_and_all_that_was_said_of_it_as_resources(here: World) -> None:
    missing = {key: value for key, value in ASTA.items() if key != "a.temperature"}
    id = await here.sbar(answers=missing | {"a.temperature.missing": [Coding("equipment")]})
    ref = Ref("sbar", id)
    answer = SbarAnswered(orders=("call_112",), text="Stanna.", check_again=here.now)
    await here.says("Karin Ström", answer, ref, GRANEN, "Asta Provdahl")
    await here.says("Amina Yusuf", SbarReadBack(nurse="Karin Ström"), ref, GRANEN, "Asta Provdahl")
    journal = await system(here)

    response = await journal.ask(f"QuestionnaireResponse/{id}")
    assert response["subject"]["reference"] == f"Patient/{WHO}"
    assert re.fullmatch(r"\d{12}", response["subject"]["identifier"]["value"])
    assert response["author"]["display"] == "Amina Yusuf"
    assert response["questionnaire"].startswith(f"{FORM}sbar")
    assert "{name}" not in str(response)

    found = {one["id"].removeprefix(f"{id}."): one for one in await journal.found("Observation", patient=WHO)}
    assert list(found) == [
        "respiration", "spo2", "oxygen", "pulse", "pressure", "consciousness", "temperature",
    ]  # fmt: skip
    pulse = found["pulse"]
    assert pulse["valueQuantity"] == {
        "value": 112, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min",
    }  # fmt: skip
    assert pulse["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{id}"}]
    pressure = {
        one["code"]["coding"][0]["code"]: one["valueQuantity"] for one in found["pressure"]["component"]
    }
    assert {code: (one["value"], one["code"]) for code, one in pressure.items()} == {
        "8480-6": (104, "mm[Hg]"),
        "8462-4": (60, "mm[Hg]"),
    }
    assert found["consciousness"]["valueCodeableConcept"]["coding"][0]["code"] == "A"
    assert found["oxygen"]["valueBoolean"] is False
    # What was not measured says so, and is never left out or taken for normal.
    assert "valueQuantity" not in found["temperature"]
    assert found["temperature"]["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert found["temperature"]["dataAbsentReason"]["text"]

    said = {one["id"]: one for one in await journal.found("Communication", patient=WHO)}
    back = said.pop(f"{id}.read-back")
    [reply] = said.values()
    assert re.match(
        r"Ring 112\. Stanna\. Ny kontroll \d+ \w+ \d{4} \d\d:\d\d\.$", reply["payload"][0]["contentString"]
    )
    assert back["inResponseTo"] == [{"reference": f"Communication/{reply['id']}"}]
    assert (back["sender"]["display"], back["recipient"][0]["display"]) == ("Amina Yusuf", "Karin Ström")
    for kind, one in (("Communication", reply), ("Communication", back), ("Observation", pulse)):
        assert await journal.ask(f"{kind}/{one['id']}") == one

    patient = await journal.ask(f"Patient/{WHO}")
    assert patient["identifier"][0] == response["subject"]["identifier"]
    assert "address" not in patient


async def test_whole_vital_signs_have_news2_where_the_unit_shows_it(here: World) -> None:
    id = await here.sbar()
    journal = await system(here)
    [score] = await journal.found("Observation", patient=WHO, code="news2")
    assert (score["id"], score["valueQuantity"]["value"]) == (f"{id}.news2", 7)
    unit = await documents.get(here.parts.database, UnitDocument, GRANEN)
    assert unit is not None
    from msgspec.structs import replace

    quiet = replace(unit.as_set, settings=replace(unit.settings, news2="values"))
    await here.says(None, quiet, Ref("unit", GRANEN), GRANEN)
    assert await journal.found("Observation", patient=WHO, code="news2") == []
    assert len(await journal.found("Observation", patient=WHO, code="http://loinc.org|8867-4")) == 1


async def test_search_by_whom_and_when_in_pages(here: World) -> None:
    old = await here.sbar(ago=60 * 48)
    new = await here.sbar(ago=2)
    other = await here.sbar("Märta Åslund", ago=3)
    journal = await system(here)
    kind = "QuestionnaireResponse"

    async def ids(**parameters: str) -> list[str]:
        return [one["id"] for one in await journal.found(kind, **parameters)]

    assert await ids() == [new, other, old]
    assert await ids(patient=f"Patient/{WHO}") == [new, old]
    yesterday = (here.now - timedelta(hours=24)).isoformat(timespec="seconds")
    assert await ids(patient=WHO, authored=f"ge{yesterday}") == [new]
    assert await ids(patient=WHO, authored=f"lt{yesterday}") == [old]
    day = (here.now - timedelta(hours=48)).astimezone().date()
    assert old in await ids(authored=f"le{day + timedelta(days=1)}")
    assert await ids(authored="2000-01-01") == []
    assert await ids(_lastUpdated=f"gt{yesterday}") == [new, other, old], "all arrived just now"
    first = await journal.ask(kind, _count="2")
    assert (first["total"], len(first["entry"])) == (3, 2)
    onward = {one["relation"]: one["url"] for one in first["link"]}["next"]
    second = await journal.ask(onward.partition("/v1/fhir/")[2])
    assert [one["resource"]["id"] for one in second["entry"]] == [old]
    assert [one["relation"] for one in second["link"]] == ["self"]
    # By personnummer in a form, and never in an address.
    number = (await journal.ask(f"Patient/{WHO}"))["identifier"][0]["value"]
    sent = await journal.send(f"{kind}/_search", {"patient.identifier": number, "_count": "1"})
    assert sent["entry"][0]["resource"]["id"] == new
    assert number not in str(sent["link"])


@pytest.mark.parametrize(
    ("path", "parameters", "status", "field"),
    [
        ("Observation", {"patient": WHO, "name": "Asta"}, 400, "name"),
        ("Observation", {"date": "igår"}, 400, "date"),
        ("Observation", {"date": "ge2026-13-01"}, 400, "date"),
        ("Observation", {"date": "ap2026-01-01"}, 400, "date"),
        ("Observation", {"date": "9999-12-31"}, 400, "date"),
        ("Observation", {"_count": "-1"}, 400, "_count"),
        ("Communication", {"date": "2026-01-01"}, 400, "date"),
        ("QuestionnaireResponse", {"patient.identifier": "urn:x|194201012385"}, 400, "patient.identifier"),
        ("QuestionnaireResponse", {"patient.identifier": "42"}, 400, "patient.identifier"),
        ("Condition", {}, 404, "type"),
        ("Condition/1", {}, 404, "type"),
        ("Observation/nothing", {}, 404, "id"),
        ("Observation/\0", {}, 404, "id"),
        ("Patient/nothing", {}, 404, "id"),
        ("a/b/c", {}, 404, ""),
    ],
)
async def test_what_cannot_be_done_says_which_field_and_why(
    here: World, path: str, parameters: dict[str, str], status: int, field: str
) -> None:
    journal = await system(here)
    if path == "a/b/c":  # no call of ours at all: a Problem, as for every unknown address
        answer = await here.client.get(f"/v1/fhir/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_call")
        return
    refused = await journal.ask(path.replace("\0", "%00"), status, **parameters)
    [issue] = refused["issue"]
    assert issue["expression"] == [field]
    assert issue["diagnostics"]


async def test_a_key_reads_what_its_person_may_and_ends(here: World) -> None:
    await here.sbar()
    journal = await system(here)
    assert await journal.found("Observation")
    assert (await Journal(here, "wrong").ask("Observation", 401))["issue"][0]["code"] == "login"
    await (await system(here, "Amina Yusuf")).ask("Observation", 403)
    ended = here.now - keys.LASTS - timedelta(seconds=1)
    token = await here.parts.database.write(lambda c: keys.make(c, names.STAFF["Karin Ström"], "x", ended))
    await Journal(here, token).ask("Observation", 401)
    # On the console the person sees it, and takes it back; nobody else can.
    [key] = [one for one in await _keys(here) if one.name == "Journalen"]
    assert key.used is not None
    await here.sign_in("Johan Berg")
    await here.send(f"/inbox/systems/{key.id}/close")
    assert await journal.found("Observation")
    await here.sign_in("Karin Ström")
    assert "Journalen" in await here.see("/inbox/systems")
    await here.send(f"/inbox/systems/{key.id}/close")
    await journal.ask("Observation", 401)


async def _keys(here: World) -> list[keys.Key]:
    staff = names.STAFF["Karin Ström"]
    return await here.parts.database.read(lambda c: keys.of_staff(c, staff))


async def test_a_key_is_made_on_the_console_and_shown_once(here: World) -> None:
    await here.sbar()
    await here.sign_in("Karin Ström")
    assert (await here.send("/inbox/systems", {"name": ""})).status_code == 400
    made = await here.send("/inbox/systems", {"name": "Cosmic"})
    token = re.findall(r'<code class="code">([^<]+)<', made.text)[1]
    assert await Journal(here, token).found("QuestionnaireResponse")
    assert token not in await here.see("/inbox/systems")


async def test_what_is_read_is_logged_as_read_by_whoever_made_the_key(here: World) -> None:
    await here.sbar()
    journal = await system(here)
    for _ in range(3):
        await journal.found("Observation", patient=WHO)
    since, until = here.now - timedelta(days=1), here.now + timedelta(days=1)
    found = await here.parts.database.read(lambda c: list(rows(c, person=WHO, since=since, until=until)))
    [row] = [one for one in found if one.what == "fhir"]
    assert (row.staff, row.act) == (names.STAFF["Karin Ström"], "read")
    assert row.device.startswith("fhir:")


async def test_answers_to_a_form_that_is_not_here_keep_their_words(here: World) -> None:
    raw = Raw(
        b'{"resourceType":"QuestionnaireResponse","item":[{"linkId":"s.x","text":"Nytt",'
        b'"answer":[{"valueString":"Hej"}]}]}'
    )
    body = SbarRecorded(answers=Answered("https://elsewhere.example/form", "9", raw))
    id = names.RESIDENTS["Edit Fiktiv"]
    await here.says("Amina Yusuf", body, Ref("sbar", id), GRANEN, "Edit Fiktiv")
    [item] = (await (await system(here)).ask(f"QuestionnaireResponse/{id}"))["item"]
    assert item == {"linkId": "s.x", "text": "Nytt", "answer": [{"valueString": "Hej"}]}


async def test_what_is_served_is_said_without_a_key(here: World) -> None:
    said = shaped(await here.client.get("/v1/fhir/metadata"), 200)
    assert [one["type"] for one in said["rest"][0]["resource"]] == [*WHEN, "Patient"]
    assert {*_MADE, *tasks.KINDS} == WHEN.keys()
    for one in said["rest"][0]["resource"][:-1]:
        assert WHEN[one["type"]] in {parameter["name"] for parameter in one["searchParam"]}


def test_the_codes_and_units_are_those_of_the_form() -> None:
    import json

    coded: dict[str, str] = {}

    def walk(items: list[dict[str, Any]]) -> None:
        for item in items:
            if "code" in item:
                coded[item["linkId"]] = item["code"][0]["code"]
            walk(item.get("item", []))

    walk(json.loads((FOLDER / "sbar.json").read_text())["item"])
    ours = {vital.link: vital for name, vital in observations.VITALS.items() if name != "pressure"}
    ours |= {one.link: one for one in (observations.SYSTOLIC, observations.DIASTOLIC)}
    assert coded
    assert {link: ours[link].codes[0][1] for link in coded} == coded
    form = forms()[f"{FORM}sbar"]
    assert {ours[link].unit for link in ("a.temperature", "a.systolic")} == {
        (form.item(link) or form.items[0]).unit for link in ("a.temperature", "a.systolic")
    }

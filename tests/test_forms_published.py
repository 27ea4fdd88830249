"""A form that the organisation publishes is filled in on the phone, whatever the subset lets it hold."""

import json
from pathlib import Path
from typing import Any

import flet as ft
import msgspec
import pytest

from care.deviation import DeviationDocument
from care.facts import Ref
from care.forms import check, load, named, to_response, validate
from care.forms import vocabulary as v
from care.published import FormPublished, FormWithdrawn
from storage import Statement
from tests import store_case as case
from tests.test_filling import FORMS, Screen, shown
from views.model import filling as fillings
from views.model.answers_read import read
from views.model.drafts import form_of
from views.model.shift import Shift
from views.places import Fill

Json = dict[str, Any]
URL = FORMS["deviation"].url
FORM_ID = "0192cccc-0000-7000-8000-0000000000f1"


def words(swedish: str, english: str, arabic: str) -> Json:
    beside = [
        {
            "url": v.TRANSLATION,
            "extension": [{"url": "lang", "valueCode": lang}, {"url": "content", "valueString": text}],
        }
        for lang, text in (("en", english), ("ar", arabic))
    ]
    return {"text": swedish, "_text": {"extension": beside}}


def control(code: str) -> Json:
    return {
        "url": v.ITEM_CONTROL,
        "valueCodeableConcept": {"coding": [{"system": v.HL7_CONTROLS, "code": code}]},
    }


def limits(low: int, high: int) -> list[Json]:
    return [{"url": v.MIN_VALUE, "valueInteger": low}, {"url": v.MAX_VALUE, "valueInteger": high}]


def coded(code: str, display: str, english: str = "", arabic: str = "") -> Json:
    beside = words(display, english, arabic)["_text"]
    coding = {"system": "https://example.org/c", "code": code, "display": display}
    return {"valueCoding": {**coding, **({"_display": beside} if english else {})}}


def published(version: str, *items: Json) -> bytes:
    page = {
        "linkId": "page",
        **words("Läkemedel", "Medicines", "أدوية"),
        "type": "group",
        "item": list(items),
    }
    form = {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": URL,
        "version": version,
        "title": "Avvikelse",
        "item": [page],
    }
    data = json.dumps(form).encode()
    assert check(data) == []
    return data


WHAT = {
    "linkId": "what",
    **words("Vad hände?", "What happened?", "ماذا حدث؟"),
    "type": "choice",
    "required": True,
    "answerOption": [coded("double", "Dubbel dos", "Double dose", "جرعة مزدوجة"), coded("none", "Ingen dos")],
}
DRUG = {
    "linkId": "drug",
    **words("Preparat", "Preparation", "دواء"),
    "type": "group",
    "repeats": True,
    "extension": [{"url": v.MAX_OCCURS, "valueInteger": 2}],
    "item": [
        {"linkId": "name", "text": "Namn", "type": "string", "required": True},
        {"linkId": "pills", "text": "Antal", "type": "integer", "extension": limits(0, 9)},
    ],
}


def publish(shift: Shift, version: str, data: bytes) -> None:
    body = FormPublished(url=URL, form_version=version, questionnaire=msgspec.Raw(data))
    shift.me.save(Statement(body, Ref("form", FORM_ID), case.UNIT, None))


async def open_form(screen: Screen, shift: Shift) -> fillings.Filling:
    await fillings.begin(shift, "deviation", None)
    await screen.settle()
    assert isinstance(shift.place, Fill)
    return fillings.of(shift, shift.place.draft)


def reported(shift: Shift) -> list[DeviationDocument]:
    return [one for one in shift.me.documents("deviation") if isinstance(one, DeviationDocument)]


@pytest.mark.parametrize(
    ("language", "heading", "asked", "answer"),
    [
        ("sv", "Läkemedel", "Vad hände?", "Dubbel dos"),
        ("en", "Medicines", "What happened?", "Double dose"),
        ("ar", "أدوية", "ماذا حدث؟", "جرعة مزدوجة"),
    ],
)
async def test_a_published_form_speaks_the_readers_language_and_is_summarised_in_swedish(
    tmp_path: Path, language: str, heading: str, asked: str, answer: str
) -> None:
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", WHAT))
        shift.language = language
        await open_form(screen, shift)
        assert screen.has(heading)
        await screen.click(f"{asked} {answer}")
        await screen.click("save")
        (found,) = reported(shift)
        (line,) = read(shift, found.answers).lines
        assert (line.label, line.text) == ("Vad hände?", "Dubbel dos")


async def test_an_old_answer_is_read_by_the_version_that_it_was_given_on(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", WHAT))
        await open_form(screen, shift)
        await screen.click("Dubbel dos")
        await screen.click("save")
        publish(shift, "8", published("8", {**WHAT, "text": "Vad har hänt?"}))
        (found,) = reported(shift)
        assert found.answers is not None
        assert found.answers.form_version == "7"
        assert [line.label for line in read(shift, found.answers).lines] == ["Vad hände?"]
        filling = await open_form(screen, shift)
        assert filling.form.version == "8"
        assert screen.has("Vad har hänt?")


async def test_a_form_that_is_begun_keeps_its_version_although_another_is_published(tmp_path: Path) -> None:
    async with shown(tmp_path) as (_, shift):
        await fillings.begin(shift, "deviation", None, "medicine")
        begun = fillings.of(shift, shift.place.draft)
        assert begun.form.version == FORMS["deviation"].version
        publish(shift, "7", published("7", WHAT))
        shift.fillings.clear()
        again = fillings.of(shift, begun.key)
        assert again.form.version == FORMS["deviation"].version
        assert again.answers == begun.answers != {}


async def test_a_form_is_used_in_its_units_and_until_it_is_withdrawn(tmp_path: Path) -> None:
    async with shown(tmp_path) as (_, shift):
        publish(shift, "7", published("7", WHAT))
        assert form_of(shift, "deviation").version == "7"
        shift.me.save(Statement(FormWithdrawn(), Ref("form", FORM_ID), case.UNIT, None))
        assert form_of(shift, "deviation").version == FORMS["deviation"].version
        assert form_of(shift, "deviation", "7").version == "7", "what was begun on it goes on"
        elsewhere = FormPublished(
            url=URL, form_version="8", questionnaire=msgspec.Raw(published("8", WHAT)), units=("elsewhere",)
        )
        shift.me.save(Statement(elsewhere, Ref("form", FORM_ID), case.UNIT, None))
        assert form_of(shift, "deviation").version == FORMS["deviation"].version


async def test_a_group_is_given_once_more_and_once_less_and_every_answer_is_saved(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", DRUG))
        filling = await open_form(screen, shift)
        await screen.enter("Namn", "Alvedon")
        await screen.click("more")
        assert screen.has("Preparat 2")
        with pytest.raises(LookupError):
            screen.find("more")
        second = named("name", (2,))
        await fillings.answer(shift, filling.key, second, ["Waran"])
        await fillings.answer(shift, filling.key, named("pills", (2,)), [3])
        await screen.settle()
        kept = shift.me.draft(filling.key)
        assert kept is not None
        assert b"Waran" in kept
        await screen.click(f"less-{named('drug', (2,))}")
        assert second not in filling.answers
        assert not screen.has("Preparat 2")
        await screen.click("more")
        await fillings.answer(shift, filling.key, second, ["Waran"])
        await screen.click("less-drug")
        assert filling.answers == {"name": ["Waran"]}
        await screen.click("save")
        (found,) = reported(shift)
        assert [line.text for line in read(shift, found.answers).lines] == ["Waran"]


async def test_what_stands_beneath_an_answer_is_asked_once_it_is_given(tmp_path: Path) -> None:
    choice = {
        "linkId": "drug",
        "text": "Vilka?",
        "type": "choice",
        "repeats": True,
        "answerOption": [coded("a", "Alvedon"), coded("w", "Waran")],
        "item": [{"linkId": "why", "text": "Varför?", "type": "string", "required": True}],
    }
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", choice))
        filling = await open_form(screen, shift)
        assert not screen.has("Varför?")
        await screen.click("Vilka? Alvedon")
        await screen.click("Vilka? Waran")
        assert screen.texts().count("Varför?") == 2
        await fillings.answer(shift, filling.key, named("why", (2,)), ["Flimmer"])
        await screen.click("Vilka? Alvedon")
        assert filling.answers["why"] == ["Flimmer"]
        response = to_response(filling.template, filling.answers, "2026-03-14T06:40:00+01:00")
        assert validate(filling.template, response) == []


async def test_a_question_that_takes_several_answers_takes_them_one_after_another(tmp_path: Path) -> None:
    number = {"linkId": "n", "text": "Puls", "type": "integer", "repeats": True, "extension": limits(15, 300)}
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", number))
        filling = await open_form(screen, shift)
        await screen.key("180")
        assert filling.answers == {"n": [180]}
        await screen.click("more-n")
        await screen.click("field-n")
        await screen.key("190")
        assert filling.answers == {"n": [180, 190]}
        assert screen.has("180")
        await screen.click("Ta bort 180")
        assert filling.answers == {"n": [190]}


async def test_a_short_scale_is_pressed_a_long_list_is_opened_and_a_step_is_taken(tmp_path: Path) -> None:
    many = [coded(f"c{n}", f"Val {n}") for n in range(9)]
    scale = {
        "linkId": "pain",
        "text": "Ont?",
        "type": "integer",
        "extension": [*limits(0, 10), control("slider")],
    }
    listed = {
        "linkId": "which",
        "text": "Vilken?",
        "type": "choice",
        "extension": [control("drop-down")],
        "answerOption": many,
    }
    steps = {
        "linkId": "steps",
        "text": "Antal",
        "type": "integer",
        "extension": [*limits(2, 4), control("spinner")],
    }
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", scale, listed, steps))
        filling = await open_form(screen, shift)
        assert filling.active == ""
        await screen.click("Ont? 7")
        assert filling.answers["pain"] == [7]
        (drop,) = [one for one in screen.controls() if isinstance(one, ft.Dropdown)]
        assert len(drop.options) == 9
        screen.session.apply_patch(drop._i, {"value": "c8"})
        await screen.session.dispatch_event(drop._i, "select", None)
        await screen.settle()
        assert [one.code for one in filling.answers["which"]] == ["c8"]
        await screen.click("field-steps")
        for name, value in (("Öka", 2), ("Öka", 3), ("Öka", 4), ("Öka", 4), ("Minska", 3)):
            await screen.click(name)
            assert filling.answers["steps"] == [value]


async def test_an_answer_that_the_form_does_not_take_is_said_and_not_saved(tmp_path: Path) -> None:
    pattern = [
        {"url": v.REGEX, "valueString": "[A-Z]{3}[0-9]{3}"},
        {"url": v.ENTRY_FORMAT, "valueString": "ABC123"},
    ]
    plate = {"linkId": "plate", "text": "Bil", "type": "string", "required": True, "extension": pattern}
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", plate))
        await open_form(screen, shift)
        await screen.enter("Bil", "abc")
        await screen.click("save")
        assert reported(shift) == []
        assert screen.has("Skriv så här: ABC123")
        await screen.enter("Bil", "ABC123")
        await screen.click("save")
        assert len(reported(shift)) == 1


def test_the_forms_of_these_tests_are_sound() -> None:
    assert load(published("7", WHAT, DRUG)).folded


async def test_what_was_answered_can_be_read_through_and_changed_before_it_is_saved(
    tmp_path: Path,
) -> None:
    second = {"linkId": "two", "text": "Sedan", "type": "group", "item": [{**WHAT, "linkId": "then"}]}
    form = json.loads(published("7", WHAT))
    form["item"].append(second)
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", json.dumps(form).encode())
        shift.language = "en"
        await open_form(screen, shift)
        await screen.click("Double dose")
        await screen.click("review")
        assert screen.has("No answer")
        assert screen.has("Double dose")
        await screen.click("part-page")
        assert shift.place == Fill(shift.place.draft, 0)
        await screen.click("next")
        await screen.click("review")
        await screen.click("save")
        assert reported(shift) == []
        assert screen.has("Please answer here.")
        await screen.click("Double dose")
        await screen.click("review")
        await screen.click("save")
        assert len(reported(shift)) == 1
        assert [type(place).__name__ for place in shift.stack] == ["Today"]


async def test_a_moment_is_now_or_not_known_in_one_press(tmp_path: Path) -> None:
    moments = [{"linkId": kind, "text": f"{kind}?", "type": kind} for kind in ("dateTime", "date", "time")]
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", WHAT, *moments))
        filling = await open_form(screen, shift)
        now = shift.phone.now()
        await screen.click("dateTime? Nu")
        assert str(filling.answers["dateTime"][0]).startswith(f"{now:%Y-%m-%dT%H:}")
        await screen.click("dateTime? Vet inte")
        assert "dateTime" not in filling.answers
        assert "dateTime" in filling.skipped
        await screen.click("Nu")
        await screen.click("Nu")
        await screen.click("Nu")
        assert filling.answers["date"] == [now.date().isoformat()]
        assert str(filling.answers["time"][0])[:2] == f"{now:%H}"

"""The forms that ship: sound FHIR, wholly in Swedish and English, and what other parts build on."""

import importlib.util
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire
from flet import Icons

from care.deviation import Category
from care.forms import (
    Answers,
    Coding,
    Item,
    Line,
    Questionnaire,
    check,
    enabled,
    load,
    summary,
    to_response,
    validate,
)
from care.news2 import LINK_IDS

FOLDER = Path(__file__).parent.parent / "assets" / "forms"
FILES = sorted(FOLDER.glob("*.json"))
FORMS = {path.stem: load(path.read_bytes()) for path in FILES}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
AT = "2026-03-14T06:40:00+01:00"


def test_every_kind_of_deviation_has_a_form_of_its_own_and_so_have_complaints() -> None:
    own = {*get_args(Category)} - {"other"}
    assert FORMS.keys() == {"sbar", "deviation", "complaint", *own}


def test_what_is_assembled_is_what_ships() -> None:
    run = importlib.util.spec_from_file_location("build", FOLDER / "build.py")
    assert run is not None
    assert run.loader is not None
    build = importlib.util.module_from_spec(run)
    run.loader.exec_module(build)
    for name, form in build.forms().items():
        assert form == json.loads((FOLDER / f"{name}.json").read_text()), "python assets/forms/build.py"


COMMON = {"deviation.harm", "deviation.informed", "deviation.action", "deviation.staff", "deviation.outside"}


@pytest.mark.parametrize("name", sorted({*get_args(Category)} - {"other", "fall"} | {"deviation"}))
def test_the_common_part_is_the_same_everywhere_and_asked_once(name: str) -> None:
    links = [item.link_id for item in FORMS[name].walk()]
    assert set(links) >= COMMON | {"deviation.when", "deviation.place", "deviation.what", "deviation.cause"}
    assert len(links) == len(set(links))


@every_form
def test_okant_is_an_answer_to_whatever_must_be_answered(form: Questionnaire) -> None:
    """But where what is chosen is what is being told, such as a complaint or praise."""
    told = {"complaint.kind", "fall.when"}
    asked = [item for item in form.walk() if item.required and item.type == "choice" and form.name != "Sbar"]
    lacking = [item.link_id for item in asked if not {"unknown", "none"} & {one.code for one in item.options}]
    assert set(lacking) <= told


def test_time_is_now_and_place_the_unit_until_something_else_is_said() -> None:
    for name, form in FORMS.items():
        when = form.item("fall.when") or form.item("deviation.when")
        if when is not None:
            assert [value.code for value in when.initial if isinstance(value, Coding)] == ["now"], name
        where = form.item("deviation.place")
        assert where is None or where.prefill == "unit.name"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_form_is_fhir_and_has_no_fault(path: Path) -> None:
    FhirQuestionnaire.model_validate_json(path.read_bytes())
    assert check(path.read_bytes()) == []


@every_form
def test_each_form_names_its_address_and_version(form: Questionnaire) -> None:
    assert form.url.startswith("https://rapp.example/fhir/Questionnaire/")
    assert form.version
    assert form.language == "sv"


def texts(raw: Any) -> Iterator[tuple[str, Any]]:
    """Every text for people in the JSON, with what stands beside it."""
    if isinstance(raw, list):
        for one in raw:
            yield from texts(one)
    elif isinstance(raw, dict):
        shown = ["text", "title"] + (["display"] if "_display" in raw or "code" not in raw else [])
        yield from ((raw[name], raw.get(f"_{name}")) for name in shown if isinstance(raw.get(name), str))
        for name, inside in raw.items():
            if name == "valueCoding":
                yield inside.get("display"), inside.get("_display")
            elif not name.startswith("_"):
                yield from texts(inside)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_has_an_english_translation(path: Path) -> None:
    found = list(texts(json.loads(path.read_bytes())))
    assert len(found) > 30
    for text, beside in found:
        assert beside, text
        parts = beside["extension"][0]["extension"]
        assert parts[0] == {"url": "lang", "valueCode": "en"}
        assert parts[1]["valueString"].strip(), text
        assert ("{name}" in text) == ("{name}" in parts[1]["valueString"]), text


@every_form
def test_the_english_form_reads_english_and_an_unknown_language_swedish(form: Questionnaire) -> None:
    for item in form.walk():
        assert item.label("en") == item.text_in.translations["en"]
        assert item.label("en-GB") == item.label("en")
        assert item.label("fi") == item.text


@every_form
def test_every_icon_exists(form: Questionnaire) -> None:
    named = [item.icon for item in form.walk() if item.icon]
    named += [option.icon for item in form.walk() for option in item.options if option.icon]
    assert named
    assert [name for name in named if not name.endswith("_ROUNDED") or not hasattr(Icons, name)] == []


@every_form
def test_tiles_have_an_icon_each(form: Questionnaire) -> None:
    tiles = [item for item in form.walk() if item.control == "tiles"]
    assert tiles
    assert [o.code for item in tiles for o in item.options if not o.icon] == []


@every_form
def test_no_word_blames_shouts_or_abbreviates_the_nurse(form: Questionnaire) -> None:
    for item in form.walk():
        for text in (item.text, item.help(), *(option.display for option in item.options)):
            assert "!" not in text
            assert "ssk" not in text.lower().split()
            assert "*" not in text


@every_form
def test_a_summary_never_shows_the_placeholder_of_a_name(form: Questionnaire) -> None:
    assert [item.link_id for item in form.walk() if item.is_question() and "{name}" in item.short] == []


@every_form
def test_vet_inte_excludes_other_answers_where_several_may_be_given(form: Questionnaire) -> None:
    unsure = [
        (item, item.option(code)) for item in form.walk() for code in ("unknown", "none") if item.repeats
    ]
    assert [item.link_id for item, option in unsure if option and not option.exclusive] == []


def questions(form: Questionnaire) -> dict[str, Item]:
    return {item.link_id: item for item in form.walk() if item.is_question()}


def test_the_sbar_walks_s_b_five_pages_of_a_and_r() -> None:
    pages = [
        (page.step.link_id, page.item.link_id, page.number, page.count) for page in FORMS["sbar"].pages()
    ]
    assert pages == [
        ("s", "s", 1, 1),
        ("b", "b", 1, 1),
        ("a", "a.airway", 1, 5),
        ("a", "a.breathing", 2, 5),
        ("a", "a.circulation", 3, 5),
        ("a", "a.disability", 4, 5),
        ("a", "a.exposure", 5, 5),
        ("r", "r", 1, 1),
    ]


LOINC = {
    "a.respiration": "9279-1",
    "a.spo2": "59408-5",
    "a.pulse": "8867-4",
    "a.systolic": "8480-6",
    "a.diastolic": "8462-4",
    "a.temperature": "8310-5",
    "a.pain": "72514-3",
}


@pytest.mark.parametrize(("link_id", "code"), LOINC.items())
def test_each_vital_has_its_loinc_code(link_id: str, code: str) -> None:
    (coding,) = questions(FORMS["sbar"])[link_id].codes
    assert (coding.system, coding.code) == ("http://loinc.org", code)


def test_everything_that_news2_counts_is_asked_and_may_be_left_unmeasured() -> None:
    asked = questions(FORMS["sbar"])
    explained = {item.missing_of for item in asked.values() if item.missing_of}
    for name, link_id in LINK_IDS.items():
        assert not asked[link_id].required
        assert link_id in explained or name == "oxygen"
    codes = [option.code for option in asked["a.consciousness"].options]
    assert codes == ["A", "C", "V", "P", "U"]


@pytest.mark.parametrize(
    ("link_id", "impossible", "unusual", "usual"),
    [
        ("a.respiration", 81, 36, 16),
        ("a.spo2", 101, 79, 96),
        ("a.pulse", 700, 38, 70),
        ("a.systolic", 20, 79, 120),
        ("a.diastolic", 201, 121, 70),
        ("a.temperature", Decimal("376"), Decimal("33.9"), Decimal("37.6")),
    ],
)
def test_impossible_values_are_refused_and_unusual_ones_asked_about(
    link_id: str, impossible: Any, unusual: Any, usual: Any
) -> None:
    form = FORMS["sbar"]
    item = questions(form)[link_id]

    def faults(value: Any) -> list[str]:
        response = to_response(form, {link_id: [value]}, AT, status="in-progress")
        return [fault.link_id for fault in validate(form, response)]

    assert faults(impossible) == [link_id]
    assert faults(unusual) == faults(usual) == []
    assert item.is_unusual(unusual)
    assert not item.is_unusual(item.ask_below)
    assert item.ask_above is None or not item.is_unusual(item.ask_above)
    assert not item.is_unusual(usual)


def test_the_answers_of_a_fall_that_call_for_the_nurse() -> None:
    dangers = {
        item.link_id: [option.code for option in item.options if option.danger]
        for item in FORMS["fall"].pages()[0].item.children
        if item.required
    }
    assert dangers == {
        "fall.headHit": ["yes"],
        "fall.bloodThinner": ["yes"],
        "fall.newPain": ["yes"],
        "fall.canStand": ["no"],
        "fall.confused": ["yes"],
    }


def test_the_answers_of_the_sbar_that_call_for_112_whatever_the_score() -> None:
    emergencies = {
        item.link_id: codes
        for item in questions(FORMS["sbar"]).values()
        if (codes := [option.code for option in item.options if option.emergency])
    }
    assert emergencies == {
        "a.airway.free": ["blocked"],
        "a.consciousness": ["V", "P", "U"],
        "a.stroke": ["face", "arm", "speech"],
        "a.chestPain": ["yes"],
    }


def test_a_fall_asks_ten_things_of_which_the_form_and_the_record_give_one_each() -> None:
    required = [item for item in questions(FORMS["fall"]).values() if item.required and not item.enable_when]
    assert len(required) == 10
    assert [item.link_id for item in required if item.prefill] == ["fall.bloodThinner"]
    assert [item.link_id for item in required if item.initial] == ["fall.when"]


def test_what_is_usual_after_a_fall_is_never_a_danger_and_never_what_the_record_should_know() -> None:
    usual = {
        item.link_id: [option.code for option in item.options if option.usual]
        for item in FORMS["fall"].walk()
        if any(option.usual for option in item.options)
    }
    assert usual == {
        "fall.headHit": ["no"],
        "fall.newPain": ["no"],
        "fall.canStand": ["yes"],
        "fall.confused": ["no"],
    }
    assert not any(option.usual and option.danger for item in FORMS["fall"].walk() for option in item.options)


def test_what_happened_begins_with_when() -> None:
    when, clock = FORMS["fall"].pages()[1].item.children[:2]
    assert (when.text, when.required, when.type) == ("När?", True, "choice")
    assert [option.display for option in when.options] == ["Nyss", "Klockan ...", "Hittades, vet inte när"]
    assert (clock.type, clock.required, clock.enable_when[0].question) == ("time", True, when.link_id)


@every_form
def test_who_it_is_about_is_asked_only_when_nobody_has_been_chosen(form: Questionnaire) -> None:
    (who,) = [item for item in form.walk() if item.text == "Vem gäller det? (namn eller rum)"]
    nobody = form.item(who.enable_when[0].question)
    assert nobody is not None
    assert (nobody.hidden, nobody.prefill) == (True, "person.none")
    assert who.link_id not in enabled(form, {})
    answers: Answers = {nobody.link_id: [True], who.link_id: ["Rum 4"]}
    assert summary(form, answers) == [Line(who.link_id, "Gäller", "Rum 4")]


def test_the_record_fills_in_what_it_knows() -> None:
    known = {
        item.link_id: item.prefill
        for item in questions(FORMS["sbar"]).values()
        if item.prefill and not item.hidden
    }
    assert known == {
        "b.conditions": "person.conditions",
        "b.allergies": "person.allergies",
        "b.bloodThinner": "person.bloodThinner",
    }


def test_annat_asks_one_more_question_and_every_category_can_be_the_answer() -> None:
    form = FORMS["deviation"]
    asked = questions(form)
    categories = [option.code for option in asked["deviation.category"].options]
    assert len(categories) == 13
    closest = [option.code for option in asked["deviation.closest"].options]
    assert closest == [*categories[:-1], "none"]
    other: Answers = {
        "deviation.category": [Coding("other")],
        "deviation.what": ["Hissen stod still"],
        "deviation.harm": [Coding("risk")],
    }
    assert [fault.link_id for fault in validate(form, to_response(form, other, AT))] == ["deviation.closest"]


def test_asta_is_summarised_in_swedish_in_the_order_of_the_form() -> None:
    form = FORMS["sbar"]
    answers: Answers = {
        "a.temperature": [Decimal("38.4")],
        "s.problem": [Coding("breathing"), Coding("fever")],
        "s.since": [Coding("night")],
        "s.since.time": ["06:00:00"],
        "a.respiration": [22],
        "a.spo2.missing": [Coding("no-equipment")],
        "a.oxygen": [False],
        "r.wish": [Coding("assess")],
    }
    assert summary(form, answers) == [
        Line("s.problem", "Problem", "Andas sämre, Feber"),
        Line("s.since", "Sedan", "I natt"),
        Line("s.since.time", "Sedan klockan", "06:00"),
        Line("a.respiration", "Andning", "22 per minut"),
        Line("a.spo2.missing", "Inte mätt: syret i blodet", "Har inte utrustning"),
        Line("a.oxygen", "Syrgas", "Nej"),
        Line("a.temperature", "Temperatur", "38,4 °C"),
        Line("r.wish", "Önskar", "Bedömer nu"),
    ]

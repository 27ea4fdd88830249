"""What repeats in a form, on the console: no scripts, so there is always one empty one more to write in."""

from typing import Any

import pytest
from jinja2 import StrictUndefined

from care.forms import check, from_response, load, named, to_response, validate
from care.forms import vocabulary as v
from endpoint.console.forms.sheet import Sheet, read, sheet
from endpoint.console.forms.typed import Typed, answers_of, linked, names, opened, typed_of
from endpoint.console.page import _environment
from endpoint.console.texts import Texts
from tests.test_filling import SCORED

Json = dict[str, Any]


def question(link_id: str, type_: str, **more: Any) -> Json:
    return {"linkId": link_id, "text": f"{link_id}?", "type": type_, **more}


RAW: Json = {
    "resourceType": "Questionnaire",
    "status": "active",
    "item": [
        question(
            "drug",
            "group",
            repeats=True,
            extension=[{"url": v.MAX_OCCURS, "valueInteger": 3}],
            item=[
                question("name", "string", required=True),
                question("pulse", "integer", repeats=True),
                question("note", "string", required=True, item=[question("more", "string")]),
            ],
        ),
        question("end", "boolean"),
    ],
}
FORM = load(RAW)
TWO: Typed = {
    "name": ["Alvedon"],
    "note": ["ja"],
    "more": ["mer"],
    named("name", (2,)): ["Waran"],
    named("pulse", (2,)): ["80", "80"],
    named("note", (2,)): ["nej"],
}


def sent(typed: Typed) -> list[tuple[str, str]]:
    fields = names(opened(FORM, typed))
    return [(fields[link_id], text) for link_id, texts in typed.items() for text in texts]


def html(drawn: Sheet) -> str:
    template = _environment().from_string(
        "{% import 'forms/sheet.html' as forms %}{{ forms.ask(sheet, t) }}", {"undefined": StrictUndefined}
    )
    return template.render(sheet=drawn, t=Texts("sv"))


def test_the_form_is_sound_and_what_was_typed_is_read_by_occurrence() -> None:
    assert check(RAW) == []
    assert read(FORM, sent(TWO)) == TWO


def test_every_occurrence_becomes_answers_and_the_empty_one_more_is_none() -> None:
    answers, problems = answers_of(FORM, TWO)
    assert problems == {}
    assert answers[named("pulse", (2,))] == [80, 80]
    response = to_response(FORM, answers, "2026-03-14T06:40:00+01:00")
    assert validate(FORM, response) == []
    assert [item["linkId"] for item in response["item"]] == ["drug", "drug"]
    assert from_response(FORM, response) == answers
    assert typed_of(FORM, answers) == TWO


def test_what_has_been_begun_must_be_finished_and_what_has_not_need_not_be() -> None:
    assert answers_of(FORM, {}) == ({}, {})
    _, problems = answers_of(FORM, {**TWO, named("name", (2,)): []})
    assert list(problems) == [named("name", (2,))]


@pytest.mark.parametrize(
    "field", ["", "q", "q1-0", "q1-31", "q1-1-1", "q1-x", "q99", "q5-2", "q1-" + "9" * 5000, "q1-"]
)
def test_a_field_that_no_question_has_is_none(field: str) -> None:
    assert linked(FORM, field) is None


def test_the_page_has_one_empty_group_more_until_there_are_as_many_as_may_be() -> None:
    drawn = html(sheet(FORM, TWO, "sv"))
    fields = names(opened(FORM, TWO))
    assert f'name="{fields[named("name", (3,))]}" value=""' in drawn
    assert drawn.count(f'name="{fields[named("pulse", (2,))]}"') == 3
    full = {**TWO, named("name", (3,)): ["Te"]}
    assert sum(link_id.startswith("name") for link_id in names(opened(FORM, full))) == 3


def test_what_may_only_be_read_says_its_answer_in_words_however_often_the_page_is_sent() -> None:
    coded = [{"valueCoding": {"code": code, "display": name}} for code, name in (("n", "Norr"), ("s", "Syd"))]
    fixed = question(
        "area", "choice", readOnly=True, answerOption=coded, initial=[{"valueCoding": {"code": "n"}}]
    )
    form = load({**RAW, "item": [fixed, question("end", "boolean")]})
    for typed in ({}, {"end": ["true"]}):
        drawn = sheet(form, typed, "sv")
        assert drawn.given(form.items[0]) == "Norr"
        page = html(drawn)
        assert "<br>Norr" in page
        assert "Syd" not in page


def test_what_is_calculated_stands_on_the_page_and_a_constraint_holds_back_in_its_own_words() -> None:
    form = load({**RAW, "item": SCORED})
    _, problems = answers_of(form, {})
    assert set(problems) == {"s.moves", "s.eats"}
    assert "Räknas ut när frågorna har svar." in html(sheet(form, {}, "sv"))
    high: Typed = {"s.moves": ["4"], "s.eats": ["4"]}
    answers, problems = answers_of(form, high)
    assert {link_id: problem.values for link_id, problem in problems.items()} == {
        "s.scale": {"words": "Båda kan inte vara 4."}
    }
    page = html(sheet(form, high, "sv", problems))
    for words in ("Summan är 8", "Båda kan inte vara 4.", "Högt. Stämmer det?", "Varför?"):
        assert words in page
    answers, problems = answers_of(form, {"s.moves": ["4"], "s.eats": ["1"]})
    assert problems == {}
    response = to_response(form, answers, "2026-03-14T06:40:00+01:00")
    assert response["item"][1]["answer"] == [{"valueString": "Summan är 5"}]

"""Groups that repeat and questions beneath an answer: asked, written, read back and validated."""

import json
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from care.forms import (
    Answers,
    Line,
    Questionnaire,
    check,
    from_response,
    load,
    summary,
    to_response,
    validate,
)
from care.forms import vocabulary as v
from care.forms.enable import enabled
from care.forms.occurrences import with_values, without_occurrence
from care.forms.unfold import named, path_of, plain, unfold

Json = dict[str, Any]
AT = "2026-03-14T06:40:00+01:00"


def question(link_id: str, type_: str, **more: Any) -> Json:
    return {"linkId": link_id, "text": f"{link_id}?", "type": type_, **more}


def when(asked: str, **answer: Any) -> list[Json]:
    return [{"question": asked, "operator": "=", **answer}]


def form(*items: Json) -> Questionnaire:
    raw: Json = {"resourceType": "Questionnaire", "status": "active", "item": list(items)}
    assert check(raw) == []
    return load(raw)


FALLS = form(
    question("any", "boolean"),
    question(
        "fall",
        "group",
        repeats=True,
        enableWhen=when("any", answerBoolean=True),
        extension=[{"url": v.MAX_OCCURS, "valueInteger": 3}],
        item=[
            question("hurt", "boolean", required=True),
            question("how", "string", required=True, enableWhen=when("hurt", answerBoolean=True)),
            question(
                "seen", "group", repeats=True, item=[question("by", "string"), question("note", "display")]
            ),
        ],
    ),
    question("last", "string", enableWhen=when("hurt", answerBoolean=True)),
)
DRUGS = form(
    question(
        "drug",
        "open-choice",
        repeats=True,
        answerOption=[{"valueString": "Alvedon"}, {"valueString": "Waran"}],
        item=[
            question("dose", "quantity", required=True),
            question("why", "string", enableWhen=when("drug", answerString="Waran")),
            question("note", "display"),
        ],
    )
)
TWO_FALLS: Answers = {
    "any": [True],
    "hurt": [False],
    "by": ["Ali"],
    named("by", (1, 2)): ["Bo"],
    named("hurt", (2,)): [True],
    named("how", (2,)): ["slog i"],
    "last": ["ja"],
}


def response(*items: Json, status: str = "completed") -> Json:
    return {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items)}


def told(form: Questionnaire, *items: Json, status: str = "completed") -> list[tuple[str, str]]:
    return [(one.link_id, one.reason) for one in validate(form, response(*items, status=status))]


def given_(link_id: str, **value: Any) -> Json:
    return {"linkId": link_id, "answer": [value]}


def fall(*items: Json) -> Json:
    return {"linkId": "fall", **({"item": list(items)} if items else {})}


def test_each_occurrence_has_a_link_id_of_its_own_and_the_first_that_of_the_form() -> None:
    assert (named("q", ()), named("q", (1, 1))) == ("q", "q")
    other = named("q", (2, 1))
    assert (plain(other), path_of(other)) == ("q", (2, 1))


def test_a_group_that_repeats_travels_as_an_item_for_each_time_and_comes_back() -> None:
    written = json.loads(json.dumps(to_response(FALLS, TWO_FALLS, AT)))
    QuestionnaireResponse.model_validate(written)
    assert [item["linkId"] for item in written["item"]] == ["any", "fall", "fall", "last"]
    assert [item["linkId"] for item in written["item"][1]["item"]] == ["hurt", "seen", "seen"]
    assert validate(FALLS, written) == []
    assert from_response(FALLS, written) == TWO_FALLS


def test_what_a_condition_asks_is_the_nearest_occurrence() -> None:
    asked = enabled(FALLS, TWO_FALLS)
    assert "how" not in asked
    assert named("how", (2,)) in asked
    # After the falls: the last of them is nearest.
    assert "last" in asked
    assert "last" not in enabled(FALLS, {**TWO_FALLS, named("hurt", (2,)): [False]})


def test_the_answers_beneath_an_answer_belong_to_it_alone() -> None:
    answers: Answers = {"drug": ["Alvedon", "Waran"], named("why", (2,)): ["flimmer"], "dose": []}
    written = to_response(DRUGS, answers, AT)
    assert [list(answer) for answer in written["item"][0]["answer"]] == [
        ["valueString"],
        ["valueString", "item"],
    ]
    assert from_response(DRUGS, written) == {name: values for name, values in answers.items() if values}
    QuestionnaireResponse.model_validate(written)


def test_nothing_is_asked_beneath_an_answer_that_is_not_given() -> None:
    assert enabled(DRUGS, {}) == {"drug", "note"}
    assert to_response(DRUGS, {"why": ["x"]}, AT).get("item") is None


def test_a_summary_has_each_occurrence_in_order() -> None:
    lines = summary(FALLS, TWO_FALLS)
    assert [(plain(line.link_id), line.text) for line in lines] == [
        ("any", "Ja"), ("hurt", "Nej"), ("by", "Ali"), ("by", "Bo"),
        ("hurt", "Ja"), ("how", "slog i"), ("last", "ja"),
    ]  # fmt: skip
    assert all(isinstance(line, Line) for line in lines)


YES, NO = given_("any", valueBoolean=True), given_("hurt", valueBoolean=False)
HURT = given_("hurt", valueBoolean=True)


@pytest.mark.parametrize(
    ("items", "faults"),
    [
        ((YES,), []),
        ((YES, fall(NO)), []),
        ((YES, fall(NO), fall()), [("hurt", "required, but not answered")]),
        ((YES, fall(NO), fall(HURT)), [("how", "required, but not answered")]),
        ((YES, fall(NO), fall(NO), fall(NO)), []),
        ((YES, *[fall(NO)] * 4), [("fall", "given 4 times, and at most 3 are asked for")]),
        ((fall(NO),), [("hurt", "answered, although its conditions are not met")]),
        ((YES, fall(NO, NO)), [("hurt", "stands twice in the response")]),
        (
            (YES, fall(NO), given_("last", valueString="x"), fall(HURT, given_("how", valueString="x"))),
            [("fall", "stands in another order than in the form")],
        ),
    ],
)
def test_each_time_that_a_group_is_given_is_validated_by_itself(
    items: tuple[Json, ...], faults: list[tuple[str, str]]
) -> None:
    assert told(FALLS, *items) == faults


def drug(name: str, *beneath: Json) -> Json:
    return {"valueString": name, **({"item": list(beneath)} if beneath else {})}


DOSE = given_("dose", valueQuantity={"value": 1, "unit": "tablett"})
WHY = given_("why", valueString="flimmer")


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ([drug("Alvedon", DOSE), drug("Waran", DOSE, WHY), drug("Te", DOSE)], []),
        ([drug("Alvedon"), drug("Te", DOSE)], [("dose", "required, but not answered")]),
        ([drug("Te", DOSE, WHY)], [("why", "answered, although its conditions are not met")]),
        (
            [drug("Te", WHY, DOSE), drug("Waran", DOSE)],
            [("dose", "stands in another order than in the form")],
        ),
        ([drug("Te", DOSE, DOSE)], [("dose", "stands twice in the response")]),
    ],
)
def test_what_stands_beneath_each_answer_is_validated_by_itself(
    answers: list[Json], faults: list[tuple[str, str]]
) -> None:
    assert told(DRUGS, {"linkId": "drug", "answer": answers}) == faults


def test_items_beside_an_answer_are_no_items_beneath_it() -> None:
    (fault,) = told(DRUGS, {"linkId": "drug", "answer": [drug("Te", DOSE)], "item": [DOSE]})
    assert fault == ("drug", "a question cannot hold items beside its answer, only beneath it")


@pytest.mark.parametrize(
    ("times", "status", "faults"),
    [
        (0, "completed", [("g", "given 0 times, and at least 2 are asked for")]),
        (1, "completed", [("g", "given 1 times, and at least 2 are asked for")]),
        (1, "in-progress", []),
        (2, "completed", []),
    ],
)
def test_a_group_is_given_at_least_as_often_as_is_asked(
    times: int, status: str, faults: list[tuple[str, str]]
) -> None:
    least = [{"url": v.MIN_OCCURS, "valueInteger": 2}]
    group = form(question("g", "group", repeats=True, extension=least, item=[question("q", "boolean")]))
    item = {"linkId": "g", "item": [given_("q", valueBoolean=True)]}
    raw = {
        "resourceType": "QuestionnaireResponse",
        "status": status,
        **({"item": [item] * times} if times else {}),
    }
    assert [(one.link_id, one.reason) for one in validate(group, raw)] == faults
    assert [item.link_id for item in unfold(group, {}).items] == ["g", named("g", (2,))]


def test_a_required_group_is_missed_only_when_something_in_it_could_be_answered() -> None:
    inside = question("q", "boolean", enableWhen=when("a", answerBoolean=True))
    group = form(question("a", "boolean"), question("g", "group", required=True, repeats=True, item=[inside]))
    assert told(group, given_("a", valueBoolean=False)) == []
    assert told(group, given_("a", valueBoolean=True)) == [("g", "required, but not answered")]
    both = given_("a", valueBoolean=True), {"linkId": "g", "item": [given_("q", valueBoolean=True)]}
    assert told(group, *both) == []


nested = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from("abc"), max_size=3)), max_size=3)


@settings(max_examples=60)
@given(nested)
def test_any_answers_in_any_number_of_groups_survive_the_journey_and_validate(
    falls: list[tuple[bool, list[str]]],
) -> None:
    answers: Answers = {"any": [True]}
    for number, (hurt, seen) in enumerate(falls, 1):
        answers[named("hurt", (number,))] = [hurt]
        if hurt:
            answers[named("how", (number,))] = ["så"]
        for at, who in enumerate(seen, 1):
            answers[named("by", (number, at))] = [who]
    written = json.loads(json.dumps(to_response(FALLS, answers, AT)))
    assert validate(FALLS, written) == []
    assert from_response(FALLS, written) == answers
    assert sum(item["linkId"] == "fall" for item in written["item"]) == len(falls)


def test_taking_away_an_answer_leaves_what_stands_beneath_the_others_with_them() -> None:
    answers: Answers = {
        "drug": ["Alvedon", "Waran", "Te"],
        "why": ["ont"],
        named("why", (2,)): ["flimmer"],
        named("why", (3,)): ["gott"],
    }
    left = with_values(DRUGS, answers, "drug", ["Waran", "Te"])
    assert left == {"drug": ["Waran", "Te"], "why": ["flimmer"], named("why", (2,)): ["gott"]}
    changed = with_values(DRUGS, answers, "drug", ["Alvedon", "Waran", "Kaffe"])
    assert changed[named("why", (3,))] == ["gott"]
    assert with_values(DRUGS, answers, "drug", []) == {}


def test_taking_away_a_group_moves_those_after_it_up_with_all_that_stands_in_them() -> None:
    left = without_occurrence(FALLS, TWO_FALLS, "fall", of=2)
    assert left == {"any": [True], "hurt": [True], "how": ["slog i"], "last": ["ja"]}
    seen = named("seen", (1, 1))
    assert without_occurrence(FALLS, TWO_FALLS, seen, of=2)["by"] == ["Bo"]
    assert named("hurt", (2,)) not in without_occurrence(FALLS, TWO_FALLS, named("fall", (2,)), of=2)


drugs = st.lists(st.sampled_from(["Alvedon", "Waran", "Te", "Kaffe"]), unique=True, min_size=1)


@given(drugs, st.data())
def test_whatever_answers_go_each_keeps_what_stands_beneath_it(names: list[str], data: st.DataObject) -> None:
    answers: Answers = {"drug": list(names)}
    for number, name in enumerate(names, 1):
        answers[named("why", (number,))] = [f"för {name}"]
    kept = data.draw(st.permutations(names).map(lambda all: all[: len(all) // 2]))
    left = with_values(DRUGS, answers, "drug", list(kept))
    assert [left[named("why", (number,))] for number in range(1, len(kept) + 1)] == [
        [f"för {name}"] for name in kept
    ]
    assert len(left) == (len(kept) + 1 if kept else 0)

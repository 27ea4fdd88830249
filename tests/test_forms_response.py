"""Answers as QuestionnaireResponses: written, read back, and validated against their form."""

import copy
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from care.forms import (
    Answers,
    Coding,
    FaultyResponseError,
    Quantity,
    from_response,
    load,
    to_response,
    validate,
)
from care.forms import vocabulary as v
from care.forms.values import UCUM

Json = dict[str, Any]
SYSTEM = "https://example.org/c"
AT = "2026-03-14T06:40:00+01:00"


def coded(code: str, exclusive: bool = False) -> Json:
    extensions = {"extension": [{"url": v.EXCLUSIVE, "valueBoolean": True}]} if exclusive else {}
    return {**extensions, "valueCoding": {"system": SYSTEM, "code": code, "display": code.title()}}


def question(link_id: str, type_: str, *extensions: Json, **more: Any) -> Json:
    listed = {"extension": list(extensions)} if extensions else {}
    return {"linkId": link_id, "text": f"{link_id}?", "type": type_, **listed, **more}


KILO = {
    "url": v.UNIT,
    "valueCoding": {"code": "kg", "display": "kilo", "system": "http://unitsofmeasure.org"},
}
PAGE_ONE = [
    question("ill", "boolean", required=True),
    question(
        "why",
        "string",
        required=True,
        maxLength=5,
        enableWhen=[{"question": "ill", "operator": "=", "answerBoolean": True}],
    ),
    question(
        "pulse",
        "integer",
        {"url": v.MIN_VALUE, "valueInteger": 15},
        {"url": v.MAX_VALUE, "valueInteger": 300},
    ),
    question("temp", "decimal", {"url": v.DECIMAL_PLACES, "valueInteger": 1}),
    question("weight", "quantity", KILO),
    question("day", "date", {"url": v.MAX_VALUE, "valueDate": "2026-03-14"}),
    question("clock", "time"),
    question("moment", "dateTime"),
]
PAGE_TWO = [
    question("place", "choice", answerOption=[coded("in"), coded("out")]),
    question(
        "signs", "choice", repeats=True, answerOption=[coded("dizzy"), coded("pale"), coded("none", True)]
    ),
    question("level", "choice", answerOption=[{"valueInteger": 1}, {"valueInteger": 2}]),
    question("free", "open-choice", answerOption=[coded("home")]),
    question("note", "display"),
]
FORM = load(
    {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "https://example.org/form",
        "version": "2",
        "item": [
            question("one", "group", item=PAGE_ONE),
            question("two", "group", item=PAGE_TWO),
        ],
    }
)
ANSWERS: Answers = {
    "ill": [True],
    "why": ["yr"],
    "pulse": [70],
    "temp": [Decimal("37.6")],
    "weight": [Quantity(Decimal("70.5"), "kilo", "kg")],
    "day": ["2026-03-14"],
    "clock": ["06:40:00"],
    "moment": [AT],
    "place": [Coding("in", "In", SYSTEM)],
    "signs": [Coding("dizzy", "Dizzy", SYSTEM), Coding("pale", "Pale", SYSTEM)],
    "level": [2],
    "free": ["hos grannen"],
}


def test_answers_of_every_type_come_back_as_they_were_and_the_response_is_sound() -> None:
    response = to_response(FORM, ANSWERS, AT)
    travelled = msgspec.json.decode(msgspec.json.encode(response))
    assert from_response(FORM, travelled) == ANSWERS
    assert validate(FORM, travelled) == []
    QuestionnaireResponse.model_validate(travelled)
    assert response["questionnaire"] == "https://example.org/form|2"
    assert response["authored"] == AT


def test_answers_that_are_no_longer_asked_for_are_dropped_from_the_response() -> None:
    answers = {**ANSWERS, "ill": [False], "gone": [True]}
    response = to_response(FORM, answers, AT)
    assert "why" not in from_response(FORM, response)
    assert validate(FORM, response) == []


def test_a_choice_given_by_its_code_alone_is_written_with_the_options_system_and_display() -> None:
    response = to_response(FORM, {"ill": [False], "place": [Coding("out")]}, AT)
    assert from_response(FORM, response)["place"] == [Coding("out", "Out", SYSTEM)]


def test_hours_and_minutes_are_written_with_the_seconds_that_fhir_demands() -> None:
    response = to_response(
        FORM, {"ill": [False], "clock": ["06:40"], "moment": ["2026-03-14T06:40+01:00"]}, AT
    )
    read = from_response(FORM, response)
    assert read["clock"] == ["06:40:00"]
    assert read["moment"] == [AT]
    assert validate(FORM, response) == []


def test_a_draft_may_lack_what_is_required_but_what_is_handed_in_may_not() -> None:
    assert validate(FORM, to_response(FORM, {}, AT, status="in-progress")) == []
    (fault,) = validate(FORM, to_response(FORM, {}, AT))
    assert (fault.link_id, fault.reason) == ("ill", "required, but not answered")


def test_a_required_answer_is_missed_only_while_its_question_is_asked() -> None:
    assert validate(FORM, to_response(FORM, {"ill": [False]}, AT)) == []
    (fault,) = validate(FORM, to_response(FORM, {"ill": [True]}, AT))
    assert fault.link_id == "why"


def test_a_draft_may_keep_an_answer_that_is_not_asked_for_just_now() -> None:
    response = to_response(FORM, {"ill": [True], "why": ["yr"]}, AT, status="in-progress")
    answering("ill", {"valueBoolean": False})(response)
    assert validate(FORM, response) == []
    assert [fault.link_id for fault in validate(FORM, {**response, "status": "completed"})] == ["why"]


def entry(response: Json, link_id: str) -> Json:
    found = [one for page in response["item"] for one in page["item"] if one["linkId"] == link_id]
    return found[0]


def answering(link_id: str, *answers: Json) -> Callable[[Json], None]:
    return lambda response: entry(response, link_id).update(answer=list(answers))


def page(response: Json, number: int = 0) -> list[Json]:
    items: list[Json] = response["item"][number]["item"]
    return items


LONG = "0.1234567890123456789"
FAULTY: list[tuple[Callable[[Json], None], str, str]] = [
    (lambda r: r.update(resourceType="Questionnaire"), "", "resourceType must be QuestionnaireResponse"),
    (lambda r: r.update(status="done"), "", "status must be one of"),
    (lambda r: r.update(questionnaire="https://example.org/form|1"), "", "not 'https://example.org/form|2'"),
    (lambda r: r.update(authored="in the morning"), "", "authored must be a moment"),
    (lambda r: r.update(colour="green"), "", "unknown or unsupported property of a response: colour"),
    (lambda r: r["item"].append({"linkId": "three"}), "three", "the form has no such item"),
    (lambda r: page(r).append({"answer": []}), "one", "an item of a response needs a linkId"),
    (lambda r: page(r).append(copy.deepcopy(entry(r, "pulse"))), "pulse", "stands twice"),
    (lambda r: page(r, 1).append(page(r).pop(2)), "pulse", "stands in another group"),
    (lambda r: page(r).append(page(r).pop(2)), "pulse", "stands in another order"),
    (lambda r: r["item"][0].update(answer=[{"valueBoolean": True}]), "one", "a group cannot be answered"),
    (
        lambda r: page(r, 1).append({"linkId": "note", "answer": [{"valueString": "a"}]}),
        "note",
        "a text to read cannot be answered",
    ),
    (lambda r: entry(r, "pulse").update(item=[{"linkId": "ill"}]), "pulse", "a question cannot hold items"),
    (lambda r: entry(r, "pulse").update(colour=1), "pulse", "unsupported property of an item: colour"),
    (answering("pulse"), "pulse", "answer must be a list with at least one answer"),
    (answering("pulse", {"valueInteger": 70}, {"valueInteger": 71}), "pulse", "more than one answer"),
    (answering("pulse", {}), "pulse", "an answer needs exactly one value"),
    (
        answering("pulse", {"valueDecimal": 70}),
        "pulse",
        "valueDecimal does not answer an item of type integer",
    ),
    (answering("pulse", {"valueInteger": "70"}), "pulse", "not a valid integer"),
    (answering("pulse", {"valueInteger": True}), "pulse", "not a valid integer"),
    (answering("pulse", {"valueInteger": 14}), "pulse", "14 is below the lowest possible, 15"),
    (answering("pulse", {"valueInteger": 700}), "pulse", "700 is above the highest possible, 300"),
    (answering("temp", {"valueDecimal": 37.65}), "temp", "more than 1 digits after the decimal point"),
    (answering("temp", {"valueDecimal": Decimal(LONG)}), "temp", "not a valid decimal"),
    (answering("temp", {"valueDecimal": Decimal("1e400")}), "temp", "not a valid decimal"),
    (answering("why", {"valueString": "yrsel!"}), "why", "longer than 5 characters"),
    (answering("why", {"valueString": " "}), "why", "not a valid string"),
    (answering("day", {"valueDate": "2026-02-30"}), "day", "not a valid date"),
    (answering("day", {"valueDate": "2026-03-15"}), "day", "above the highest possible"),
    (answering("clock", {"valueTime": "06:40"}), "clock", "not a valid time"),
    (answering("moment", {"valueDateTime": "2026-03-14T06:40:00"}), "moment", "not a valid dateTime"),
    (answering("weight", {"valueQuantity": {"value": 70}}), "weight", "the unit that is missing"),
    (
        answering("weight", {"valueQuantity": {"value": 70, "unit": "kilo", "code": "kg"}}),
        "weight",
        "a quantity's code says nothing without its system",
    ),
    (
        answering("weight", {"valueQuantity": {"value": 70, "unit": "kilo", "code": "g", "system": UCUM}}),
        "weight",
        "the unit kilo is not one",
    ),
    (
        answering(
            "weight", {"valueQuantity": {"value": 70, "code": "kg", "system": "https://example.org/u"}}
        ),
        "weight",
        "the unit kg is not one",
    ),
    (
        answering(
            "weight", {"valueQuantity": {"value": 70, "unit": "lb", "code": "[lb_av]", "system": UCUM}}
        ),
        "weight",
        "the unit lb is not one that the form allows",
    ),
    (answering("place", coded("up")), "place", "'up' is not among the options"),
    (answering("place", {"valueString": "in"}), "place", "valueString does not answer"),
    (answering("level", {"valueInteger": 3}), "level", "3 is not among the options"),
    (answering("free", coded("away")), "free", "'away' is not among the options"),
    (answering("temp", {"valueDecimal": Decimal("37.60")}), "temp", "more than 1 digits after"),
    (answering("level", {"valueString": "1"}), "level", "valueString does not answer"),
    (
        answering("signs", {"valueCoding": coded("none")["valueCoding"]}, coded("pale")),
        "signs",
        "an answer that excludes all others",
    ),
    (answering("ill", {"valueBoolean": False}), "why", "answered, although its conditions are not met"),
]


@pytest.mark.parametrize(("change", "link_id", "reason"), FAULTY, ids=[reason for _, _, reason in FAULTY])
def test_a_faulty_response_is_named_by_item_and_reason(
    change: Callable[[Json], None], link_id: str, reason: str
) -> None:
    response = to_response(FORM, ANSWERS, AT)
    change(response)
    faults = validate(FORM, response)
    assert [(fault.link_id, reason in fault.reason) for fault in faults] == [(link_id, True)], faults


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Patient"},
        {
            "resourceType": "QuestionnaireResponse",
            "item": [{"linkId": "gone", "answer": [{"valueString": "a"}]}],
        },
        {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "ill", "answer": [{}]}]},
        {
            "resourceType": "QuestionnaireResponse",
            "item": [{"linkId": "place", "answer": [{"valueCoding": "in"}]}],
        },
    ],
)
def test_a_response_that_cannot_be_read_is_refused(broken: Json) -> None:
    with pytest.raises(FaultyResponseError):
        from_response(FORM, broken)


decimals = st.decimals(-1000, 1000, places=1).map(lambda number: number + 0)
values: dict[str, st.SearchStrategy[Any]] = {
    "why": st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5),
    "pulse": st.integers(15, 300),
    "temp": decimals,
    "weight": st.builds(Quantity, decimals, st.just("kilo"), st.just("kg")),
    "day": st.dates(max_value=date(2026, 3, 14)).map(str),
    "place": st.sampled_from([Coding("in", "In", SYSTEM), Coding("out", "Out", SYSTEM)]),
    "free": st.just(Coding("home", "Home", SYSTEM)) | st.text("abc", min_size=1),
}


@given(st.fixed_dictionaries({"ill": st.booleans()}, optional=values))
def test_any_answers_that_fit_survive_the_journey_and_validate(given_: dict[str, Any]) -> None:
    answers = {link_id: [value] for link_id, value in given_.items()}
    if answers["ill"] == [True]:
        answers.setdefault("why", ["yr"])
    response = json.loads(json.dumps(to_response(FORM, answers, AT)))
    assert validate(FORM, response) == []
    kept = {
        link_id: value for link_id, value in answers.items() if link_id != "why" or answers["ill"] == [True]
    }
    assert from_response(FORM, response) == kept


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["ill", "two", "a"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["linkId", "answer", "item", "valueCoding", "code"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.data())
def test_whatever_stands_in_a_response_validate_answers_and_what_it_passes_can_be_read(
    data: st.DataObject,
) -> None:
    response = to_response(FORM, ANSWERS, AT)
    holder: Any = response
    while True:
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
        inside = holder[key]
        if not isinstance(inside, dict | list) or not inside or data.draw(st.integers(0, 4)) == 0:
            break
        holder = inside
    holder[key] = data.draw(anything)
    try:
        from_response(FORM, response)
    except FaultyResponseError:
        assert validate(FORM, response)
    else:
        validate(FORM, response)

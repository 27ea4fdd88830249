"""What one answer may be: lengths, patterns, limits in units, options of several kinds, listed value sets."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.forms import Answers, Quantity, check, load, starting_answers, to_response, validate
from care.forms import vocabulary as v
from care.forms.pattern import fault_of, matches
from care.forms.values import UCUM

Json = dict[str, Any]
AT = "2026-03-14T06:40:00+01:00"
KILO = {"value": 90, "unit": "kg", "system": UCUM, "code": "kg"}


def one(type_: str, *extensions: Json, **more: Any) -> Json:
    listed = {"extension": list(extensions)} if extensions else {}
    item = {"linkId": "q", "type": type_, **listed, **more}
    return {"resourceType": "Questionnaire", "status": "active", "item": [item]}


def faults(form: Json, *answers: Json) -> list[str]:
    assert check(form) == []
    item = {"linkId": "q", "answer": list(answers)}
    raw = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
    return [fault.reason for fault in validate(load(form), raw)]


def extension(url: str, **value: Any) -> Json:
    return {"url": url, **value}


def kilos(url: str, value: int) -> Json:
    return extension(url, valueQuantity={**KILO, "value": value})


LETTERS = extension(v.REGEX, valueString="[A-Z]{2}[0-9]+")
MIXED = [{"valueInteger": 1}, {"valueString": "1"}, {"valueDate": "2026-03-14"}, {"valueTime": "06:40:00"}]


@pytest.mark.parametrize(
    ("form", "answer", "fault"),
    [
        (one("string", maxLength=3), {"valueString": "abc"}, ""),
        (one("string", maxLength=3), {"valueString": "abcd"}, "longer than 3"),
        (one("integer", maxLength=3), {"valueInteger": 1234}, "longer than 3"),
        (one("decimal", maxLength=4), {"valueDecimal": 37.5}, ""),
        (one("string", extension(v.MIN_LENGTH, valueInteger=2)), {"valueString": "a"}, "shorter than 2"),
        (one("string", LETTERS), {"valueString": "AB12"}, ""),
        (one("string", LETTERS), {"valueString": "AB12x"}, "not written"),
        (
            one(
                "string",
                extension(v.REGEX, valueString="[0-9]{3}"),
                extension(v.ENTRY_FORMAT, valueString="nnn"),
            ),
            {"valueString": "12"},
            "not written as nnn",
        ),
        (one("integer", extension(v.MIN_VALUE, valueDecimal=1.5)), {"valueInteger": 1}, "below the lowest"),
        (one("decimal", extension(v.MAX_VALUE, valueInteger=2)), {"valueDecimal": 2}, ""),
        (one("decimal", extension(v.MAX_VALUE, valueInteger=2)), {"valueDecimal": 2.1}, "above the highest"),
        (one("dateTime", extension(v.MAX_VALUE, valueDate="2026-03-14")), {"valueDateTime": AT}, ""),
        (
            one("dateTime", extension(v.MAX_VALUE, valueDate="2026-03-13")),
            {"valueDateTime": AT},
            "above the highest",
        ),
        (one("date", extension(v.MIN_VALUE, valueDate="2026-03-14")), {"valueDate": "2026-03"}, ""),
        (one("date", extension(v.MIN_VALUE, valueDate="2026-03-14")), {"valueDate": "2026-02"}, "below"),
        (one("quantity", extension(v.MAX_VALUE, valueDecimal=80)), {"valueQuantity": KILO}, "90 kg is above"),
        (one("quantity", kilos(v.MAX_QUANTITY, 80)), {"valueQuantity": KILO}, "90 kg is above"),
        (one("quantity", kilos(v.MIN_QUANTITY, 90)), {"valueQuantity": KILO}, ""),
        (one("quantity"), {"valueQuantity": {"value": 1}}, ""),
        (one("quantity"), {"valueQuantity": {"value": 1, "comparator": "<"}}, "comparator is not supported"),
        (one("choice", answerOption=MIXED), {"valueString": "1"}, ""),
        (one("choice", answerOption=MIXED), {"valueString": "2026-03-14"}, "not among the options"),
        (one("choice", answerOption=MIXED), {"valueDate": "2026-03-14"}, ""),
        (one("choice", answerOption=MIXED), {"valueInteger": 2}, "not among the options"),
        (one("open-choice", answerOption=[{"valueInteger": 1}]), {"valueString": "annat"}, ""),
        (one("decimal"), {"valueDecimal": 123456789012345678}, ""),
        (one("time"), {"valueTime": "23:59:60"}, ""),
        (one("string"), {"valueString": "a\x00"}, "not a valid string"),
        (one("boolean"), {"id": "a1", "valueBoolean": False, "extension": [{"url": "https://e.org"}]}, ""),
        (one("boolean"), {"item": [{"linkId": "q"}]}, "an answer needs exactly one value"),
    ],
)  # fmt: skip
def test_an_answer_is_one_that_its_question_takes(form: Json, answer: Json, fault: str) -> None:
    told = faults(form, answer)
    assert (fault in told[0] and len(told) >= 1) if fault else told == []


def test_the_same_number_twice_is_no_fault_and_several_flags_may_be_given() -> None:
    assert faults(one("integer", repeats=True), {"valueInteger": 80}, {"valueInteger": 80}) == []
    assert faults(one("boolean", repeats=True), {"valueBoolean": True}, {"valueBoolean": False}) == []


def test_how_many_answers_are_asked_for() -> None:
    counted = [extension(v.MIN_OCCURS, valueInteger=2), extension(v.MAX_OCCURS, valueInteger=3)]
    form = one("integer", *counted, repeats=True)
    assert faults(form, {"valueInteger": 1}) == ["given 1 times, and at least 2 are asked for"]
    assert faults(form, *[{"valueInteger": 1}] * 3) == []
    assert faults(form, *[{"valueInteger": 1}] * 4) == ["given 4 times, and at most 3 are asked for"]


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20))
def test_a_number_is_refused_exactly_when_it_is_outside_its_limits(low: int, high: int, number: int) -> None:
    low, high = sorted((low, high))
    limits = [extension(v.MIN_VALUE, valueInteger=low), extension(v.MAX_VALUE, valueInteger=high)]
    assert (faults(one("integer", *limits), {"valueInteger": number}) == []) is (low <= number <= high)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a*b?)*c", r"(\w+\s?)*", "((ab)+c)*", "((a+)b)*", "(a{2,})+"])
def test_a_pattern_that_could_hang_a_phone_is_refused(pattern: str) -> None:
    assert "hours" in fault_of(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\(a+\)+", "[(a+)]+", "(ab){2,3}", "(a{2}-)*b", r"\d{6}-?\d{4}", "a+b+"]
)
def test_a_pattern_that_ends_is_taken(pattern: str) -> None:
    assert fault_of(pattern) == ""
    assert matches(pattern, "") is False


def value_set(**more: Any) -> Json:
    return {"resourceType": "ValueSet", "id": "places", "status": "active", **more}


CONCEPT = {"code": "in", "display": "Inne", "designation": [{"language": "en", "value": "Inside"}]}
SYSTEM = "https://example.org/c"


@pytest.mark.parametrize(
    "listed",
    [
        value_set(compose={"include": [{"system": SYSTEM, "concept": [CONCEPT, {"code": "out"}]}]}),
        value_set(
            expansion={
                "timestamp": AT,
                "contains": [
                    {
                        "abstract": True,
                        "code": "any",
                        "contains": [{"system": SYSTEM, **CONCEPT}, {"system": SYSTEM, "code": "out"}],
                    }
                ],
            }
        ),
    ],
)
def test_a_value_set_that_lists_its_codes_gives_the_options(listed: Json) -> None:
    form = {**one("choice", answerValueSet="#places"), "contained": [listed]}
    assert check(form) == []
    (item,) = load(form).items
    assert [(option.code, option.display, option.label("en")) for option in item.options] == [
        ("in", "Inne", "Inside"),
        ("out", "out", "out"),
    ]
    assert faults(form, {"valueCoding": {"system": SYSTEM, "code": "out"}}) == []
    assert faults(form, {"valueCoding": {"system": SYSTEM, "code": "up"}}) == [
        "'up' is not among the options"
    ]


@pytest.mark.parametrize(
    "compose",
    [
        {"include": [{"system": SYSTEM}]},
        {"include": [{"system": SYSTEM, "filter": [{"property": "a", "op": "=", "value": "b"}]}]},
        {"include": [{"system": SYSTEM, "concept": [CONCEPT]}], "exclude": [{"system": SYSTEM}]},
    ],
)
def test_a_value_set_that_would_have_to_be_fetched_is_named(compose: Json) -> None:
    form = {**one("choice", answerValueSet="#places"), "contained": [value_set(compose=compose)]}
    assert [fault.link_id for fault in check(form)] == ["", "q"]


def test_a_plain_option_is_read_in_the_readers_language_and_stored_as_it_is() -> None:
    said = {"url": "content", "valueString": "Home"}
    beside = {"extension": [{"url": v.TRANSLATION, "extension": [{"url": "lang", "valueCode": "en"}, said]}]}
    form = one("choice", answerOption=[{"valueString": "Hem", "_valueString": beside}])
    assert faults(form, {"valueString": "Hem"}) == []
    assert load(form).items[0].options[0].label("en") == "Home"
    assert "is not among the options" in faults(form, {"valueString": "Home"})[0]


def test_what_is_said_about_a_value_is_no_value() -> None:
    assert faults(one("string"), {"valueString": "a", "_valueString": {"id": "x"}}) == []


def test_what_has_no_words_is_called_by_its_link_id_in_a_summary() -> None:
    form = load(one("quantity"))
    assert form.items[0].short == "q"
    written = to_response(form, {"q": [Quantity(Decimal(90), "kg", "kg")]}, AT)
    assert "text" not in written["item"][0]


def test_a_group_that_may_not_be_changed_leaves_nothing_in_it_to_change() -> None:
    inner = {"linkId": "in", "type": "boolean"}
    form = load(one("group", readOnly=True, item=[inner]))
    assert [item.read_only for item in form.walk()] == [True, True]


def test_every_occurrence_that_must_be_there_starts_with_the_initial_answers() -> None:
    inner = {"linkId": "in", "type": "integer", "initial": [{"valueInteger": 7}]}
    group = one("group", extension(v.MIN_OCCURS, valueInteger=2), repeats=True, item=[inner])
    start: Answers = starting_answers(load(group))
    assert list(start.values()) == [[7], [7]]

"""Answers in words, what a form starts with, and which answers call for the nurse."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from care.forms import (
    Answers,
    Coding,
    Line,
    Quantity,
    Value,
    danger_answers,
    emergency_answers,
    load,
    starting_answers,
    summary,
)
from care.forms import vocabulary as v
from care.forms.swedish import in_swedish

FOLDER = Path(__file__).parent.parent / "assets" / "forms"
FALL = load((FOLDER / "fall.json").read_bytes())


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        (True, "boolean", "Ja"),
        (False, "boolean", "Nej"),
        (22, "integer", "22"),
        (Decimal("37.6"), "decimal", "37,6"),
        (Decimal("-0.5"), "decimal", "−0,5"),
        (Quantity(Decimal("70.5"), "kg", "kg"), "quantity", "70,5 kg"),
        ("2026-03-14", "date", "14 mars 2026"),
        ("2026-03", "date", "mars 2026"),
        ("2026", "date", "2026"),
        ("06:40:00", "time", "06:40"),
        ("2026-03-14T06:40:00+01:00", "dateTime", "14 mars 2026 06:40"),
        ("2026-03-14", "dateTime", "14 mars 2026"),
        ("2026-03-14", "string", "2026-03-14"),
        (Coding("in", "Inne"), "choice", "Inne"),
        (Coding("in"), "choice", "in"),
    ],
)
def test_each_kind_of_value_is_written_as_people_write_it(value: Value, type_: str, text: str) -> None:
    assert in_swedish(value, type_) == text


def form(*items: dict[str, Any]) -> Any:
    return load({"resourceType": "Questionnaire", "status": "active", "item": list(items)})


ASKING = form(
    {"linkId": "ill", "text": "Sjuk?", "type": "boolean", "initial": [{"valueBoolean": False}]},
    {
        "linkId": "days",
        "text": "Hur länge har du varit sjuk?",
        "type": "integer",
        "enableWhen": [{"question": "ill", "operator": "=", "answerBoolean": True}],
        "extension": [
            {"url": v.SHORT_TEXT, "valueString": "Sjuk i"},
            {"url": v.UNIT, "valueCoding": {"code": "d", "display": "dagar"}},
        ],
    },
    {
        "linkId": "secret",
        "text": "Gömd",
        "type": "string",
        "initial": [{"valueString": "b"}],
        "extension": [
            {"url": v.HIDDEN, "valueBoolean": True},
            {"url": v.PREFILL, "valueCode": "person.note"},
        ],
    },
)


def test_a_summary_has_short_labels_and_units_and_leaves_out_what_is_hidden_or_not_asked() -> None:
    answers: Answers = {"secret": ["x"], "days": [3], "ill": [True]}
    assert summary(ASKING, answers) == [Line("ill", "Sjuk?", "Ja"), Line("days", "Sjuk i", "3 dagar")]
    assert summary(ASKING, {**answers, "ill": [False]}) == [Line("ill", "Sjuk?", "Nej")]


def test_a_form_starts_with_its_initial_answers_and_what_the_record_knows() -> None:
    assert starting_answers(ASKING) == {"ill": [False], "secret": ["b"]}
    assert starting_answers(ASKING, {"person.note": ["a"], "person.other": ["b"]}) == {
        "ill": [False],
        "secret": ["a"],
    }
    (thinner,) = starting_answers(FALL, {"person.bloodThinner": [Coding("yes")]})["fall.bloodThinner"]
    assert thinner == FALL.item("fall.bloodThinner").option("yes").value


def test_the_answers_that_call_for_the_nurse_are_named_in_form_order() -> None:
    answers: Answers = {
        "fall.canStand": [Coding("no")],
        "fall.newPain": [Coding("unknown")],
        "fall.headHit": [Coding("yes")],
        "fall.bloodThinner": [Coding("no")],
    }
    assert danger_answers(FALL, answers) == ["fall.headHit", "fall.canStand"]
    assert danger_answers(FALL, {}) == []


def test_the_answers_that_call_for_112_also_call_for_the_nurse() -> None:
    sbar = load((FOLDER / "sbar.json").read_bytes())
    answers: Answers = {"a.consciousness": [Coding("C")], "a.stroke": [Coding("arm"), Coding("face")]}
    assert emergency_answers(sbar, answers) == ["a.stroke"]
    assert danger_answers(sbar, answers) == ["a.stroke", "a.consciousness"]

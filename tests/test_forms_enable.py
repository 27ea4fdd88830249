"""Which questions are asked, by enableWhen's operators and the answers so far."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.forms import Answers, Coding, EnableWhen, Quantity, Value, asked_answers, enabled, load
from care.forms.conditions import holds

SYSTEM = "https://example.org/c"
INSIDE = Coding("in", "Inne", SYSTEM)
EXISTS = ("exists", True)


@pytest.mark.parametrize(
    ("given_", "operator", "answer", "expected"),
    [
        ([], "exists", True, False),
        ([], "exists", False, True),
        ([False], "exists", True, True),
        ([False], "exists", False, False),
        ([True], "=", True, True),
        ([False], "=", True, False),
        ([], "=", True, False),
        ([1], "=", True, False),
        ([True], "!=", True, False),
        ([False], "!=", True, True),
        ([], "!=", True, True),
        ([1, 2], "!=", 2, False),
        ([1, 2], "=", 2, True),
        ([37], ">", 37, False),
        ([38], ">", 37, True),
        ([37], ">=", 37, True),
        ([36], ">=", 37, False),
        ([36], "<", 37, True),
        ([37], "<", 37, False),
        ([37], "<=", 37, True),
        ([38], "<=", 37, False),
        ([], "<", 37, False),
        ([1, 99], ">", 37, True),
        ([Decimal("37.60")], "=", Decimal("37.6"), True),
        ([Decimal("37.6")], "<", 38, True),
        (["aj"], "=", "aj", True),
        (["Aj"], "=", "aj", False),
        ([Coding("in", "Inomhus", SYSTEM)], "=", INSIDE, True),
        ([Coding("in", "Inne", "https://example.org/d")], "=", INSIDE, False),
        ([Coding("out", "Ute", SYSTEM)], "!=", INSIDE, True),
        (["2026-03-14"], ">", "2026-03-13", True),
        (["2026-03"], ">", "2026-02-28", True),
        (["2026-03"], ">=", "2026-03-14", False),
        (["2026-03"], "<=", "2026-03-14", False),
        (["06:40:00"], "<", "07:00:00", True),
        (["2026-03-14T06:40:00+01:00"], "=", "2026-03-14T05:40:00Z", True),
        (["2026-03-14T06:40:00+01:00"], "<", "2026-03-14T05:41:00Z", True),
        ([Quantity(Decimal(70), "kg", "kg")], ">", Quantity(Decimal("69.5"), "kilo", "kg"), True),
        ([Quantity(Decimal(70), "kg", "kg")], ">", Quantity(Decimal(69), "g", "g"), False),
        ([Quantity(Decimal("70.0"), "kg", "kg")], "=", Quantity(Decimal(70), "kg", "kg"), True),
    ],
)
def test_each_operator_holds_as_fhir_says(
    given_: list[Value], operator: str, answer: Value, expected: bool
) -> None:
    assert holds(EnableWhen("q", operator, answer), given_) is expected


def form(*items: dict[str, Any]) -> Any:
    return load({"resourceType": "Questionnaire", "status": "active", "item": list(items)})


def boolean(link_id: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "text": link_id, "type": "boolean", **more}


def when(question: str, answer: bool = True) -> dict[str, Any]:
    return {"question": question, "operator": "=", "answerBoolean": answer}


TWO = [when("a"), when("b")]


@pytest.mark.parametrize(
    ("behavior", "a", "b", "asked"),
    [
        ("all", True, True, True),
        ("all", True, False, False),
        ("any", True, False, True),
        ("any", False, False, False),
    ],
)
def test_several_conditions_must_hold_all_or_any(behavior: str, a: bool, b: bool, asked: bool) -> None:
    asking = form(boolean("a"), boolean("b"), boolean("c", enableWhen=TWO, enableBehavior=behavior))
    assert ("c" in enabled(asking, {"a": [a], "b": [b]})) is asked


def test_a_group_that_is_not_enabled_takes_everything_in_it_away() -> None:
    group = {"linkId": "g", "text": "g", "type": "group", "item": [boolean("b")], "enableWhen": [when("a")]}
    asking = form(boolean("a"), group)
    assert enabled(asking, {"a": [True]}) == {"a", "g", "b"}
    assert enabled(asking, {}) == {"a"}


def test_a_question_that_is_no_longer_asked_counts_as_unanswered_for_those_that_hang_on_it() -> None:
    asking = form(boolean("a"), boolean("b", enableWhen=[when("a")]), boolean("c", enableWhen=[when("b")]))
    answers: Answers = {"a": [False], "b": [True], "c": [True]}
    assert enabled(asking, answers) == {"a"}
    assert asked_answers(asking, answers) == {"a": [False]}


def test_a_condition_may_ask_a_later_question() -> None:
    asking = form(boolean("a", enableWhen=[when("b")]), boolean("b"))
    assert enabled(asking, {"b": [True]}) == {"a", "b"}
    assert enabled(asking, {}) == {"b"}


numbers = st.lists(st.integers(-2, 2), max_size=3)


@given(numbers, st.integers(-2, 2))
def test_not_equal_is_the_contrary_of_equal_and_orders_leave_no_gap(given_: list[int], limit: int) -> None:
    def met(operator: str) -> bool:
        return holds(EnableWhen("q", operator, limit), list(given_))

    assert met("!=") is not met("=")
    assert met(">=") is (met(">") or met("="))
    assert met("<=") is (met("<") or met("="))
    assert (met("<") or met("=") or met(">")) is bool(given_)

"""Expressions in a form: what of FHIRPath is reckoned rightly over answers, and what is refused by name."""

import json
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from care.forms import (
    Answers,
    Coding,
    Quantity,
    asked_answers,
    check,
    enabled,
    forget_reckoned,
    from_response,
    load,
    named,
    reckoned,
    starting_answers,
    summary,
    to_response,
    unreckoned,
    validate,
    warnings,
)
from care.forms import vocabulary as v
from care.forms.errors import NotReckoned
from care.forms.fhirpath import MOST, evaluate, tree_of
from care.forms.fhirpath_check import FUNCTIONS, faults_of

Json = dict[str, Any]
AUTHORED = "2026-03-14T06:40:00+01:00"
KG = {"value": 70.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}


def answered(link_id: str, kind: str, *values: Any) -> Json:
    return {"linkId": link_id, "answer": [{f"value{kind}": value} for value in values]}


def coding(code: str) -> Json:
    return {"system": "http://x.example", "code": code, "display": f"Svar {code}"}


INSIDE = [
    answered("two", "Integer", 2),
    answered("three", "Integer", 3),
    answered("half", "Decimal", 1.5),
    answered("weight", "Quantity", KG),
    answered("one", "Coding", coding("3")),
    answered("many", "Coding", coding("1"), coding("2")),
    answered("day", "Date", "2026-11-01"),
    answered("at", "DateTime", "2026-11-01T10:00:00+01:00"),
    answered("clock", "Time", "10:00:00"),
    answered("text", "String", "hej du"),
    answered("yes", "Boolean", True),
    answered("list", "Integer", 1, 5),
]
RESPONSE: Json = {
    "resourceType": "QuestionnaireResponse",
    "status": "in-progress",
    "item": [{"linkId": "all", "item": INSIDE}],
}
LINK_IDS = frozenset(item["linkId"] for item in INSIDE) | {"all", "none"}


def a(link_id: str) -> str:
    """The answers to a question, wherever in the response it is."""
    return f"%resource.descendants().where(linkId = '{link_id}').answer.value"


CASES: list[tuple[str, list[Any]]] = [
    # numbers
    (f"{a('two')} + {a('three')}", [5]),
    (f"{a('half')} - 1", [Decimal("0.5")]),
    (f"{a('two')} * 2.5", [5]),
    (f"({a('two')} / {a('three')}).round(2)", [Decimal("0.67")]),
    (f"{a('two')} / 0", []),
    (f"{a('three')} div {a('two')}", [1]),
    (f"{a('three')} mod {a('two')}", [1]),
    ("0.1 + 0.2 = 0.3", [True]),
    ("2 + 3 * -2", [-4]),
    (f"0 - {a('two')}", [-2]),
    (f"{a('none')} + 1", []),
    (f"{a('half')}.abs() = 1.5", [True]),
    (f"{a('half')}.ceiling()", [2]),
    (f"{a('half')}.floor()", [1]),
    (f"{a('half')}.truncate()", [1]),
    ("16.sqrt()", [4]),
    (f"({a('weight')}.value / (170 / 100).power(2)).round(1)", [Decimal("24.4")]),
    # counted together, as a scale is
    ("%resource.descendants().where(linkId in ('two' | 'three')).answer.value.sum()", [5]),
    (f"({a('two')} | {a('half')}).sum()", [Decimal("3.5")]),
    (f"{a('many')}.select(code.toInteger()).sum()", [3]),
    (f"{a('none')}.sum()", [0]),
    (f"{a('list')}.min()", [1]),
    (f"{a('list')}.max()", [5]),
    (f"{a('list')}.avg()", [3]),
    (f"{a('none')}.max()", []),
    # comparisons
    (f"{a('two')} > 1 and {a('three')} <= 3", [True]),
    (f"{a('half')} >= 1.5 and {a('half')} < 2", [True]),
    (f"{a('two')} = 2 and {a('two')} != 3", [True]),
    (f"{a('half')} ~ 1.5 and {a('half')} !~ 2.5", [True]),
    (f"{a('none')} > 1", []),
    (f"{a('day')} < @2026-12-01", [True]),
    (f"{a('at')} < @2026-12-01T00:00:00+01:00", [True]),
    (f"{a('clock')} > @T11:00:00", [False]),
    (f"{a('day')} + 3 days", ["2026-11-04"]),
    (f"{a('day')} + 1 month > @2026-11-30", [True]),
    (f"{a('weight')}.value > 60 and {a('weight')}.code = 'kg'", [True]),
    (f"({a('weight')}.value / (1.7 * 1.7)).round(1)", [Decimal("24.4")]),
    (f"{a('one')}.code = '3'", [True]),
    (f"{a('one')}.code in ('3' | '4')", [True]),
    (f"{a('many')}.code contains '2'", [True]),
    # yes and no
    (f"{a('yes')}", [True]),
    (f"{a('yes')}.not()", [False]),
    (f"{a('yes')} or {a('none')}", [True]),
    (f"{a('yes')} xor true", [False]),
    (f"{a('none')} implies {a('yes')}", [True]),
    (f"iif({a('yes')}, 1, 0) + iif({a('none')}, 1)", []),
    (f"iif({a('none')}, 1, 0)", [0]),
    (f"{a('yes')}.allTrue() and {a('yes')}.anyTrue()", [True]),
    (f"{a('yes')}.allFalse() or {a('yes')}.anyFalse()", [False]),
    (f"{a('yes')}.toInteger()", [1]),
    # collections
    (f"{a('list')}.count()", [2]),
    (f"{a('list')}.first() + {a('list')}.last()", [6]),
    (f"{a('list')}[1]", [5]),
    (f"{a('list')}.tail()", [5]),
    (f"{a('list')}.skip(1) | {a('list')}.take(1)", [5, 1]),
    (f"{a('two')}.single()", [2]),
    (f"{a('list')}.where($this > 2)", [5]),
    (f"{a('list')}.where($index = 0)", [1]),
    (f"{a('list')}.select($this * 2)", [2, 10]),
    (f"{a('list')}.all($this > 0)", [True]),
    (f"{a('list')}.exists($this > 9)", [False]),
    (f"{a('none')}.empty() and {a('two')}.exists()", [True]),
    (f"{a('list')}.union({a('two')}).count()", [3]),
    (f"{a('list')}.combine({a('list')}).distinct().count()", [2]),
    (f"{a('list')}.combine({a('list')}).isDistinct()", [False]),
    (f"{a('list')}.intersect(5)", [5]),
    (f"{a('list')}.exclude(5)", [1]),
    (f"{a('list')}.ofType(integer).count()", [2]),
    (f"{a('two')} is integer and {a('two')}.is(integer)", [True]),
    (f"({a('two')} as integer) + 1 + {a('two')}.as(integer)", [5]),
    ("%resource.item.children().exists()", [True]),
    # texts
    (f"{a('text')} & '!' + '?'", ["hej du!?"]),
    (f"{a('text')}.length()", [6]),
    (f"{a('text')}.upper() & {a('text')}.lower()", ["HEJ DUhej du"]),
    ("' a '.trim()", ["a"]),
    (f"{a('text')}.startsWith('hej') and {a('text')}.endsWith('du')", [True]),
    (f"{a('text')}.contains('j d')", [True]),
    (f"{a('text')}.indexOf('j')", [2]),
    (f"{a('text')}.substring(4) & {a('text')}.substring(0, 3)", ["duhej"]),
    (f"{a('text')}.replace('hej', 'nej')", ["nej du"]),
    (f"{a('text')}.matches('^hej [a-z]+$')", [True]),
    (f"{a('many')}.code.join(', ')", ["1, 2"]),
    (f"{a('two')}.toString() & 'x'", ["2x"]),
    ("'1.5'.toDecimal()", [Decimal("1.5")]),
    # where it stands
    ("item.where(linkId = 'two').answer.value", [2]),
    ("%context.item.where(linkId = 'two').answer.value", [2]),
    ("linkId", ["all"]),
    ("%resource.item[0].item[1].answer.value", [3]),
]


@pytest.mark.parametrize(("expression", "given"), CASES, ids=[case[0][:60] for case in CASES])
def test_an_expression_that_a_form_may_have_gives_what_fhirpath_says(
    expression: str, given: list[Any]
) -> None:
    assert faults_of(expression, LINK_IDS) == []
    assert evaluate(expression, RESPONSE["item"][0], json.loads(json.dumps(RESPONSE))) == given


def test_every_function_that_a_form_may_have_has_been_tried() -> None:
    assert [name for name in FUNCTIONS if not any(f"{name}(" in expression for expression, _ in CASES)] == []


REFUSED: list[tuple[str, str]] = [
    ("1 +", "not a FHIRPath expression"),
    ("1 2", "nothing may follow at character 3"),
    ("'a", "not a FHIRPath expression"),
    ("(" * 400 + "1" + ")" * 400, "not a FHIRPath expression: nested too deep"),
    ("1 + " * MOST + "1", f"longer than {MOST} characters"),
    ("answer.value.foo()", "unknown or unsupported function: foo()"),
    ("answer.value.where()", "where() takes 1 parameters, not 0"),
    ("answer.value.aggregate($this + $total, 0)", "unknown or unsupported function: aggregate()"),
    ("answer.value.repeat(item)", "unknown or unsupported function: repeat()"),
    ("2.power(9)", "power() takes 2 or 3, not 9"),
    ("2.power(2).power(2).power(2)", "power() more than 2 times"),
    ("today()", "unknown or unsupported function: today()"),
    ("resolve()", "unknown or unsupported function: resolve()"),
    ("%patient.name", "%patient is not supported"),
    ("%questionnaire.item", "%questionnaire is not supported"),
    ("%resource.itme.answer", "unknown or unsupported element of a response: itme"),
    ("%resource.item.answer.valueInteger", "valueInteger is no element in FHIRPath: write value"),
    ("QuestionnaireResponse.item.answer", "write %resource for the whole response"),
    ("%resource.item.where(linkId = 'zz').answer", "asks an item that does not exist: 'zz'"),
    ("%resource.item.where('zz' != linkId).answer", "asks an item that does not exist: 'zz'"),
    ("%resource.item.where(linkId in ('two' | 'zz')).answer", "asks an item that does not exist: 'zz'"),
    ("answer.value > 60 'kg'", "a quantity in an expression is not supported"),
    ("-answer.value", "a minus before an answer is not supported"),
    ("$this.answer", "$this outside a criterion"),
    ("answer.value.ofType(Patient)", "unknown type in an expression: Patient"),
    ("answer.value is Patient", "unknown type in an expression: Patient"),
    ("answer.value.matches('(a+)+')", "matches() regex repeats what already repeats"),
    ("answer.value.matches(linkId)", "matches() needs a pattern in quotes"),
    ("item.where(descendants().exists())", "descendants() in a criterion is not supported"),
    ("item.where(%resource.item.exists())", "%resource in a criterion is not supported"),
    ("item.where(item.where(item.where(item.where(true))))", "criteria more than 3 deep"),
]


@pytest.mark.parametrize(("expression", "reason"), REFUSED, ids=[case[1] for case in REFUSED])
def test_what_a_form_may_not_have_is_refused_by_name(expression: str, reason: str) -> None:
    assert any(reason in said for said in faults_of(expression, LINK_IDS)), faults_of(expression, LINK_IDS)


def test_the_hour_may_be_asked_by_what_a_form_starts_with_alone() -> None:
    assert faults_of("today() - 1 year", LINK_IDS, at_start=True) == []
    with pytest.raises(NotReckoned):
        evaluate("foo()", {}, RESPONSE)


def expression(url: str, text: str, **more: Any) -> Json:
    return {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": text, **more}}


def constraint(text: str, severity: str = "error", **parts: str) -> Json:
    said = {
        "key": ("valueId", "k-1"),
        "severity": ("valueCode", severity),
        "expression": ("valueString", text),
    }
    said |= {"human": ("valueString", parts.get("human", "Talen stämmer inte."))}
    return {
        "url": v.CONSTRAINT,
        "extension": [{"url": url, kind: value} for url, (kind, value) in said.items()],
    }


def item(link_id: str, type_: str, *extensions: Json, **more: Any) -> Json:
    return {"linkId": link_id, "text": f"{link_id}?", "type": type_, **more} | (
        {"extension": list(extensions)} if extensions else {}
    )


def form_of(*items: Json) -> Json:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items)}


def value(link_id: str) -> str:
    return f"%resource.item.where(linkId = '{link_id}').answer.value"


TOTAL = f"{value('a')} + {value('b')}"
SCALE = form_of(
    item("a", "integer"),
    item("b", "integer"),
    item("total", "integer", expression(v.CALCULATED, TOTAL), required=True),
    item("double", "integer", expression(v.CALCULATED, f"{value('total')} * 2")),
    item("why", "string", expression(v.ENABLE_EXPRESSION, f"{value('total')} > 5"), required=True),
)


def test_what_is_calculated_is_an_answer_like_any_other_and_nobody_changes_it() -> None:
    form = load(SCALE)
    assert form.item("total").read_only  # type: ignore[union-attr]
    given: Answers = {"a": [2], "b": [1], "total": [99]}
    assert asked_answers(form, given) == {"a": [2], "b": [1], "total": [3], "double": [6]}
    assert [line.text for line in summary(form, given)] == ["2", "1", "3", "6"]
    response = to_response(form, given, AUTHORED)
    assert validate(form, response) == []
    assert from_response(form, response)["total"] == [3]


def test_an_expression_says_whether_a_question_is_asked_also_by_what_is_calculated() -> None:
    form = load(SCALE)
    assert "why" not in enabled(form, {"a": [2], "b": [3]})
    assert "why" not in enabled(form, {"a": [2]})
    many: Answers = {"a": [2], "b": [4], "why": ["ja"]}
    assert "why" in enabled(form, many)
    assert asked_answers(form, many)["why"] == ["ja"]
    missing = to_response(form, {"a": [2], "b": [4]}, AUTHORED)
    assert [(fault.link_id, fault.reason) for fault in validate(form, missing)] == [
        ("why", "required, but not answered")
    ]
    assert "why" not in asked_answers(form, {**many, "b": [1]}), "it is dropped when it is no longer asked"


def test_what_was_reckoned_is_held_for_one_page_and_can_be_forgotten() -> None:
    form = load(SCALE)
    first = reckoned(form, {"a": [2], "b": [1]})
    assert reckoned(form, {"a": [2], "b": [1]}) is first, "a page is drawn with the same answers many times"
    forget_reckoned()
    assert reckoned(form, {"a": [2], "b": [1]}) is not first


def test_an_expression_that_gives_nothing_loses_no_answer() -> None:
    broken = form_of(
        item("a", "integer", repeats=True),
        item("more", "string", expression(v.ENABLE_EXPRESSION, f"{value('a')} > 1")),
        item("sum", "integer", expression(v.CALCULATED, f"{value('a')}.single() + 1")),
    )
    form = load(broken)
    given: Answers = {"a": [1, 2], "more": ["kvar"], "sum": [7]}
    found = reckoned(form, given)
    assert found.answers == given
    assert found.failed.keys() == {"more", "sum"}
    response = to_response(form, given, AUTHORED)
    assert validate(form, response) == [], "it is no fault of whoever answered"
    assert {fault.link_id for fault in unreckoned(form, response)} == {"more", "sum"}
    assert reckoned(form, {**given, "a": [1]}).answers == {"a": [1], "sum": [2]}


def test_what_would_never_settle_is_refused_or_asked_and_ends() -> None:
    around = form_of(
        item("a", "integer", expression(v.CALCULATED, f"{value('b')} + 1")),
        item("b", "integer", expression(v.CALCULATED, f"{value('a')} + 1")),
    )
    assert {fault.link_id for fault in check(around)} == {"a", "b"}
    # No linkId is named, so nothing can be seen of it when it is loaded.
    counts = form_of(
        item("a", "integer"),
        item("n", "integer", expression(v.CALCULATED, "%resource.item.answer.value.sum()")),
    )
    found = reckoned(load(counts), {"a": [1], "n": [4]})
    assert found.answers == {"a": [1], "n": [4]}
    assert "without end" in found.failed["n"]
    on_and_off = form_of(item("x", "string", expression(v.ENABLE_EXPRESSION, "%resource.item.empty()")))
    assert reckoned(load(on_and_off), {"x": ["kvar"]}).answers == {"x": ["kvar"]}


@pytest.mark.parametrize(
    ("type_", "text", "given"),
    [
        ("integer", "3.0", [3]),
        ("decimal", "10 / 3", [Decimal("3.333333")]),
        ("decimal", "3", [Decimal(3)]),
        ("boolean", "1 = 1", [True]),
        ("string", "'hej'", ["hej"]),
        ("date", "@2026-01-31 + 1 month", ["2026-02-28"]),
        ("quantity", "70.5", [Quantity(Decimal("70.5"), "kilo", "kg")]),
        ("choice", "'low'", [Coding("low", "Låg", "http://x.example")]),
        ("integer", "{}", None),
        ("integer", "3.5", "failed"),
        ("integer", "'3'", "failed"),
        ("integer", "1 | 2", "failed"),
        ("integer", "4000000000", "failed"),
        ("boolean", "1", "failed"),
        ("choice", "'high'", "failed"),
        ("decimal", "1000000000 * 1000000000 * 1000000000 * 1000000000", "failed"),
    ],
)
def test_what_is_calculated_must_answer_its_question(type_: str, text: str, given: Any) -> None:
    more: Json = {}
    extensions = [expression(v.CALCULATED, text)]
    if type_ == "choice":
        option = {"system": "http://x.example", "code": "low", "display": "Låg"}
        more["answerOption"] = [{"valueCoding": option}]
    if type_ == "quantity":
        unit = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kilo"}
        extensions.append({"url": v.UNIT, "valueCoding": unit})
    found = reckoned(load(form_of(item("x", type_, *extensions, **more))), {})
    assert bool(found.failed) is (given == "failed"), found.failed
    assert found.answers.get("x") == (None if given == "failed" else given)


def test_a_number_is_rounded_to_the_decimals_that_its_question_has() -> None:
    places = {"url": v.DECIMAL_PLACES, "valueInteger": 1}
    form = load(form_of(item("x", "decimal", expression(v.CALCULATED, "24.45"), places)))
    assert reckoned(form, {}).answers == {"x": [Decimal("24.5")]}
    assert validate(form, to_response(form, {}, AUTHORED)) == []


PRESSURE = form_of(
    item(
        "pressure",
        "group",
        constraint("item.where(linkId = 'high').answer.value > item.where(linkId = 'low').answer.value"),
        constraint("item.where(linkId = 'high').answer.value < 200", "warning", human="Ovanligt högt."),
        repeats=True,
        item=[item("high", "integer"), item("low", "integer")],
    )
)


def test_a_constraint_says_in_its_own_words_what_does_not_hold_each_time_the_group_is_given() -> None:
    form = load(PRESSURE)
    second = {named("high", (2,)): [80], named("low", (2,)): [120]}
    given: Answers = {"high": [210], "low": [90], **second}
    response = to_response(form, given, AUTHORED)
    assert [(fault.link_id, fault.reason, fault.path) for fault in validate(form, response)] == [
        ("pressure", "Talen stämmer inte.", "item[1]")
    ]
    assert [fault.reason for fault in warnings(form, response)] == ["Ovanligt högt."]
    assert validate(form, to_response(form, {"high": [120]}, AUTHORED)) == [], "nothing to compare with"
    assert validate(form, {**response, "status": "in-progress"}) == []


def test_a_form_starts_with_what_its_expressions_say_of_the_hour_and_of_what_is_known() -> None:
    first = expression(v.INITIAL_EXPRESSION, f"{value('a')} + 1")
    form = load(
        form_of(
            item("a", "integer", initial=[{"valueInteger": 1}]),
            item("b", "integer", first),
            item("day", "date", expression(v.INITIAL_EXPRESSION, "today()")),
            item("at", "dateTime", expression(v.INITIAL_EXPRESSION, "now()")),
            item("c", "integer", expression(v.INITIAL_EXPRESSION, "'x'")),
        )
    )
    now = datetime.fromisoformat("2026-03-14T06:40:00+01:00")
    start = starting_answers(form, now=now)
    assert start == {"a": [1], "b": [2], "day": ["2026-03-14"], "at": ["2026-03-14T06:40:00+01:00"]}
    assert starting_answers(form) == {"a": [1], "b": [2]}
    assert asked_answers(form, {**start, "b": [9]})["b"] == [9], "it is only where it starts"


SHAPES: list[tuple[Json, str]] = [
    ({"url": v.CALCULATED, "valueExpression": {"language": "text/cql", "expression": "1"}}, "text/fhirpath"),
    ({"url": v.CALCULATED, "valueExpression": {"language": "text/fhirpath"}}, "without an expression"),
    (expression(v.CALCULATED, "1", reference="http://x.example"), "property of an expression: reference"),
    ({"url": v.CALCULATED, "valueString": "1"}, "needs exactly valueExpression"),
    ({"url": v.CONSTRAINT, "extension": []}, "exactly one key"),
    (constraint("true", "fatal"), "severity must be error or warning"),
    (constraint("foo()"), "unknown or unsupported function: foo()"),
    (expression(v.ENABLE_EXPRESSION, "foo()"), "unknown or unsupported function: foo()"),
    (expression(v.INITIAL_EXPRESSION, "foo()"), "unknown or unsupported function: foo()"),
    (expression(v.CALCULATED, "%resource.item.where(linkId = 'x').answer.value"), "asks its own item"),
]


@pytest.mark.parametrize(("extension", "reason"), SHAPES, ids=[case[1] for case in SHAPES])
def test_a_faulty_expression_is_named_with_its_item(extension: Json, reason: str) -> None:
    faults = check(form_of(item("other", "integer"), item("x", "integer", extension)))
    assert [fault.link_id for fault in faults] == ["x"] * len(faults)
    assert any(reason in fault.reason for fault in faults), faults


def test_two_answers_to_the_same_question_about_a_form_are_refused() -> None:
    both = item(
        "x",
        "integer",
        expression(v.ENABLE_EXPRESSION, "true"),
        expression(v.INITIAL_EXPRESSION, "1"),
        enableWhen=[{"question": "a", "operator": "exists", "answerBoolean": True}],
        initial=[{"valueInteger": 1}],
    )
    reasons = [fault.reason for fault in check(form_of(item("a", "integer"), both))]
    assert reasons == [
        "both enableWhen and enableWhenExpression: which of them counts?",
        "both an initial answer and an initialExpression: which of them counts?",
    ]


def test_the_command_line_names_the_constraint_in_its_own_words(tmp_path: Path) -> None:
    form, response = tmp_path / "form.json", tmp_path / "response.json"
    form.write_text(json.dumps(PRESSURE))
    given: Answers = {"high": [210], "low": [220]}
    response.write_text(json.dumps(to_response(load(PRESSURE), given, AUTHORED)))
    command = [sys.executable, "-m", "care.forms"]
    ran = subprocess.run([*command, "validate", form, response], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 1
    assert ran.stdout == f"{response}: pressure at item[0]: Talen stämmer inte.\n"
    assert ran.stderr == f"{response}: warning: pressure at item[0]: Ovanligt högt.\n"


def test_the_engine_is_not_imported_until_a_form_needs_it() -> None:
    program = (
        "import sys; from pathlib import Path; import views.app; from views.model.phone import shipped_forms;"
        "shipped_forms(Path('assets/forms')); print({'fhirpathpy', 'antlr4'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "set()"


def test_the_longest_expression_is_read_and_a_large_form_reckoned_in_moments() -> None:
    """Bounds far above what is measured (docs/forms.md), so that a slow machine does not fail them."""
    longest = "1" + " + 1" * ((MOST - 1) // 4)
    tree_of("1")
    began = time.perf_counter()
    assert faults_of(longest, frozenset()) == []
    assert time.perf_counter() - began < 5
    many = [item(f"q{n}", "integer") for n in range(100)]
    total = item(
        "total",
        "integer",
        expression(v.CALCULATED, "%resource.item.where(linkId != 'total').answer.value.sum()"),
    )
    form = load(form_of(*many, total))
    began = time.perf_counter()
    assert reckoned(form, {f"q{n}": [n] for n in range(100)}).answers["total"] == [4950]
    assert time.perf_counter() - began < 5

"""When self-checks are due, how they stand, what a year of them comes to, and the calendar that ships."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

import msgspec
import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire
from msgspec import Raw
from msgspec.structs import replace

from care.check import (
    CheckCorrected,
    CheckDocument,
    CheckEnded,
    CheckPaused,
    CheckPlanned,
    CheckRecorded,
    CheckResultDocument,
    CheckResumed,
    Start,
    result_id,
)
from care.check_calendar import State, checkpoints, days, due, rule, step, waiting
from care.check_figures import Choice, figures
from care.documents import fold
from care.errors import ScheduleError
from care.facts import Body, Ref
from care.forms import Answers, Coding, check, load, to_response, validate
from care.published import Answered
from care.rights import Role
from care.streams import streams_of
from endpoint.console.forms.typed import Problem, answers_of, names, read, typed_of
from endpoint.demo.load import load as load_demo
from endpoint.demo.register import MemoryRegister
from endpoint.yearly import FILE, proposals
from tests.statements import KARIN, OTHER_UNIT, UNIT, fact, new_id

FOLDER = FILE.parent / "forms" / "checks"
FILES = sorted(FOLDER.glob("*.json"))
FORMS = {path.stem: load(path.read_bytes()) for path in FILES}
ID = "0192dddd-0000-7000-8000-000000000001"
FIRST = date(2026, 1, 31)
PLAN = CheckPlanned(
    title="Fall",
    form="f",
    rule="FREQ=MONTHLY",
    role=Role.UNIT_MANAGER,
    starts=(Start(UNIT, FIRST), Start(OTHER_UNIT, date(2026, 2, 10))),
    effective=date(2026, 1, 1),
    remind=10,
)
YEAR = date(2026, 1, 1), date(2026, 12, 31)


def plan(*bodies: Body) -> CheckDocument:
    facts = [fact(body, Ref("check", ID), rank=n) for n, body in enumerate(bodies, 1)]
    return cast(CheckDocument, fold("check", ID, facts))


def days_of(found: CheckDocument, unit: str = UNIT) -> list[str]:
    return [f"{one.day:%m-%d}" for one in due(found, unit, *YEAR)]


def test_the_31st_is_the_last_day_of_a_shorter_month_and_the_31st_again_after_it() -> None:
    assert days_of(plan(PLAN))[:5] == ["01-31", "02-28", "03-31", "04-30", "05-31"]
    leap = list(days("FREQ=YEARLY", date(2024, 2, 29), date(2025, 1, 1), date(2028, 12, 31)))
    assert leap == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_each_unit_has_its_own_day() -> None:
    assert days_of(plan(PLAN), OTHER_UNIT)[:2] == ["02-10", "03-10"]
    assert days_of(plan(PLAN), KARIN) == []


@pytest.mark.parametrize("of", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
@pytest.mark.parametrize("count", [1, 3, 7])
def test_a_rule_gives_the_same_days_from_wherever_it_is_asked(of: str, count: int) -> None:
    text = f"FREQ={of};INTERVAL={count}"
    start, end = date(2000, 1, 31), date(2030, 1, 1)
    every = list(days(text, start, start, end))
    for ask in (date(1990, 1, 1), date(2010, 6, 30), date(2029, 12, 30)):
        assert list(days(text, start, ask, end)) == [day for day in every if day >= ask]
    assert rule(*step(text)) == text


@pytest.mark.parametrize("text", ["", "FREQ=HOURLY", "FREQ=MONTHLY;INTERVAL=0", "FREQ=DAILY;BYHOUR=1", "x"])
def test_any_other_rule_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"rule "):
        step(text)


def test_a_change_moves_only_what_is_ahead() -> None:
    changed = replace(PLAN, rule="FREQ=MONTHLY;INTERVAL=6", effective=date(2026, 4, 1))
    assert days_of(plan(PLAN, changed)) == ["01-31", "02-28", "03-31", "07-31"]
    left = replace(changed, starts=(Start(OTHER_UNIT, FIRST),))
    assert days_of(plan(PLAN, left)) == ["01-31", "02-28", "03-31"]
    assert plan(PLAN, left).units == {UNIT, OTHER_UNIT}


def test_nothing_is_due_while_it_is_paused_or_after_it_has_ended() -> None:
    paused = CheckPaused(start=date(2026, 3, 1))
    assert days_of(plan(PLAN, paused)) == ["01-31", "02-28"]
    again = CheckResumed(day=date(2026, 11, 30))
    assert days_of(plan(PLAN, paused, again)) == ["01-31", "02-28", "11-30", "12-31"]
    assert days_of(plan(PLAN, CheckEnded(day=date(2026, 2, 28)))) == ["01-31", "02-28"]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-01-20", "ahead"),
        ("2026-01-21", "soon"),
        ("2026-01-31", "due"),
        ("2026-02-01", "overdue"),
        ("2026-02-27", "overdue"),
        ("2026-02-28", "missed"),
    ],
)
def test_how_a_check_stands_on_a_day(today: str, state: State) -> None:
    (point,) = checkpoints(plan(PLAN), UNIT, FIRST, FIRST, {}, date.fromisoformat(today))
    assert point.state == state
    assert bool(waiting([point])) == (state in ("soon", "due", "overdue"))


def answered(form: str, answers: Answers, version: str = "1") -> Answered:
    response = to_response(FORMS[form], answers, "2026-01-30T10:00:00+01:00")
    return Answered(FORMS[form].url, version, Raw(msgspec.json.encode(response)))


def recorded(
    form: str, answers: Answers, day: date = FIRST, unit: str = UNIT, done: date | None = None
) -> CheckResultDocument:
    body = CheckRecorded(plan=ID, due=day, done=done or day, role=Role.NURSE, answers=answered(form, answers))
    id = result_id(ID, unit, day)
    return cast(
        CheckResultDocument, fold("check-result", id, [fact(body, Ref("check-result", id), unit=unit)])
    )


def test_what_is_done_is_done_on_whatever_day_it_is_asked() -> None:
    result = recorded("falls", {})
    for today in (FIRST - timedelta(days=60), FIRST, FIRST + timedelta(days=60)):
        (point,) = checkpoints(plan(PLAN), UNIT, FIRST, FIRST, {result.id: result}, today)
        assert (point.state, point.late) == ("done", False)
    late = recorded("falls", {}, done=FIRST + timedelta(days=1))
    assert checkpoints(plan(PLAN), UNIT, FIRST, FIRST, {late.id: late}, FIRST)[0].late


def test_the_result_of_a_check_has_one_id_wherever_it_is_done() -> None:
    (one,) = due(plan(PLAN), UNIT, FIRST, FIRST)
    assert one.id == result_id(ID, UNIT, FIRST) == str(uuid5(UUID(ID), f"{UNIT}/2026-01-31"))
    assert one.id != result_id(ID, OTHER_UNIT, FIRST)
    assert one.id != result_id(ID, UNIT, FIRST + timedelta(days=1))


def test_two_who_did_the_same_check_and_a_correction_all_stay() -> None:
    ref = Ref("check-result", result_id(ID, UNIT, FIRST))
    first = recorded("falls", {}).current
    assert first is not None
    body = CheckRecorded(plan=ID, due=FIRST, done=FIRST, role=Role.NURSE, answers=first.answers)
    corrected = CheckCorrected(role=Role.MAS, answers=first.answers, reason="x")
    facts = [fact(body, ref), fact(body, ref, author=KARIN), fact(corrected, ref, rank=2)]
    found = cast(CheckResultDocument, fold("check-result", ref.id, reversed(facts)))
    assert [given.role for given in found.given] == [Role.NURSE, Role.NURSE, Role.MAS]
    assert found.current is not None
    assert found.current.reason == "x"


def test_a_plan_and_its_results_go_to_those_who_answer_for_them() -> None:
    both = plan(replace(PLAN, sides=("hsl", "sol"), starts=(Start(UNIT, FIRST),)))
    assert {one.of for one in streams_of(both)} == {"chief", "nurse", "mas", "sas"}
    social = plan(replace(PLAN, sides=("sol",)))
    assert {str(one) for one in streams_of(social)} == {
        f"{of}:{unit}" for of in ("chief", "sas") for unit in (UNIT, OTHER_UNIT)
    }
    result = CheckResultDocument(id=new_id(), unit=UNIT, sides=["hsl"])
    assert {str(one) for one in streams_of(result)} == {f"{of}:{UNIT}" for of in ("chief", "nurse", "mas")}


# -- figures


def test_a_years_figures_are_shares_counts_and_spreads() -> None:
    def given(falls: int, light: str) -> Answers:
        return {"falls.living": [20], "falls.falls": [falls], "falls.light": [Coding(light)]}

    results = [
        recorded("falls", given(3, "yes")),
        recorded("falls", given(8, "no"), date(2026, 2, 28), done=date(2026, 3, 9)),
    ]
    today = date(2026, 4, 20)
    points = checkpoints(plan(PLAN), UNIT, *YEAR, {one.id: one for one in results}, today)
    found = figures(points, lambda answered: FORMS["falls"])
    assert (found.planned, found.done, found.in_time, found.percent) == (3, 2, 1, 67)
    questions = {one.link_id: one for one in found.questions}
    falls = questions["falls.falls"].numbers
    assert falls is not None
    assert (falls.count, falls.total, falls.mean, falls.lowest, falls.highest) == (
        2,
        11,
        Decimal("5.5"),
        3,
        8,
    )
    assert questions["falls.light"].choices[:3] == (
        Choice("yes", "Ja", 1),
        Choice("partly", "Delvis", 0),
        Choice("no", "Nej", 1),
    )
    assert questions["falls.harm"].numbers is None
    assert not {"falls.action", "falls.good", "falls.by"} & questions.keys()


def test_figures_of_nothing_divide_by_nothing_and_unreadable_answers_are_passed_over() -> None:
    assert figures([], lambda answered: None).percent is None
    strange = recorded("falls", {"falls.living": [20]})
    points = checkpoints(plan(PLAN), UNIT, FIRST, FIRST, {strange.id: strange}, FIRST)
    for form in (FORMS["hygiene"], None):
        found = figures(points, lambda answered, form=form: form)  # type: ignore[misc]
        assert found.done == 1
        assert all(not one.answered for one in found.questions)


# -- what ships


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_form_is_fhir_has_no_fault_and_reads_in_english(path: Path) -> None:
    FhirQuestionnaire.model_validate_json(path.read_bytes())
    assert check(path.read_bytes()) == []
    form = FORMS[path.stem]
    for item in form.walk():
        assert item.text_in.translations["en"]
        assert all(option.text.translations["en"] for option in item.options)
        words = " ".join([item.text, item.help(), *(option.display for option in item.options)])
        assert "!" not in words
        assert "ssk" not in words.lower().split()
        assert not item.prefill


def test_the_calendar_names_forms_that_ship_and_rules_that_can_be_read() -> None:
    assert {one.url for one in proposals() if one.form} == {form.url for form in FORMS.values()}
    assert [one.key for one in proposals() if one.page] == ["log-control"]
    for one in proposals():
        step(one.rule)
        for effective in (date(2026, 1, 1), date(2026, 12, 31), date(2028, 2, 29)):
            first = one.planned([UNIT], effective).starts[0].first
            assert effective <= first < effective + timedelta(days=367)


async def test_the_demo_has_a_year_with_some_checks_done_and_some_left() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    register = MemoryRegister(now)
    await load_demo(register, now)
    results = {one.id: cast(CheckResultDocument, one) for one in register.all("check-result")}
    points = [
        point
        for one in register.all("check")
        for unit in cast(CheckDocument, one).units
        for point in checkpoints(
            cast(CheckDocument, one), unit, now.date() - timedelta(days=365), now.date(), results, now.date()
        )
    ]
    states = [point.state for point in points if not point.due.version.page]
    assert states.count("done") > 15
    assert {"overdue", "missed"} & set(states)
    by_url = {form.url: form for form in FORMS.values()}
    for result in results.values():
        assert result.current is not None
        given = result.current.answers
        assert validate(by_url[given.form], cast(dict[str, Any], given.read())) == []
    assert len(register.all("routine")) == 6


# -- what is typed

EVERYTHING = load(
    msgspec.json.encode(
        {
            "resourceType": "Questionnaire",
            "status": "active",
            "url": "https://rapp.example/fhir/Questionnaire/everything",
            "item": [
                {"linkId": "b", "text": "B", "type": "boolean"},
                {"linkId": "i", "text": "I", "type": "integer"},
                {
                    "linkId": "d",
                    "text": "D",
                    "type": "decimal",
                    "extension": [
                        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueDecimal": 40}
                    ],
                },
                {
                    "linkId": "q",
                    "text": "Q",
                    "type": "quantity",
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
                            "valueCoding": {
                                "system": "http://unitsofmeasure.org",
                                "code": "kg",
                                "display": "kg",
                            },
                        }
                    ],
                },
                {"linkId": "day", "text": "Day", "type": "date"},
                {"linkId": "at", "text": "At", "type": "dateTime"},
                {"linkId": "time", "text": "Time", "type": "time"},
                {"linkId": "s", "text": "S", "type": "string", "maxLength": 5},
                {"linkId": "t", "text": "T", "type": "text"},
                {
                    "linkId": "c",
                    "text": "C",
                    "type": "choice",
                    "repeats": True,
                    "answerOption": [
                        {"valueCoding": {"code": "x", "display": "X"}},
                        {"valueCoding": {"code": "y", "display": "Y"}},
                        {
                            "valueCoding": {"code": "none", "display": "Inget"},
                            "extension": [
                                {
                                    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive",
                                    "valueBoolean": True,
                                }
                            ],
                        },
                    ],
                },
                {
                    "linkId": "o",
                    "text": "O",
                    "type": "open-choice",
                    "answerOption": [{"valueString": "Rullstol"}],
                },
                {
                    "linkId": "more",
                    "text": "More",
                    "type": "string",
                    "required": True,
                    "enableWhen": [{"question": "b", "operator": "=", "answerBoolean": True}],
                },
            ],
        }
    )
)


def typed(*fields: tuple[str, str]) -> tuple[Answers, dict[str, Problem]]:
    name = names(EVERYTHING)
    sent = [
        (name[link.partition(".")[0]] + ("." + link.partition(".")[2] if "." in link else ""), value)
        for link, value in fields
    ]
    return answers_of(EVERYTHING, read(EVERYTHING, [*sent, ("q99", "x"), ("other", "y")]))


def test_every_kind_of_question_is_read_and_written_back_as_it_was() -> None:
    sent = [
        ("b", "true"),
        ("i", "1 200"),
        ("d", "36,6"),
        ("q", "71,5"),
        ("day", "2026-03-14"),
        ("at", "2026-03-14T06:40"),
        ("time", "06:40"),
        ("s", " åäö "),
        ("t", "a\r\nb"),
        ("c", "x"),
        ("c", "y"),
        ("o.other", "Gåbord"),
        ("more", "m"),
    ]
    answers, problems = typed(*sent)
    assert problems == {}
    assert answers["i"] == [1200]
    assert answers["d"] == [Decimal("36.6")]
    assert answers["at"] == ["2026-03-14T06:40:00+01:00"]
    assert [value.code for value in answers["c"] if isinstance(value, Coding)] == ["x", "y"]
    response = to_response(EVERYTHING, answers, "2026-03-14T06:40:00+01:00")
    assert validate(EVERYTHING, response) == []
    again, problems = answers_of(EVERYTHING, typed_of(EVERYTHING, answers))
    assert (again, problems) == (answers, {})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("i", "tolv", "whole"),
        ("i", "1,5", "whole"),
        ("d", "NaN", "number"),
        ("d", "40,1", "most"),
        ("q", "x", "number"),
        ("day", "2026-02-30", "moment"),
        ("at", "i går", "moment"),
        ("time", "25:00", "moment"),
        ("s", "sexsex", "long"),
        ("c", "z", "no_answer"),
        ("b", "kanske", "no_answer"),
        ("o", "Bil", "no_answer"),
    ],
)
def test_what_is_no_answer_is_named_at_its_question(field: str, value: str, said: str) -> None:
    answers, problems = typed((field, value))
    assert {link: problem.text for link, problem in problems.items()} == {field: f"console.forms.{said}"}
    assert field not in answers


def test_an_answer_that_excludes_the_others_stands_alone_and_one_question_takes_one_answer() -> None:
    assert typed(("c", "x"), ("c", "none"))[1]["c"].text == "console.forms.alone"
    assert typed(("i", "1"), ("i", "2"))[1]["i"].text == "console.forms.one"


def test_what_is_required_is_asked_for_only_where_it_is_asked() -> None:
    assert typed(("b", "false"))[1] == {}
    assert typed(("b", "true"))[1] == {"more": Problem("console.forms.required")}

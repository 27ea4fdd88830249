"""Danger before time: which case a nurse meets first."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from care.deviation import DeviationDocument, DeviationReceived, DeviationReported
from care.documents import fold
from care.facts import Ref
from care.forms import Answers, Coding, load
from care.published import Answered
from care.sbar import SbarDocument
from care.urgency import DANGER_POINTS, Urgency, of_answers, of_deviation, order, state_of
from tests.statements import NOON, fact, new_id

FORM = load((Path(__file__).parents[1] / "assets" / "forms" / "sbar.json").read_bytes())
WELL: Answers = {
    "a.respiration": [16],
    "a.spo2": [98],
    "a.oxygen": [False],
    "a.systolic": [130],
    "a.pulse": [70],
    "a.consciousness": [Coding("A")],
    "a.temperature": [Decimal("37.0")],
}
SHORT_OF_BREATH: Answers = WELL | {
    "a.respiration": [26],
    "a.spo2": [93],
    "a.pulse": [104],
    "a.systolic": [108],
}


def urgency(answers: Answers, scored: bool = True, scale2: bool = False) -> Urgency:
    return of_answers(FORM, answers, scored=scored, scale2=scale2)


def answers_without(link_id: str) -> Answers:
    return {key: value for key, value in WELL.items() if key != link_id}


def test_a_score_of_seven_is_high() -> None:
    found = urgency(SHORT_OF_BREATH)
    assert (found.level, found.points, found.danger) == ("high", 7, True)


def test_normal_values_are_low() -> None:
    assert urgency(WELL) == Urgency("low", 0, urgency(WELL).score)
    assert not urgency(WELL).danger


def test_scale_2_changes_the_level() -> None:
    low_oxygen = WELL | {"a.spo2": [90]}
    assert urgency(low_oxygen).level == "low-medium"
    assert urgency(low_oxygen, scale2=True).level == "low"


def test_an_incomplete_score_is_never_low() -> None:
    assert urgency(answers_without("a.temperature")).level == "unknown"


def test_an_incomplete_score_takes_the_lowest_band_that_it_forces() -> None:
    some = {"a.respiration": [26], "a.systolic": [85], "a.pulse": [135]}
    assert urgency(some).level == "high"
    assert urgency({"a.respiration": [26]}).level == "low-medium"


def test_nothing_measured_is_unknown_and_unscored() -> None:
    assert urgency({}) == Urgency("unknown")


def test_a_value_that_is_none_is_as_good_as_not_measured() -> None:
    found = urgency(WELL | {"a.temperature": [Decimal(370)]})
    assert found.level == "unknown"
    assert found.score is None


def test_a_unit_that_does_not_score_has_no_score_but_still_its_dangers() -> None:
    assert urgency(SHORT_OF_BREATH, scored=False) == Urgency("unknown")
    assert urgency(SHORT_OF_BREATH | {"a.skin": [Coding("blue")]}, scored=False).level == "high"


def test_an_answer_that_calls_for_112_is_above_every_score() -> None:
    stroke = urgency(WELL | {"a.stroke": [Coding("face")]})
    assert stroke.level == "emergency"
    assert stroke.emergencies == ("a.stroke",)
    worst = urgency(SHORT_OF_BREATH | {"a.temperature": [Decimal("34.0")]})
    assert order(stroke, "waiting", NOON, "b") < order(worst, "waiting", NOON, "a")


def test_a_form_that_is_not_here_is_unknown() -> None:
    assert of_answers(None, {}, scored=True) == Urgency("unknown")


def deviation(danger: tuple[str, ...] = (), read: bool = False) -> DeviationDocument:
    of = Ref("deviation", new_id())
    answered = Answered("fall", "1", b"{}")  # type: ignore[arg-type]
    facts = [fact(DeviationReported(category="fall", answers=answered, danger=danger), of)]
    if read:
        facts.append(fact(DeviationReceived(), of, rank=2))
    document = fold("deviation", of.id, facts)
    assert isinstance(document, DeviationDocument)
    return document


def test_a_fall_with_a_hit_head_stands_beside_a_score_of_seven() -> None:
    fall = of_deviation(deviation(("fall.headHit", "fall.bloodThinner")))
    seven = urgency(SHORT_OF_BREATH)
    later = NOON + timedelta(minutes=1)
    assert (fall.level, fall.points) == ("high", DANGER_POINTS) == (seven.level, seven.points)
    assert order(fall, "waiting", NOON, "b") < order(seven, "waiting", later, "a")
    assert order(seven, "waiting", NOON, "b") < order(fall, "waiting", later, "a")


def test_a_deviation_without_danger_is_low() -> None:
    assert of_deviation(deviation()) == Urgency("low")


def test_a_fall_waits_until_it_has_been_read() -> None:
    assert state_of(deviation(("fall.headHit",))) == "waiting"
    assert state_of(deviation(("fall.headHit",), read=True)) == "closed"
    assert state_of(SbarDocument(id=new_id(), acknowledged=NOON)) == "acknowledged"


@pytest.mark.parametrize("done", ["answered", "read_back", "closed"])
def test_what_waits_comes_before_what_is_answered(done: str) -> None:
    low, high = urgency(WELL), urgency(SHORT_OF_BREATH)
    later = NOON + timedelta(hours=1)
    assert order(low, "acknowledged", later, "b") < order(high, done, NOON, "a")  # type: ignore[arg-type]


def test_danger_comes_before_time_and_then_whoever_has_waited_longest() -> None:
    later = NOON + timedelta(hours=1)
    assert order(urgency(SHORT_OF_BREATH), "waiting", later, "b") < order(urgency(WELL), "waiting", NOON, "a")
    assert order(urgency(WELL), "waiting", NOON, "b") < order(urgency(WELL), "waiting", later, "a")


def test_an_sbar_takes_over_the_dangers_of_the_fall_behind_it() -> None:
    both = urgency(WELL).beside(of_deviation(deviation(("fall.headHit",))))
    assert (both.level, both.dangers) == ("high", ("fall.headHit",))
    assert both.score == urgency(WELL).score
    assert urgency(SHORT_OF_BREATH).beside(Urgency("low")).level == "high"

"""The case of a deviation, as it folds: steps, what is due, who reads it, and nothing overwritten."""

import itertools
import random
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest
from msgspec import Raw
from msgspec.json import encode
from msgspec.structs import asdict, replace

from care.case_due import due
from care.deviation import (
    DeviationDocument,
    DeviationReceived,
    DeviationReclassified,
    DeviationReported,
    Step,
)
from care.deviation_case import (
    DeviationActionDone,
    DeviationActionDropped,
    DeviationActionFollowedUp,
    DeviationActionSet,
    DeviationAnalysed,
    DeviationAssessed,
    DeviationBegun,
    DeviationClosed,
    DeviationEscalated,
    DeviationFollowedUp,
    DeviationLinked,
    DeviationReopened,
    DeviationUnlinked,
    LexMariaDecided,
)
from care.documents import fold
from care.facts import Body, Fact, Ref
from care.handling import Cause, tree
from care.photo import CHUNK, DeviationPhotographed, pieces
from care.published import Answered
from care.risk import LIMITS, PROBABILITIES, SEVERITIES, Limits
from care.risk_limits import RiskLimitsDocument, RiskLimitsSet, limits_id
from care.signing import local_day
from care.streams import streams_of
from tests.statements import KARIN, NOON, UNIT, fact, new_id

CASE = Ref("deviation", "99999999-9999-5999-8999-999999999999")
REPORTED = DeviationReported(category="fall", answers=Answered("form", "1", Raw(b"{}")), occurred=NOON)
TODAY = local_day(NOON)
ACTION = "action-1"


def facts_of(*bodies: Body) -> list[Fact]:
    """The bodies as they were stated, one a minute."""
    return [
        fact(body, CASE, rank=rank, at=NOON + timedelta(minutes=rank), author=KARIN)
        for rank, body in enumerate(bodies, 1)
    ]


def case_of(*bodies: Body) -> DeviationDocument:
    document = fold("deviation", CASE.id, facts_of(*bodies))
    assert isinstance(document, DeviationDocument)
    return document


def action(owner: str = KARIN, text: str = "Nattlampa", days: int = 7) -> DeviationActionSet:
    return DeviationActionSet(action=ACTION, text=text, owner=owner, due=TODAY + timedelta(days=days))


WHOLE: tuple[tuple[Body, Step | None], ...] = (
    (REPORTED, None),
    (DeviationReceived(), "received"),
    (DeviationAssessed(severity=3, probability=2), "assessed"),
    (DeviationBegun(due=TODAY + timedelta(days=20)), "investigated"),
    (DeviationAnalysed(happened="Föll", why="Mörkt", prevent="Lampa"), "investigated"),
    (action(), "action"),
    (DeviationActionDone(action=ACTION, done=TODAY), "action"),
    (DeviationActionFollowedUp(action=ACTION, effect="good"), "action"),
    (DeviationFollowedUp(text="Har inte hänt igen."), "followed_up"),
    (DeviationClosed(), "closed"),
    (DeviationReopened(reason="Det hände igen."), "followed_up"),
)


def test_each_statement_takes_the_case_to_its_step() -> None:
    for number, (_, step) in enumerate(WHOLE, 1):
        assert case_of(*(body for body, _ in WHOLE[:number])).step == step


def test_the_order_of_arrival_changes_nothing() -> None:
    facts = facts_of(*(body for body, _ in WHOLE))
    known = fold("deviation", CASE.id, facts)
    draw = random.Random(6)
    for _ in range(20):
        mixed = [*facts, draw.choice(facts)]
        draw.shuffle(mixed)
        assert fold("deviation", CASE.id, mixed) == known
    assert known.unreadable == 0


def test_what_is_due_goes_on_with_what_is_done() -> None:
    expected: Sequence[tuple[str, date] | None] = (
        ("received", TODAY + timedelta(days=1)),
        ("assessed", TODAY + timedelta(days=5)),
        ("investigated", TODAY + timedelta(days=10)),
        ("analysed", TODAY + timedelta(days=20)),
        ("closed", TODAY + timedelta(days=14)),
        ("action", TODAY + timedelta(days=7)),
        ("effect", TODAY + timedelta(days=30)),
        ("closed", TODAY + timedelta(days=14)),
        ("closed", TODAY + timedelta(days=14)),
        None,
        ("closed", TODAY + timedelta(days=14)),
    )
    for number, wanted in enumerate(expected, 1):
        found = due(case_of(*(body for body, _ in WHOLE[:number])))
        assert (found[0].what, found[0].day) == wanted if wanted else not found


def test_an_action_waits_for_its_owner_and_one_that_is_dropped_for_nobody() -> None:
    known = (REPORTED, DeviationReceived(), DeviationAssessed(severity=1, probability=1), action())
    assert [(one.what, one.who) for one in due(case_of(*known))] == [("action", KARIN)]
    dropped = case_of(*known, DeviationActionDropped(action=ACTION, reason="Lampan fanns redan."))
    assert [one.what for one in due(dropped)] == ["closed"]
    assert dropped.step == "assessed"


def test_an_action_set_anew_keeps_how_it_was_and_is_to_be_done_again() -> None:
    case = case_of(
        REPORTED, action(), DeviationActionDone(action=ACTION, done=TODAY), action(text="Två lampor")
    )
    (found,) = case.handling.actions
    assert (found.text, found.open, [one.text for one in found.history]) == (
        "Två lampor",
        True,
        ["Nattlampa"],
    )


def test_every_assessment_and_category_stays_readable() -> None:
    case = case_of(
        REPORTED,
        DeviationAssessed(severity=1, probability=2),
        DeviationReclassified(category="violence", reason="Knuffades av en granne."),
        DeviationAssessed(severity=4, probability=1, reason="Slog i huvudet."),
    )
    assert [(one.severity, one.probability) for one in case.assessments] == [(1, 2), (4, 1)]
    assert (case.category, case.reported_as) == ("violence", "fall")
    assert [(one.was, one.category) for one in case.reclassified] == [("fall", "violence")]


def test_whoever_has_read_a_case_reads_it_after_another_category() -> None:
    medicine = DeviationReported(category="medicine", answers=REPORTED.answers)
    before = {one.of for one in streams_of(case_of(medicine))}
    after = {
        one.of for one in streams_of(case_of(medicine, DeviationReclassified(category="conduct", reason="x")))
    }
    assert before == {"chief", "nurse", "mas"}
    assert after == before | {"sas"}


def test_who_decides_of_lex_maria_reads_what_is_brought_to_them() -> None:
    conduct = DeviationReported(category="conduct", answers=REPORTED.answers)
    brought = case_of(conduct, DeviationEscalated(track="lex_maria"))
    assert f"mas:{UNIT}" not in {str(one) for one in streams_of(case_of(conduct))}
    assert f"mas:{UNIT}" in {str(one) for one in streams_of(brought)}


def test_a_decision_says_of_which_track_it_is() -> None:
    said = LexMariaDecided(finding="serious", outcome="to_report", reason="Blödning.", decided=TODAY)
    case = case_of(REPORTED, said)
    assert case.decided("lex_sarah") is None
    found = case.decided("lex_maria")
    assert found is not None
    assert (found.by, found.finding, found.outcome) == (KARIN, "serious", "to_report")


def test_a_link_is_there_once_and_can_be_taken_away() -> None:
    other = new_id()
    linked = (REPORTED, *(DeviationLinked(kind="deviation", to=other) for _ in range(2)))
    assert [one.to for one in case_of(*linked).handling.links] == [other]
    assert not case_of(*linked, DeviationUnlinked(kind="deviation", to=other)).handling.links


@pytest.mark.parametrize(
    ("severity", "probability", "called", "coloured"),
    [(1, 3, False, "low"), (2, 2, False, "medium"), (2, 4, True, "high"), (3, 1, True, "high")],
)
def test_the_matrix(severity: int, probability: int, called: bool, coloured: str) -> None:
    assert (LIMITS.band(severity, probability) == "high") == called
    assert LIMITS.band(severity, probability) == coloured


def test_a_higher_risk_is_never_coloured_lower() -> None:
    order = ("low", "medium", "high")
    for severity in SEVERITIES:
        shades = [order.index(LIMITS.band(severity, one)) for one in PROBABILITIES]
        assert shades == sorted(shades)


def test_an_assessment_keeps_the_limits_of_its_time_in_whatever_order_it_is_heard_of() -> None:
    older, stricter = Raw(b'{"severity": 2, "probability": 3}'), Limits(medium=3, high=6, severe=3)
    first, second, third = (
        DeviationAssessed(severity=2, probability=3),
        DeviationAssessed(severity=2, probability=3, reason="Nya gränser.", limits=stricter),
        DeviationAssessed(severity=1, probability=3, reason="Lampa finns.", limits=stricter),
    )
    facts = facts_of(REPORTED, first, second, third)
    facts[1] = msgspec.structs.replace(facts[1], body=older)  # as it was stated before limits could be set
    for order in itertools.permutations(facts):
        case = fold("deviation", CASE.id, order)
        assert isinstance(case, DeviationDocument)
        assert [one.band for one in case.assessments] == ["medium", "high", "medium"]
        assert [one.event_analysis for one in case.assessments] == [False, True, False]


def test_the_limits_in_force_are_those_set_last_in_whatever_order_they_are_heard_of() -> None:
    provider = "88888888-8888-5888-8888-888888888888"
    asked = (Limits(medium=3), Limits(high=6), Limits(severe=4))
    ref = Ref("risk-limits", limits_id(provider))
    facts = [
        fact(RiskLimitsSet(provider=provider, limits=one, reason="x"), ref, rank=rank, author=KARIN)
        for rank, one in enumerate(asked, 1)
    ]
    for order in itertools.permutations([*facts, facts[0]]):
        known = fold("risk-limits", ref.id, order)
        assert isinstance(known, RiskLimitsDocument)
        assert [one.limits for one in known.versions] == list(asked)
        assert known.limits == Limits(severe=4)


def test_no_cause_hangs_in_the_air() -> None:
    causes = [Cause("b", level=3), Cause("c", level=3), Cause("d", level=9), Cause("e", level=1)]
    assert [depth for depth, _ in tree(causes)] == [1, 2, 3, 1]


PHOTO = DeviationPhotographed(sha256="ab" * 32, size=CHUNK + 1, width=1600, height=1200, shows="wound")


def test_a_photo_is_called_by_the_fact_that_names_it() -> None:
    facts = facts_of(REPORTED, PHOTO, PHOTO)
    case = fold("deviation", CASE.id, facts)
    assert isinstance(case, DeviationDocument)
    assert [photo.id for photo in case.photos] == [facts[1].id, facts[2].id]
    assert (case.photos[0].by, case.photos[0].shows, pieces(case.photos[0].size)) == (KARIN, "wound", 2)
    assert case.step is None
    assert case.unread


def test_a_photo_that_comes_before_the_report_is_read_by_nobody() -> None:
    assert not streams_of(case_of(PHOTO))
    assert streams_of(case_of(REPORTED, PHOTO)) == streams_of(case_of(REPORTED))


@pytest.mark.parametrize(
    "said", [{"sha256": "AB" * 32}, {"sha256": "ab"}, {"size": 0}, {"size": 400 * 1024 + 1}, {"width": 1601}]
)
def test_a_photo_that_could_not_be_is_no_photo(said: dict[str, object]) -> None:
    first, second = facts_of(REPORTED, PHOTO)
    wrong = Raw(encode(PHOTO.__class__(**{**asdict(PHOTO), **said})))
    case = fold("deviation", CASE.id, [first, replace(second, body=wrong)])
    assert isinstance(case, DeviationDocument)
    assert (case.photos, case.unreadable) == ([], 1)

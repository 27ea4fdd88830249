"""What a unit has to see to, who is told of it, and that each thing is told once at each stage."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from care.delegation import DelegationDocument
from care.documents import fold
from care.dose import DoseDocument, Signature
from care.facts import ENDPOINT, Body, Ref
from care.notice import MATTERS, Matter, NoticeDocument, NoticeNotified, NoticeOver, notice_id
from care.order import AsNeeded
from care.prn import PrnDocument
from care.schedule import planned
from care.unit import Settings
from care.watch import (
    TOGETHER,
    TOLD,
    Found,
    Phone,
    Tell,
    ending,
    late,
    of_phones,
    over,
    silence,
    to_tell,
    too_much,
    twice,
)
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, PERSON, UNIT, fact, order, plan

MINUTE = timedelta(minutes=1)
SETTINGS = Settings()
DOSE = planned(order(), NOON - timedelta(hours=12), NOON)[0]
CLOSES = DOSE.closes
SIGNED = Signature(fact="f", author=AMINA, device="d", stated=DOSE.at, performed=DOSE.at, outcome="given")


def notice(*said: tuple[Body, float]) -> NoticeDocument:
    """What was told so many minutes after the dose's window."""
    id = notice_id(UNIT, "late_doses", "2026-03")
    facts = [
        fact(body, Ref("notice", id), rank=n, at=CLOSES + after * MINUTE, author=ENDPOINT, person=None)
        for n, (body, after) in enumerate(said, 1)
    ]
    found = fold("notice", id, facts)
    assert found == fold("notice", id, facts[::-1])
    assert isinstance(found, NoticeDocument)
    return found


def told(stage: int, *about: str) -> NoticeNotified:
    to = TOLD["late_doses"][stage - 1]
    return NoticeNotified(matter="late_doses", stage=stage, to=to, about=about, since=CLOSES)


@pytest.mark.parametrize(
    ("after", "stages"), [(-1, []), (29, []), (30, [1]), (89, [1]), (90, [2]), (719, [2]), (720, [])]
)
def test_a_late_task_is_for_the_nurse_and_later_for_the_chief(after: float, stages: list[int]) -> None:
    now = CLOSES + after * MINUTE
    assert [one.stage for one in late([DOSE], {}, SETTINGS, now, None)] == stages


def test_a_signature_and_a_silent_phone_that_may_hold_one_are_not_late() -> None:
    now = CLOSES + 40 * MINUTE
    signed = {DOSE.id: DoseDocument(id=DOSE.id, signatures=[SIGNED])}
    assert late([DOSE], signed, SETTINGS, now, None) == []
    quiet = CLOSES - MINUTE
    assert late([DOSE], {}, SETTINGS, now, quiet) == []
    assert silence(UNIT, [DOSE], {}, SETTINGS, now, quiet) == [Found(UNIT, 1, quiet)]
    assert silence(UNIT, [DOSE], signed, SETTINGS, now, quiet) == []
    assert silence(UNIT, [], {}, SETTINGS, now, quiet) == [], "at night, with nothing to sign"
    assert len(late([DOSE], {}, SETTINGS, now, CLOSES)) == 1, "heard of after the window, and unsigned"


def test_two_signatures_are_told_until_one_is_taken_back() -> None:
    both = DoseDocument(id=DOSE.id, signatures=[SIGNED, replace(SIGNED, fact="g", author=KARIN)])
    assert [one.id for one in twice([DOSE], {DOSE.id: both}, NOON)] == [DOSE.id]
    both.signatures[1].withdrawn = "h"
    assert twice([DOSE], {DOSE.id: both}, NOON) == []


def test_what_was_given_above_the_most_is_told_of_for_a_day() -> None:
    limit = AsNeeded("smärta", 4, 4000, "mg", dose=2000)
    asked = order((plan(slots=(), as_needed=limit), NOON - timedelta(days=9)))
    given = [
        PrnDocument(
            id=f"p{n}",
            order=asked.id,
            unit_of_limit="mg",
            signatures=[replace(SIGNED, performed=NOON - timedelta(hours=hours), quantity=2000)],
        )
        for n, hours in enumerate((23, 18, 6, 1))
    ]
    assert [one.id for one in too_much([asked], given[:2], NOON)] == []
    assert [one.id for one in too_much([asked], given, NOON)] == ["p2", "p3"]
    assert [one.id for one in too_much([asked], given, NOON + timedelta(hours=20))] == ["p3"]


def delegation(id: str, days: float, **changes: object) -> DelegationDocument:
    made = DelegationDocument(
        id=id, issuer=KARIN, holder=AMINA, tasks=["insulin"], units=[UNIT], start=NOON - timedelta(days=300),
        end=NOON + timedelta(days=days), accepted=NOON - timedelta(days=299),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize(("days", "stages"), [(31, []), (30, [1]), (14, [2]), (2, [2]), (1, [3]), (-1, [])])
def test_a_delegation_is_told_of_thirty_fourteen_and_one_day_before(days: float, stages: list[int]) -> None:
    assert [one.stage for one in ending([delegation("a", days)], UNIT, NOON)] == stages


def test_a_delegation_that_another_takes_over_from_or_that_was_revoked_ends_quietly() -> None:
    old = delegation("a", 10)
    assert ending([old, delegation("b", 40, accepted=None)], UNIT, NOON) == []
    assert ending([delegation("a", 10, revoked=NOON)], UNIT, NOON) == []
    assert len(ending([old, delegation("b", 40, holder=PERSON)], UNIT, NOON)) == 1
    assert len(ending([old, delegation("b", 40, tasks=["eyes"])], UNIT, NOON)) == 1
    assert len(ending([old, delegation("b", 40, once=True)], UNIT, NOON)) == 1
    assert len(ending([old, delegation("b", 40, persons=[PERSON])], UNIT, NOON)) == 1
    of_one = delegation("a", 10, persons=[PERSON])
    assert ending([of_one, delegation("b", 40, persons=["another", PERSON])], UNIT, NOON) == []
    assert ending([of_one, delegation("b", 40)], UNIT, NOON) == []


def test_a_delegation_that_another_takes_over_from_in_one_unit_ends_in_the_other() -> None:
    old, new = delegation("a", 10, units=[UNIT, OTHER_UNIT]), delegation("b", 40, units=[OTHER_UNIT])
    assert [one.id for one in ending([old, new], UNIT, NOON)] == ["a"]
    assert ending([old, new], OTHER_UNIT, NOON) == []


def test_phones_are_told_of_by_what_is_wrong_with_them() -> None:
    lately = NOON - MINUTE
    phones = [
        Phone("well", lately, timedelta(minutes=4), lately),
        Phone("wrong", lately, timedelta(minutes=-6), lately),
        Phone("gone", NOON - timedelta(days=8)),
        Phone("gap", lately, told=lately, missing=2),
        Phone("on its way", lately, told=lately, missing=2, waits=True),
        Phone("fork", lately, restored=NOON - timedelta(days=1)),
        Phone("long ago", lately, restored=NOON - timedelta(days=31)),
        Phone("never", None),
    ]
    found = {matter: [one.id for one in things] for matter, things in of_phones(phones, NOON).items()}
    wrong = {"silent_phone": ["gone"], "clock_wrong": ["wrong"], "chain_gap": ["gap"], "chain_fork": ["fork"]}
    assert found == wrong


def test_each_thing_is_told_once_at_each_stage_and_its_highest_alone() -> None:
    now = CLOSES + 95 * MINUTE
    one, other = Found("a", 1, CLOSES), Found("b", 2, CLOSES - MINUTE)
    first = to_tell("late_doses", [one, other], [], now)
    assert first == [
        Tell("late_doses", 1, "nurse", ("a",), CLOSES),
        Tell("late_doses", 2, "chief", ("b",), CLOSES - MINUTE),
    ]
    known = [notice((told(1, "a"), 30), (told(2, "b"), 90))]
    assert to_tell("late_doses", [one, other], known, now) == []
    assert [tell.about for tell in to_tell("late_doses", [replace(one, stage=2)], known, now + TOGETHER)] == [
        ("a",)
    ]


def test_what_comes_soon_after_waits_for_one_message_and_danger_does_not() -> None:
    known, fresh = [notice((told(1, "a"), 30))], [Found("b", 1, CLOSES)]
    soon = CLOSES + 40 * MINUTE
    assert to_tell("late_doses", fresh, known, soon) == []
    assert len(to_tell("late_doses", fresh, known, soon + TOGETHER)) == 1
    assert len(to_tell("unanswered_sbar", fresh, known, soon)) == 1


def test_what_is_over_is_said_once_and_told_anew_when_it_comes_again() -> None:
    known = [notice((told(1, "a", "b"), 30))]
    assert over([Found("b", 1, CLOSES)], known) == ("a",)
    assert over([], known, settled={"b"}) == ("b",), "what only grew old is not said to be done"
    done = [notice((told(1, "a", "b"), 30), (NoticeOver(matter="late_doses", about=("a",)), 40))]
    assert over([Found("b", 1, CLOSES)], done) == ()
    again = to_tell("late_doses", [Found("a", 1, CLOSES)], done, CLOSES + 60 * MINUTE)
    assert [one.about for one in again] == [("a",)]
    assert done[0].open(done[0].tellings[0]) == ["b"]


@pytest.mark.parametrize("matter", MATTERS)
def test_every_matter_says_who_is_told(matter: Matter) -> None:
    assert TOLD[matter]


def test_a_notice_is_one_for_each_unit_matter_and_month() -> None:
    ids = {
        notice_id(u, m, month) for u in (UNIT, PERSON) for m in MATTERS for month in ("2026-03", "2026-04")
    }
    assert len(ids) == 2 * len(MATTERS) * 2

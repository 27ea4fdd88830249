"""A delegation for one occasion: one signature, the first by when it was done, whatever is heard first."""

import itertools
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace as changed

from care import occasion
from care.delegation import DelegationDocument
from care.dose import DoseDocument, Signature
from care.order import AsNeeded, OrderDocument, Slot
from care.prn import PrnDocument
from care.rights import Role
from care.schedule import on_day
from care.signing import Done, MaySign, Refusal, Used, right_to_sign, standing
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, PERSON, TESFAY, UNIT, order, plan
from tests.test_signing import delegation, worker

STAFF = {AMINA: worker(AMINA), KARIN: worker(KARIN, Role.NURSE), TESFAY: worker(TESFAY)}


def once(**changes: object) -> DelegationDocument:
    values: dict[str, object] = {
        "id": "once",
        "once": True,
        "start": NOON - timedelta(hours=5),
        "end": NOON + timedelta(hours=8),
        "accepted": NOON - timedelta(hours=5),
    }
    return delegation(**(values | changes))


def signed(fact: str, minutes: int, on: str | None = "once", by: str = AMINA, **changes: object) -> Done:
    at = NOON + timedelta(minutes=minutes)
    signature = changed(Signature(fact, by, "phone", at, at, "given", delegation=on), **changes)
    return Done(signature, plan(), PERSON, UNIT)


def how(held: list[DelegationDocument], done: list[Done]) -> dict[str, str]:
    """How each stands, whatever came first: every order is tried."""
    found = []
    for some in itertools.permutations(done):
        used = occasion.used(held, some, STAFF)
        found.append({one.signature.fact: standing(one, STAFF[one.signature.by], held, used) for one in some})
    assert all(one == found[0] for one in found)
    return found[0]


def right(held: list[DelegationDocument], used: Used, at: datetime = NOON) -> MaySign | Refusal:
    return right_to_sign(STAFF[AMINA], plan(), PERSON, UNIT, at, held, used)


def test_one_signature_uses_it_up_and_the_next_is_refused_with_when() -> None:
    assert right([once()], {}) == MaySign("once", once().end, True)
    used = occasion.used([once()], [signed("a", -30)], STAFF)
    assert right([once()], used) == Refusal("used", NOON - timedelta(minutes=30), "once")


def test_the_first_performed_stands_and_the_later_is_without() -> None:
    assert how([once()], [signed("a", 20), signed("b", 10), signed("c", 30)]) == {
        "a": "without_delegation",
        "b": "right",
        "c": "without_delegation",
    }


def test_at_the_same_moment_one_of_two_stands() -> None:
    assert how([once()], [signed("b", 10), signed("a", 10)]) == {"a": "right", "b": "without_delegation"}


def test_what_is_taken_back_gives_the_occasion_back() -> None:
    document = DoseDocument(id="d", unit=UNIT, person=PERSON)
    document.signatures = [signed("a", 0).signature, signed("b", 10, by=TESFAY).signature]
    document.signatures[0].withdrawn = "c"
    found = occasion.Rested({"d": on_day(order(), NOON.date())[0]}, {})
    done = occasion.done(found, [document], [])
    assert [one.signature.fact for one in done] == ["b"]
    assert occasion.used([once()], done, STAFF) == {}


def test_what_nobody_knew_of_when_it_was_done_is_covered_by_one_that_comes_later() -> None:
    assert how([once()], [signed("a", 0, on=None)]) == {"a": "right"}
    # Who relied on it comes first.
    assert how([once()], [signed("a", 0, on=None), signed("b", 5)]) == {
        "a": "without_delegation",
        "b": "right",
    }


def test_two_for_one_occasion_are_two_signatures() -> None:
    two = [once(), once(id="second", end=NOON + timedelta(hours=9))]
    both = how(two, [signed("a", 0), signed("b", 5)])
    assert both == {"a": "right", "b": "right"}
    assert how(two, [signed("a", 0), signed("b", 5), signed("c", 9, "second")])["b"] == "without_delegation"


def test_a_lasting_one_and_a_profession_use_none() -> None:
    lasting = delegation(id="lasting")
    used = occasion.used([once(), lasting], [signed("a", 0)], STAFF)
    assert used == {}
    assert right([once(), lasting], {}) == MaySign("lasting", lasting.end)
    assert occasion.used([once(holder=KARIN)], [signed("a", 0, by=KARIN)], STAFF) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"persons": ["other"]},
        {"units": [OTHER_UNIT]},
        {"tasks": ["insulin"]},
        {"holder": TESFAY},
        {"accepted": None},
        {"declined": NOON},
        {"revoked": NOON - timedelta(hours=1)},
        {"end": NOON - timedelta(minutes=1)},
    ],
)
def test_what_does_not_hold_is_not_used(changes: dict[str, object]) -> None:
    assert occasion.used([once(**changes)], [signed("a", 0)], STAFF) == {}


def test_it_waits_for_a_day_at_most() -> None:
    late = once(start=NOON - timedelta(hours=25), end=NOON + timedelta(hours=1))
    assert right([late], {}) == Refusal("expired", late.end, "once")


def test_registered_after_its_end_it_is_late_registered() -> None:
    one = signed("a", 0, stated=NOON + timedelta(hours=20))
    assert how([once()], [one]) == {"a": "late_registered"}


def test_what_was_signed_is_found_though_the_order_has_been_stopped_and_paused_since() -> None:
    placed = order(stopped=NOON - timedelta(hours=20))
    dose = on_day(order(), NOON.date())[0]
    document = DoseDocument(id=dose.id, order=placed.id, unit=UNIT, person=PERSON)
    document.signatures = [signed("a", 0).signature]
    found = occasion.rested([once()], [placed])
    assert set(found.doses) >= {dose.id}
    assert occasion.used([once()], occasion.done(found, [document], []), STAFF).keys() == {"once"}


def test_what_is_given_as_needed_uses_it_too() -> None:
    needed = plan(slots=(), as_needed=AsNeeded("Smärta", 4, 4, "st", 1))
    placed = order((needed, NOON - timedelta(days=3)))
    given = PrnDocument(id="p", order=placed.id, unit=UNIT, person=PERSON)
    given.signatures = [signed("a", 0).signature]
    found = occasion.rested([once()], [placed])
    assert occasion.used([once()], occasion.done(found, [], [given]), STAFF).keys() == {"once"}


def test_of_other_tasks_and_persons_nothing_is_read() -> None:
    orders = [
        order((plan(requires="insulin"), NOON - timedelta(days=9))),
        OrderDocument(id="x", unit=OTHER_UNIT, person=PERSON, versions=order().versions),
        OrderDocument(id="y", unit=UNIT, person="other", versions=order().versions),
        order((plan(requires=None, slots=(Slot("s", "08:00"),)), NOON - timedelta(days=9))),
    ]
    found = occasion.rested([once(persons=[PERSON])], orders)
    assert (found.doses, found.needed) == ({}, {})


def test_only_those_near_are_looked_at() -> None:
    long_ago = once(start=NOON - timedelta(days=9), end=NOON - timedelta(days=9) + timedelta(hours=5))
    assert occasion.for_one([long_ago], NOON) == []
    assert occasion.for_one([long_ago, delegation()]) == [long_ago]

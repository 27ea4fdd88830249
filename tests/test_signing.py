"""Who may sign, and how a dose stands: derived, whatever arrived first."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from care.delegation import DelegationDocument
from care.documents import fold
from care.dose import DoseDocument, DoseGiven, DoseWitnessed, Signature
from care.facts import Ref
from care.rights import Role
from care.schedule import Planned, on_day
from care.signing import (
    AT_ONCE,
    MISSED_AFTER,
    Done,
    MaySign,
    Refusal,
    dose_end,
    dose_state,
    entered_after,
    given_late,
    lacks_witness,
    right_to_sign,
    standing,
    who_can,
)
from care.staff import RoleInUnit, StaffDocument
from tests.statements import AMINA, KARIN, NOON, ORDER, OTHER_UNIT, PERSON, UNIT, fact, order, plan

START = NOON - timedelta(days=30)
END = NOON + timedelta(days=30)


def worker(id: str, role: Role = Role.CARER, unit: str = UNIT) -> StaffDocument:
    return StaffDocument(id=id, name=id[:4], roles=[RoleInUnit(role, unit, NOON.date() - timedelta(days=99))])


def delegation(**changes: object) -> DelegationDocument:
    values: dict[str, object] = {
        "id": "d1",
        "issuer": KARIN,
        "holder": AMINA,
        "tasks": ["medicine.pouch"],
        "units": [UNIT],
        "start": START,
        "end": END,
        "accepted": START,
    }
    return DelegationDocument(**(values | changes))  # type: ignore[arg-type]


def right(
    *delegations: DelegationDocument, at: datetime = NOON, who: StaffDocument | None = None
) -> MaySign | Refusal:
    return right_to_sign(who or worker(AMINA), plan(), PERSON, UNIT, at, delegations, {})


def test_a_valid_delegation_gives_the_right_and_names_itself() -> None:
    assert right(delegation()) == MaySign("d1", END)


def test_licensed_staff_need_none() -> None:
    assert right(who=worker(KARIN, Role.NURSE)) == MaySign()


def test_a_physiotherapist_needs_none_for_training_but_one_for_insulin() -> None:
    therapist = worker(KARIN, Role.PHYSIOTHERAPIST)
    training, insulin = plan(requires="training"), plan(requires="insulin")
    assert right_to_sign(therapist, training, PERSON, UNIT, NOON, [], {}) == MaySign()
    assert right_to_sign(therapist, insulin, PERSON, UNIT, NOON, [], {}) == Refusal("none")


def test_whoever_has_left_the_unit_has_no_right_there_whatever_the_delegation_says() -> None:
    gone = worker(AMINA)
    gone.roles = [
        RoleInUnit(Role.CARER, UNIT, NOON.date() - timedelta(days=99), NOON.date() - timedelta(days=1))
    ]
    assert right(delegation(), who=gone) == Refusal("not_care_staff")


def test_no_delegation_holds_for_more_than_a_year() -> None:
    three_years = delegation(start=NOON - timedelta(days=367), end=NOON + timedelta(days=700))
    assert isinstance(right(three_years), Refusal)


def test_a_licence_held_in_another_unit_gives_no_right_here() -> None:
    assert isinstance(right(who=worker(KARIN, Role.NURSE, OTHER_UNIT)), Refusal)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"holder": KARIN}, "none"),
        ({"tasks": ["insulin"]}, "none"),
        ({"end": NOON - timedelta(minutes=1)}, "expired"),
        ({"start": NOON + timedelta(minutes=1)}, "not_begun"),
        ({"revoked": NOON}, "revoked"),
        ({"accepted": None}, "not_accepted"),
        ({"persons": ["someone-else"]}, "other_person"),
        ({"units": [OTHER_UNIT]}, "none"),
    ],
)
def test_without_a_valid_one_the_reason_is_named(changes: dict[str, object], why: str) -> None:
    found = right(delegation(**changes))
    assert isinstance(found, Refusal)
    assert found.why == why


def test_the_last_minute_of_the_last_day_is_valid_and_the_next_is_not() -> None:
    end = datetime(2026, 3, 13, 22, 59, 59, tzinfo=UTC)
    assert isinstance(right(delegation(end=end), at=end), MaySign)
    assert isinstance(right(delegation(end=end), at=end + timedelta(seconds=1)), Refusal)


def test_a_renewed_delegation_counts_beside_the_expired_one() -> None:
    old = delegation(id="old", end=NOON - timedelta(days=1))
    assert right(old, delegation()) == MaySign("d1", END)


def test_who_can_lists_delegated_carers_before_nurses() -> None:
    staff = [worker(KARIN, Role.NURSE), worker("0001"), worker(AMINA)]
    able = who_can(staff, plan(), PERSON, UNIT, NOON, [delegation()], {})
    assert [one.id for one in able] == [AMINA, KARIN]


def dose() -> Planned:
    return on_day(order(), NOON.date())[0]


def signature(performed: datetime, stated: datetime | None = None) -> Signature:
    return Signature("f1", AMINA, "phone-1", stated or performed, performed, "given")


def stands(one: Signature, *delegations: DelegationDocument) -> str:
    return standing(Done(one, dose().plan, PERSON, UNIT), worker(AMINA), delegations, {})


def test_done_before_expiry_and_registered_after_is_in_order() -> None:
    late = signature(NOON - timedelta(minutes=10), stated=NOON + timedelta(hours=9))
    ended = delegation(end=NOON)
    assert stands(late, ended) == "late_registered"


def test_what_is_told_later_or_entered_from_paper_was_registered_afterwards() -> None:
    assert not entered_after(signature(NOON, stated=NOON + AT_ONCE))
    assert entered_after(signature(NOON, stated=NOON + AT_ONCE + timedelta(seconds=1)))
    assert entered_after(replace(signature(NOON), performer=KARIN))


def test_done_after_expiry_is_without_delegation() -> None:
    ended = delegation(end=NOON)
    assert stands(signature(NOON + timedelta(minutes=5)), ended) == "without_delegation"


def test_a_delegation_that_arrives_after_the_dose_clears_the_flag() -> None:
    done = signature(NOON)
    assert stands(done) == "without_delegation"
    assert stands(done, delegation()) == "right"


@pytest.mark.parametrize(
    ("minutes", "state"), [(-61, "later"), (-60, "now"), (0, "now"), (60, "now"), (61, "late")]
)
def test_an_unsigned_dose_is_later_then_now_then_late(minutes: int, state: str) -> None:
    assert dose_state(dose(), None, dose().at + timedelta(minutes=minutes)) == state


def test_silence_is_not_a_missed_dose() -> None:
    now = dose().closes + timedelta(hours=3)
    assert dose_state(dose(), None, now, heard=dose().closes - timedelta(minutes=20)) == "unknown"
    assert dose_state(dose(), None, now, heard=dose().closes + timedelta(minutes=1)) == "late"


def test_given_beats_late_and_two_signatures_are_double() -> None:
    now = dose().closes + timedelta(hours=3)
    once = DoseDocument(id=dose().id, signatures=[signature(NOON)])
    twice = DoseDocument(id=dose().id, signatures=[signature(NOON), signature(NOON)])
    taken_back = DoseDocument(id=dose().id, signatures=[signature(NOON)])
    taken_back.signatures[0].withdrawn = "f2"
    assert dose_state(dose(), once, now) == "given"
    assert dose_state(dose(), twice, now) == "double_signed"
    assert dose_state(dose(), taken_back, now) == "late"


def test_a_second_person_counts_as_witness_and_the_signer_never_does() -> None:
    ref = Ref("dose", dose().id)
    body = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="1", order_fact="f")
    first = fact(body, ref)
    own = fact(DoseWitnessed(witnesses=first.id), ref, rank=2, author=AMINA)
    other = fact(DoseWitnessed(witnesses=first.id), ref, rank=2, author=KARIN)
    found = [fold("dose", ref.id, facts) for facts in ([own, first], [other, own, first, other])]
    assert [one.done[0].witnesses for one in found if isinstance(one, DoseDocument)] == [[], [KARIN]]
    both = plan(witness=True)
    assert [lacks_witness(both, one.done[0]) for one in found if isinstance(one, DoseDocument)] == [
        True,
        False,
    ]


def test_a_dose_nobody_signs_is_missed_only_where_everything_has_been_heard() -> None:
    over = dose().closes + MISSED_AFTER
    assert dose_end(dose(), None, over) == ("open", None)
    assert dose_end(dose(), None, over + timedelta(minutes=1)) == ("missed", None)
    silent = over - timedelta(minutes=1)
    assert dose_end(dose(), None, over + timedelta(days=1), heard=silent) == ("unknown", silent)
    signed = DoseDocument(id=dose().id, signatures=[signature(over)])
    assert dose_end(dose(), signed, over + timedelta(days=1), heard=silent) == ("signed", None)
    assert given_late(dose(), signature(dose().closes + timedelta(minutes=1)))
    assert not given_late(dose(), signature(dose().closes))

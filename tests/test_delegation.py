"""Delegations: how one stands, whom its end is told, and what keeps one from being issued."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from care.delegation import DelegationDocument, DelegationIssued
from care.delegation_check import faults
from care.rights import Role
from care.staff import RoleInUnit, StaffDocument
from care.tasks import TASKS, may_delegate
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, TESFAY, UNIT

DAY = NOON.date()


def worker(id: str, *roles: Role, unit: str = UNIT) -> StaffDocument:
    return StaffDocument(id=id, name=id, roles=[RoleInUnit(role, unit, date(2025, 1, 1)) for role in roles])


NURSE, CARER = worker(KARIN, Role.NURSE), worker(AMINA, Role.CARER)
THERAPIST = worker(TESFAY, Role.PHYSIOTHERAPIST)
ISSUED = DelegationIssued(
    holder=AMINA,
    tasks=("insulin",),
    units=(UNIT,),
    start=NOON,
    end=NOON + timedelta(days=365),
    knowledge_tested=True,
    practice_seen=True,
)


def said(issuer: StaffDocument = NURSE, holder: StaffDocument | None = CARER, **changes: object) -> list[str]:
    return [fault.why for fault in faults(replace(ISSUED, **changes), issuer, holder, DAY)]


def test_an_ordinary_delegation_may_be_issued() -> None:
    assert said() == []
    assert said(THERAPIST, tasks=("training",)) == []


@pytest.mark.parametrize("task", sorted(set(TASKS) - {"training"}))
def test_nobody_delegates_beyond_their_own_profession(task: str) -> None:
    assert said(THERAPIST, tasks=("training", task)) == ["beyond"]


def test_what_is_held_by_delegation_cannot_be_passed_on() -> None:
    assert "not_yours" in said(CARER, worker(TESFAY, Role.CARER))
    assert may_delegate({Role.CARER}) == frozenset()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tasks": ()}, "tasks"),
        ({"units": ()}, "units"),
        ({"end": NOON}, "before_start"),
        ({"end": NOON + timedelta(days=367)}, "year"),
        ({"once": True}, "once"),
        ({"knowledge_tested": False}, "knowledge"),
        ({"practice_seen": False}, "practice"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], why: str) -> None:
    assert said(**changes) == [why]


def test_its_holder_works_there_and_needs_it() -> None:
    assert said(holder=None) == ["holder"]
    assert said(holder=NURSE) == ["oneself", "needs_none"]
    assert "not_there" in said(holder=worker(AMINA, Role.CARER, unit=OTHER_UNIT))
    assert said(holder=worker(AMINA, Role.UNIT_MANAGER)) == ["not_there"]
    both = worker(AMINA, Role.PHYSIOTHERAPIST)
    assert said(holder=both, tasks=("training",)) == ["needs_none"]
    assert said(holder=both, tasks=("training", "insulin")) == []


def held(**changes: object) -> DelegationDocument:
    values: dict[str, object] = {"start": NOON - timedelta(days=9), "end": NOON, "accepted": NOON}
    return DelegationDocument(id="d", holder=AMINA, **(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "told"),
    [(31, None), (30, None), (29, 30), (15, 30), (14, 30), (13, 14), (1, 14), (0, 1)],
)
def test_its_end_is_told_thirty_fourteen_and_one_day_before(left: int, told: int | None) -> None:
    one = held(end=NOON + timedelta(days=left, hours=3))
    assert one.days_left(NOON) == left
    assert one.warned(NOON) == told


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"end": NOON + timedelta(days=1)}, "valid"),
        ({"end": NOON - timedelta(seconds=1)}, "expired"),
        ({"start": NOON + timedelta(days=1), "end": NOON + timedelta(days=2)}, "coming"),
        ({"accepted": None, "end": NOON + timedelta(days=1)}, "issued"),
        ({"declined": NOON, "end": NOON + timedelta(days=1)}, "declined"),
        ({"revoked": NOON, "end": NOON + timedelta(days=1)}, "revoked"),
    ],
)
def test_how_it_stands(changes: dict[str, object], state: str) -> None:
    one = held(**changes)
    assert one.state_at(NOON) == state
    assert one.valid(NOON) == (state == "valid")


def test_one_for_one_occasion_holds_for_a_day() -> None:
    one = held(start=NOON, end=NOON + timedelta(days=300), once=True)
    assert one.valid(NOON + timedelta(hours=24))
    assert not one.valid(NOON + timedelta(hours=25))
    assert one.warned(NOON + timedelta(hours=1)) is None

"""The rights table and the streams that follow from it."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from care.complaint import ComplaintDocument
from care.delegation import DelegationDocument
from care.deviation import Category, DeviationDocument, ReportDocument
from care.dose import DoseDocument
from care.follow_up import FollowUpDocument
from care.published import Answered
from care.rights import CARE, TABLE, Act, Role, may
from care.sbar import SbarDocument
from care.staff import RoleInUnit, StaffDocument
from care.streams import READ_ACT, Stream, granted, law_of, streams_of
from tests.statements import AMINA, NOON, OTHER_UNIT, PERSON, UNIT

DAY = NOON.date()
HELD: Any = {"answers": Answered("form", "1", Raw(b"{}"))}


def holder(*roles: tuple[Role, str], start: date = DAY, end: date | None = None) -> StaffDocument:
    return StaffDocument(id=AMINA, roles=[RoleInUnit(role, unit, start, end) for role, unit in roles])


def names(staff: StaffDocument, day: date = DAY) -> set[str]:
    return {str(stream) for stream in granted(staff, day)}


def test_every_act_has_a_row_and_every_row_names_its_law() -> None:
    assert {right.act for right in TABLE} == set(Act)
    assert all(right.law for right in TABLE)


def test_every_stream_names_the_law_under_which_it_is_read() -> None:
    assert all(law_of(Stream(of, UNIT)) for of in READ_ACT)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_report(role: Role) -> None:
    assert may(Act.DEVIATION_REPORT, frozenset(), frozenset({role}))


@pytest.mark.parametrize("role", list(Role))
def test_only_nurses_of_the_unit_answer_an_sbar(role: Role) -> None:
    assert may(Act.SBAR_ANSWER, frozenset({role}), frozenset({role})) == (role is Role.NURSE)
    assert not may(Act.SBAR_ANSWER, frozenset(), frozenset({role}))


@pytest.mark.parametrize("role", list(Role))
def test_only_care_staff_sign_doses(role: Role) -> None:
    assert may(Act.DOSE_SIGN, frozenset({role}), frozenset({role})) == (role in CARE)


def test_a_carer_reads_the_unit_and_what_is_their_own() -> None:
    assert names(holder((Role.CARER, UNIT))) == {f"unit:{UNIT}", f"staff:{AMINA}"}


def test_a_nurse_reads_the_inbox_of_her_units_only() -> None:
    assert names(holder((Role.NURSE, UNIT), (Role.CARER, OTHER_UNIT))) == {
        f"unit:{UNIT}",
        f"nurse:{UNIT}",
        f"unit:{OTHER_UNIT}",
        f"staff:{AMINA}",
    }


def test_an_administrator_reads_nobodys_care() -> None:
    assert names(holder((Role.ADMINISTRATOR, UNIT))) == {f"staff:{AMINA}"}


def test_a_role_that_has_ended_opens_nothing() -> None:
    assert (
        names(holder((Role.NURSE, UNIT), start=DAY - timedelta(days=9), end=DAY - timedelta(days=1))) == set()
    )


def test_a_sbar_goes_to_the_nurses_and_to_who_asked() -> None:
    found = streams_of(SbarDocument(id="x", unit=UNIT, person=PERSON, askers=[AMINA]))
    assert {str(stream) for stream in found} == {f"nurse:{UNIT}", f"staff:{AMINA}"}


def test_a_deviation_is_not_shown_to_colleagues() -> None:
    found = streams_of(DeviationDocument(id="x", unit=UNIT, person=PERSON, reporter=AMINA, **HELD))
    found = {one for one in found if one.of in ("unit", "chief", "nurse", "staff")}
    assert {str(stream) for stream in found} == {f"chief:{UNIT}", f"nurse:{UNIT}"}


def reported(category: Category, **told: Any) -> set[str]:
    case = DeviationDocument(id="x", unit=UNIT, category=category, **told, **HELD)
    return {stream.of for stream in streams_of(case)}


def test_health_care_goes_to_mas_and_social_care_to_sas() -> None:
    assert reported("medicine") == {"chief", "mas"}
    assert reported("missed_effort") == {"chief", "sas"}
    assert reported("fall") == {"chief", "mas", "sas"}


@pytest.mark.parametrize("role", [Role.MAS, Role.SAS])
def test_who_answers_for_a_provider_reads_its_units_and_no_others(role: Role) -> None:
    held = holder((role, UNIT))
    found = {str(s) for s in granted(held, DAY, {UNIT: "p", OTHER_UNIT: "p", "elsewhere": "q"})}
    assert found == {f"{role}:{UNIT}", f"{role}:{OTHER_UNIT}", f"staff:{AMINA}"}


def test_roles_with_two_providers_never_lend_each_other_rights() -> None:
    held = holder((Role.MAS, UNIT), (Role.CARER, "elsewhere"))
    found = {str(s) for s in granted(held, DAY, {UNIT: "p", OTHER_UNIT: "p", "elsewhere": "q", "far": "q"})}
    assert found == {f"mas:{UNIT}", f"mas:{OTHER_UNIT}", "unit:elsewhere", f"staff:{AMINA}"}


def test_a_danger_reaches_the_nurses_even_when_nobody_was_named() -> None:
    assert "nurse" not in reported("fall")
    assert "nurse" in reported("fall", danger=["fall.headHit"])


def test_a_report_about_the_chief_or_the_nurse_is_read_by_mas_or_sas_alone() -> None:
    assert reported("conduct", person=PERSON, danger=["x"], instead="mas") == {"mas"}
    assert reported("fall", instead="sas", staff=True) == {"sas"}


def test_what_befalls_staff_goes_to_the_chief_and_the_skyddsombud() -> None:
    assert reported("work", person=PERSON) == {"chief", "safety"}
    assert reported("violence", person=PERSON, staff=True) == {"chief", "nurse", "sas", "safety"}
    assert names(holder((Role.SAFETY_REPRESENTATIVE, UNIT))) == {f"safety:{UNIT}", f"staff:{AMINA}"}


def test_nobody_reads_what_was_added_to_a_report_before_the_report_is_here() -> None:
    assert streams_of(DeviationDocument(id="x", unit=UNIT, person=PERSON, danger=["x"])) == frozenset()


def test_a_complaint_is_read_by_the_chief_and_who_answers_for_that_law() -> None:
    case = ComplaintDocument(id="x", unit=UNIT, person=PERSON, sides=["sol"], **HELD)
    assert {one.of for one in streams_of(case)} == {"chief", "sas"}
    assert {one.of for one in streams_of(msgspec.structs.replace(case, instead="mas"))} == {"mas"}


def test_follow_up_after_a_fall_is_for_the_colleagues_of_the_unit() -> None:
    assert streams_of(FollowUpDocument(id="x", unit=UNIT)) == {Stream("unit", UNIT)}


def test_the_reporter_gets_the_steps_and_nothing_else() -> None:
    assert {str(s) for s in streams_of(ReportDocument(id="x", unit=UNIT, reporter=AMINA))} == {
        f"staff:{AMINA}"
    }


def test_a_delegation_is_known_in_every_unit_that_it_is_for() -> None:
    found = streams_of(DelegationDocument(id="x", unit=UNIT, units=[UNIT, OTHER_UNIT]))
    assert found == {Stream("unit", UNIT), Stream("unit", OTHER_UNIT)}


def test_a_dose_is_the_units() -> None:
    assert streams_of(DoseDocument(id="x", unit=UNIT)) == {Stream("unit", UNIT)}


def test_a_streams_name_reads_back() -> None:
    for name in (f"nurse:{UNIT}", "mas"):
        assert str(Stream.parse(name)) == name

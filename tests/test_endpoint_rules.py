"""What may be stated from a phone: by whom, of what, in which unit, with which right, on which day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Raw

from care.delegation import DelegationAccepted, DelegationIssued
from care.deviation import DeviationReported, ReportStatus
from care.deviation_case import DeviationAssessed, LexMariaDecided
from care.dose import DoseGiven
from care.erasing import ERASED
from care.facts import RANK_MOST, Body, Ref, known_types
from care.order import OrderChanged, OrderPlaced, OrderStopped, Plan
from care.published import Answered
from care.rights import Role
from care.sbar import SbarAcknowledged, SbarCalled, SbarRecorded
from care.signing import local_day
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitSet
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_town import ADMINISTRATOR, Town, town
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, TESFAY, UNIT
from wire.envelope import Envelope

NOT_PERMITTED = ("quarantined", "not_permitted")
ACCEPTED = ("accepted", None)
ELSEWHERE = "12121212-1212-5212-8212-121212121212"

ANSWERS = Answered("form", "1", Raw(b"{}"))
CALLED = SbarCalled(to="Karin", number="010")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def outcome(phone: Phone, *envelopes: Envelope) -> list[tuple[str, str | None]]:
    return [(one.status, one.reason) for one in phone.push(*envelopes)]


def sbar() -> Ref:
    return Ref("sbar", fresh_id())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (SbarRecorded(answers=ANSWERS), "sbar"),
        (CALLED, "sbar"),
        (DeviationReported(category="fall", answers=ANSWERS), "deviation"),
    ],
)
def test_what_the_lock_screen_offers_counts_without_signing_in(here: Town, body: Body, kind: str) -> None:
    phone = here.phone()
    assert outcome(phone, phone.fact(body, Ref(kind, fresh_id()), None)) == [ACCEPTED]


def test_nothing_else_counts_without_signing_in(here: Town) -> None:
    phone = here.phone()
    given = DoseGiven(order=fresh_id(), planned=NOON, performed=NOON, amount="5", order_fact=fresh_id())
    facts = [
        phone.fact(given, Ref("dose", fresh_id()), None),
        phone.fact(SbarAcknowledged(), sbar(), None),
        phone.fact(CALLED, Ref("song", fresh_id()), None, type="song.sung"),
    ]
    assert outcome(phone, *facts) == [("quarantined", "unsigned")] * 3


def test_a_fact_of_another_kind_than_its_type_is_malformed(here: Town) -> None:
    phone = here.phone(AMINA)
    assert outcome(phone, phone.fact(CALLED, Ref("order", fresh_id()), AMINA)) == [
        ("quarantined", "malformed")
    ]
    newer = phone.fact(CALLED, Ref("staff", fresh_id()), AMINA, version=7)
    assert outcome(phone, newer) == [("quarantined", "malformed")]


def test_a_reports_step_belongs_to_the_report(here: Town) -> None:
    phone = here.phone(KARIN)
    step = ReportStatus(reporter=AMINA, step="received")
    kinds = ("report", "deviation")
    facts = [phone.fact(step, Ref(kind, fresh_id()), KARIN) for kind in kinds]
    assert outcome(phone, *facts) == [ACCEPTED, ("quarantined", "malformed")]


def test_a_case_is_handled_by_those_whose_it_is_to_handle(here: Town) -> None:
    case = Ref("deviation", fresh_id())
    assessed = DeviationAssessed(severity=2, probability=2)
    decided = LexMariaDecided(finding="none", outcome="not_reported", reason="x", decided=NOON.date())
    carer, nurse = here.phone(AMINA), here.phone(KARIN)
    assert outcome(carer, carer.fact(assessed, case, AMINA)) == [NOT_PERMITTED]
    assert outcome(nurse, nurse.fact(assessed, case, KARIN)) == [ACCEPTED]
    assert outcome(nurse, nurse.fact(decided, case, KARIN)) == [NOT_PERMITTED]


def test_every_type_belongs_to_a_kind_that_can_be_shown() -> None:
    from care.documents import known_kinds
    from care.facts import kind_of

    # An erasure is of the aggregate that it erases from, and the endpoint's alone to state.
    assert {kind_of(name) for name, _ in known_types() if name != ERASED} <= known_kinds()
    assert kind_of("song.sung") is None


def test_nobody_states_in_a_unit_where_they_never_worked(here: Town) -> None:
    phone = here.phone(AMINA)
    assert outcome(phone, phone.fact(CALLED, sbar(), AMINA, unit=OTHER_UNIT)) == [NOT_PERMITTED]


def test_what_was_done_in_a_unit_that_one_has_left_still_counts(here: Town) -> None:
    today = local_day(datetime.now(UTC))
    left = RoleInUnit(Role.CARER, OTHER_UNIT, today - timedelta(days=90), today - timedelta(days=30))
    here.employ(AMINA, RoleInUnit(Role.CARER, UNIT, today - timedelta(days=30)), left)
    phone = here.phone(AMINA)
    assert outcome(phone, phone.fact(CALLED, sbar(), AMINA, unit=OTHER_UNIT)) == [ACCEPTED]


def test_whoever_works_for_the_whole_provider_states_in_any_unit(here: Town) -> None:
    start = NOON.date()
    here.employ(KARIN, RoleInUnit(Role.NURSE, UNIT, start), RoleInUnit(Role.MAS, UNIT, start))
    phone = here.phone(KARIN)
    assert outcome(phone, phone.fact(CALLED, sbar(), KARIN, unit=OTHER_UNIT)) == [ACCEPTED]


def test_a_fact_cannot_name_another_unit_than_its_aggregates(here: Town) -> None:
    one, other = here.phone(AMINA), here.phone(TESFAY, unit=OTHER_UNIT)
    about = sbar()
    assert outcome(one, one.fact(CALLED, about, AMINA)) == [ACCEPTED]
    assert outcome(other, other.fact(CALLED, about, TESFAY, rank=2)) == [NOT_PERMITTED]
    document = here.document("sbar", about.id)
    assert document is not None
    assert len(document.facts) == 1


def test_the_first_fact_of_a_batch_is_the_home_of_the_rest(here: Town) -> None:
    today = local_day(datetime.now(UTC))
    here.employ(AMINA, *(RoleInUnit(Role.CARER, unit, today) for unit in (UNIT, OTHER_UNIT)))
    phone, about = here.phone(AMINA), sbar()
    facts = [phone.fact(CALLED, about, AMINA, unit=unit) for unit in (UNIT, OTHER_UNIT)]
    assert outcome(phone, *facts) == [ACCEPTED, NOT_PERMITTED]


def test_master_data_is_written_on_the_console_alone(here: Town) -> None:
    start = NOON.date()
    here.employ(
        ADMINISTRATOR, RoleInUnit(Role.ADMINISTRATOR, UNIT, start), RoleInUnit(Role.CARER, UNIT, start)
    )
    phone = here.phone(ADMINISTRATOR)
    changed = phone.fact(StaffSet(name="A", title="nurse"), Ref("staff", AMINA), ADMINISTRATOR)
    assert outcome(phone, changed) == [NOT_PERMITTED]


def test_a_mas_speaks_for_no_unit_of_another_provider(here: Town) -> None:
    day = NOON.date()
    body = UnitSet(name="Eken", kind="residential", provider="q", provider_name="Vårdbolaget")
    here.state(body, Ref("unit", ELSEWHERE), ELSEWHERE)
    here.employ(AMINA, RoleInUnit(Role.CARER, UNIT, day), RoleInUnit(Role.MAS, UNIT, day))
    phone = here.phone(AMINA)
    reports = [
        phone.fact(
            DeviationReported(category="fall", answers=ANSWERS),
            Ref("deviation", fresh_id()),
            AMINA,
            unit=unit,
        )
        for unit in (OTHER_UNIT, ELSEWHERE)
    ]
    assert outcome(phone, *reports) == [ACCEPTED, NOT_PERMITTED]


def test_what_an_agency_nurse_did_on_her_last_day_counts_after_midnight(here: Town) -> None:
    here.employ(KARIN, RoleInUnit(Role.NURSE, UNIT, local_day(datetime.now(UTC)) - timedelta(days=9)))
    phone = here.phone(KARIN)
    stop = OrderStopped(at=NOON, reason="x")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    facts = [
        phone.fact(stop, Ref("order", fresh_id()), KARIN, at=at) for at in (yesterday, datetime.now(UTC))
    ]
    ended = RoleInUnit(Role.NURSE, UNIT, yesterday.date() - timedelta(days=9), local_day(yesterday))
    here.employ(KARIN, ended)
    assert outcome(phone, *facts) == [ACCEPTED, NOT_PERMITTED]


def issued(*units: str, task: str = "insulin") -> DelegationIssued:
    end = NOON + timedelta(days=90)
    return DelegationIssued(holder=TESFAY, tasks=(task,), units=units, start=NOON, end=end)


def test_a_nurse_delegates_only_in_units_where_she_may(here: Town) -> None:
    phone = here.phone(KARIN)
    facts = [
        phone.fact(issued(*units), Ref("delegation", fresh_id()), KARIN)
        for units in ((UNIT,), (UNIT, OTHER_UNIT))
    ]
    assert outcome(phone, *facts) == [ACCEPTED, NOT_PERMITTED]


@pytest.mark.parametrize(
    ("role", "training", "insulin"),
    [
        (Role.NURSE, ACCEPTED, ACCEPTED),
        (Role.PHYSIOTHERAPIST, ACCEPTED, NOT_PERMITTED),
        (Role.CARER, NOT_PERMITTED, NOT_PERMITTED),
    ],
)
def test_nobody_delegates_beyond_their_profession_nor_passes_on_what_they_hold(
    here: Town, role: Role, training: object, insulin: object
) -> None:
    here.employ(KARIN, RoleInUnit(role, UNIT, NOON.date() - timedelta(days=9)))
    phone = here.phone(KARIN)
    facts = [
        phone.fact(issued(UNIT, task=task), Ref("delegation", fresh_id()), KARIN)
        for task in ("training", "insulin")
    ]
    assert outcome(phone, *facts) == [training, insulin]


def test_a_delegation_is_accepted_from_the_phone_of_another_unit(here: Town) -> None:
    here.employ(
        KARIN, *(RoleInUnit(Role.NURSE, unit, NOON.date() - timedelta(days=9)) for unit in (UNIT, OTHER_UNIT))
    )
    nurse, carer = here.phone(KARIN), here.phone(TESFAY, unit=OTHER_UNIT)
    about = Ref("delegation", fresh_id())
    assert outcome(nurse, nurse.fact(issued(UNIT, OTHER_UNIT), about, KARIN)) == [ACCEPTED]
    yes = carer.fact(DelegationAccepted(), about, TESFAY, rank=2, unit=UNIT)
    assert outcome(carer, yes) == [ACCEPTED]


def test_the_answer_to_a_delegation_may_arrive_before_it(here: Town) -> None:
    """The endpoint was put back, and the phone of who was asked is the first to have contact again."""
    body = UnitSet(name="Eken", kind="residential", provider="q", provider_name="Vårdbolaget")
    here.state(body, Ref("unit", ELSEWHERE), ELSEWHERE)
    nurse, carer = here.phone(KARIN), here.phone(TESFAY, unit=OTHER_UNIT)
    about = Ref("delegation", fresh_id())
    answers = [
        carer.fact(DelegationAccepted(), of, TESFAY, rank=2, unit=unit)
        for of, unit in ((about, UNIT), (Ref("delegation", fresh_id()), ELSEWHERE))
    ]
    assert outcome(carer, *answers) == [ACCEPTED, NOT_PERMITTED]
    assert outcome(nurse, nurse.fact(issued(UNIT), about, KARIN)) == [ACCEPTED]
    document = here.document("delegation", about.id)
    assert document is not None
    assert (document.unit, len(document.facts)) == (UNIT, 2)


def test_the_endpoint_states_on_after_the_highest_rank(here: Town) -> None:
    phone, about = here.phone(AMINA), sbar()
    assert outcome(phone, phone.fact(CALLED, about, AMINA, rank=RANK_MOST)) == [ACCEPTED]
    assert here.state(CALLED, about).rank == RANK_MOST
    assert not here.stale()


@pytest.mark.parametrize("year", [1999, 2201])
def test_a_time_outside_two_centuries_is_malformed(here: Town, year: int) -> None:
    phone = here.phone(KARIN)
    beyond = NOON.replace(year=year)
    facts = [
        phone.fact(CALLED, sbar(), KARIN, at=beyond),
        phone.fact(OrderStopped(at=beyond, reason="x"), Ref("order", fresh_id()), KARIN),
    ]
    results = phone.push_sealed([phone.sealer.seal(_id_in(one), bytes(one)) for one in facts])
    assert {(one.status, one.reason) for one in results} == {("quarantined", "malformed")}


def _id_in(forged: Envelope) -> str:
    import msgspec

    found: str = msgspec.json.decode(forged.data)["id"]
    return found


def test_a_therapist_orders_no_medicine_from_a_phone(here: Town) -> None:
    """What is ordered is of one's own profession (HSLF-FS 2017:37), whoever asks."""
    here.employ(TESFAY, RoleInUnit(Role.PHYSIOTHERAPIST, UNIT, (NOON - timedelta(days=400)).date()))
    phone = here.phone(TESFAY, KARIN)
    training = Plan(what="Gå", form="care", amount="10 minuter", requires="training", start=NOON.date())
    pouch = Plan(what="Dospåse", form="pouch", amount="5", requires="medicine_pouch", start=NOON.date())
    said = [
        phone.fact(OrderPlaced(plan=plan, effective=NOON), Ref("order", fresh_id()), author)
        for author, plan in ((TESFAY, training), (TESFAY, pouch), (KARIN, pouch))
    ]
    changed = phone.fact(OrderChanged(plan=pouch, effective=NOON), said[0].fact().aggregate, TESFAY, rank=2)
    expected = [ACCEPTED, NOT_PERMITTED, ACCEPTED, NOT_PERMITTED]
    assert outcome(phone, *said, changed) == expected

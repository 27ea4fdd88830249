"""Any order and any repetition of facts gives the same document."""

import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.cabinet import CabinetOpened, DispenserReported
from care.check import (
    CheckCorrected,
    CheckEnded,
    CheckPaused,
    CheckPlanned,
    CheckRecorded,
    CheckResumed,
    Start,
)
from care.complaint import ComplaintAmended, ComplaintReceived
from care.complaint_case import ComplaintAcknowledged, ComplaintAnswered, ComplaintClosed
from care.council import CouncilCalled, CouncilClosed, CouncilDecided, CouncilDecisionDone, CouncilMinuted
from care.delegation import (
    DelegationAccepted,
    DelegationDeclined,
    DelegationIssued,
    DelegationReviewed,
    DelegationRevoked,
)
from care.deviation import DeviationAmended, DeviationReceived, DeviationReported, ReportStatus
from care.documents import fold, in_order, known_kinds, with_new
from care.dose import DoseCorrected, DoseDocument, DoseGiven, DoseWithheld, DoseWitnessed
from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Clock, Fact, Ref
from care.follow_up import FollowUpCorrected, FollowUpDone, FollowUpEnded, FollowUpPlanned
from care.handover import HandoverLeft, Left
from care.ids import dose_id
from care.notice import NoticeNotified, NoticeOver
from care.order import OrderChanged, OrderPaused, OrderPlaced, OrderResumed, OrderStopped
from care.person import PersonSet, PlanSet, Scale2Set
from care.prn import PrnCorrected, PrnEffect, PrnGiven
from care.published import Answered, FormPublished, FormWithdrawn
from care.rights import Role
from care.risk import Limits
from care.risk_analysis import RiskActionSet, RiskAnalysisClosed, RiskAnalysisDescribed, RiskSet
from care.risk_limits import RiskLimitsSet
from care.routine import RoutinePublished, RoutineReviewed, RoutineWithdrawn
from care.sbar import (
    SbarAcknowledged,
    SbarAnswered,
    SbarCalled,
    SbarClosed,
    SbarEscalated,
    SbarFollowedUp,
    SbarReadBack,
    SbarRecorded,
)
from care.staff import StaffCertified, StaffKey, StaffSet
from care.stock import StockAdjusted, StockCounted, StockReceived, StockUsed, StockWasted, StockWitnessed
from care.unit import UnitSet
from care.viewing import PersonViewed
from tests.statements import AMINA, KARIN, NOON, ORDER, TESFAY, UNIT, fact, new_id, plan

ANSWERED = Answered("https://rapp.example/forms/x", "1", msgspec.Raw(b'{"item":[]}'))
GIVEN = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5 tabletter", order_fact="f")
KEY = StaffKey("phone-1", b"k" * 32, NOON, NOON + timedelta(days=30))

TODAY = NOON.date()
CHECK = CheckPlanned(
    title="Nattfasta",
    form="u",
    rule="FREQ=MONTHLY",
    role=Role.NURSE,
    starts=(Start(UNIT, TODAY),),
    effective=TODAY,
)
ROUTINE = RoutinePublished(
    title="Fall",
    area="Fall",
    text="1. Ring",
    owner=KARIN,
    owner_name="Karin Ström",
    owner_role=Role.NURSE,
    decided=TODAY,
    decided_by="MAS",
    valid_from=TODAY,
    review_by=TODAY,
    units=(UNIT,),
)

STOCK: Any = {"preparation": "Oxynorm 5 mg", "unit": "kapslar", "month": "2026-03", "at": NOON}

BODIES: dict[str, list[Body]] = {
    "unit": [UnitSet(name=n, kind="residential", provider="p", provider_name="P") for n in ("A", "B")],
    "staff": [StaffSet(name="A", title="nurse"), StaffCertified(key=KEY), StaffSet(name="B", title="nurse")],
    "person": [
        PersonSet(name="A B", personnummer="", born=NOON.date()),
        PlanSet(text="Lindra. Ring inte 112.", decided_by="Karin"),
        Scale2Set(on=True),
        Scale2Set(on=False),
    ],
    "form": [
        FormPublished(url="u", form_version="1", questionnaire=msgspec.Raw(b"{}")),
        FormWithdrawn(reason="Fel fråga"),
        FormPublished(url="u", form_version="2", questionnaire=msgspec.Raw(b"{}"), units=(UNIT,)),
    ],
    "order": [
        OrderPlaced(plan=plan(), effective=NOON),
        OrderChanged(plan=plan(amount="4 tabletter"), effective=NOON),
        OrderPaused(start=NOON, cause="hospital"),
        OrderResumed(pause=ORDER, at=NOON + timedelta(days=1)),
        OrderStopped(at=NOON),
        OrderStopped(at=NOON - timedelta(days=1)),
    ],
    "dose": [
        GIVEN,
        GIVEN,
        DoseWithheld(order=ORDER, planned=NOON, performed=NOON, reason="asleep", order_fact="f"),
        DoseWitnessed(witnesses="f"),
    ],
    "prn": [
        PrnGiven(order=ORDER, performed=NOON, amount="2 tabletter", quantity=1000, unit="mg", order_fact="f"),
        PrnEffect(help="good", need=2),
        PrnCorrected(corrects="f"),
    ],
    "stock": [
        StockReceived(**STOCK, amount=28),
        StockUsed(**STOCK, amount=1, dose=ORDER),
        StockWasted(**STOCK, amount=0.5, reason="dropped"),
        StockCounted(**STOCK, counted=16, expected=18),
        StockAdjusted(**STOCK, change=-2, reason="x"),
        StockWitnessed(witnesses="f"),
    ],
    "handover": [HandoverLeft(open=(Left("late", ORDER, AMINA),), note="Ring Karin")],
    "delegation": [
        DelegationIssued(holder=AMINA, tasks=("t",), units=(UNIT,), start=NOON, end=NOON + timedelta(days=9)),
        DelegationAccepted(),
        DelegationDeclined(reason="x"),
        DelegationReviewed(on=TODAY, note="x"),
        DelegationRevoked(at=NOON + timedelta(days=2), reason="x"),
        DelegationRevoked(at=NOON + timedelta(days=1)),
    ],
    "cabinet": [CabinetOpened(at=NOON, cabinet="Skåp 1", by=AMINA)],
    "dispenser": [DispenserReported(at=NOON, dispenser="Giv", outcome="not_taken", planned=NOON)],
    "sbar": [
        SbarRecorded(answers=ANSWERED),
        SbarCalled(to="Karin Ström", number="070-1740605"),
        SbarAcknowledged(),
        SbarAnswered(orders=("sit_up",), text="Jag kommer"),
        SbarReadBack(nurse="Karin"),
        SbarFollowedUp(outcome="better"),
        SbarEscalated(step=1, to="Norr", number="112"),
        SbarClosed(),
    ],
    "deviation": [
        DeviationReported(category="fall", answers=ANSWERED),
        DeviationAmended(text="mer"),
        DeviationAmended(text="", answers=ANSWERED, danger=("fall.headHit",), staff=True),
        DeviationReceived(),
    ],
    "report": [
        ReportStatus(reporter=AMINA, step="received"),
        ReportStatus(reporter=AMINA, step="closed", text="Tack"),
    ],
    "risk-limits": [
        RiskLimitsSet(provider=UNIT, limits=Limits(high=9), reason="Provår"),
        RiskLimitsSet(provider=UNIT, limits=Limits(high=8), reason="Som förut"),
    ],
    "risk-analysis": [
        RiskAnalysisDescribed(title="Ny rutin", change="x", from_day=date(2026, 4, 1), units=(UNIT,)),
        RiskSet(risk="r1", text="Dos glöms", severity=3, probability=2),
        RiskActionSet(risk="r1", action="a1", text="Larm", owner=KARIN, due=date(2026, 3, 30)),
        RiskSet(risk="r1", text="Dos glöms", severity=3, probability=1),
        RiskAnalysisClosed(),
    ],
    "council": [
        CouncilCalled(on=date(2026, 3, 20), units=(UNIT,)),
        CouncilMinuted(text="Gick igenom fallen."),
        CouncilDecided(action="d1", text="Nattlampor", owner=KARIN, due=date(2026, 4, 1), case="c1"),
        CouncilDecisionDone(action="d1", done=date(2026, 3, 25)),
        CouncilClosed(),
    ],
    "complaint": [
        ComplaintReceived(kind="complaint", answers=ANSWERED, sides=("sol",), sender="relative"),
        ComplaintReceived(kind="praise", answers=ANSWERED),
        ComplaintAmended(text="mer"),
        ComplaintAcknowledged(way="phone", on=date(2026, 3, 14)),
        ComplaintAnswered(way="letter", on=date(2026, 3, 15), text="Vi har ändrat."),
        ComplaintClosed(text="Klart."),
    ],
    "task": [
        FollowUpPlanned(what="head_watch", first=TODAY, last=TODAY + timedelta(days=29)),
        FollowUpPlanned(what="head_watch", first=TODAY, last=TODAY + timedelta(days=9)),
        FollowUpDone(day=TODAY, found="as_usual"),
        FollowUpDone(day=TODAY, found="changed", text="Trött"),
        FollowUpCorrected(corrects=ORDER),
        FollowUpEnded(why="nurse"),
    ],
    "view": [PersonViewed(what="sign"), PersonViewed(what="case", under="staff")],
    "check": [
        CHECK,
        msgspec.structs.replace(CHECK, rule="FREQ=YEARLY", effective=TODAY + timedelta(days=9)),
        CheckPaused(start=TODAY),
        CheckResumed(day=TODAY + timedelta(days=3)),
        CheckEnded(day=TODAY + timedelta(days=2)),
        CheckEnded(day=TODAY + timedelta(days=1)),
    ],
    "check-result": [
        CheckRecorded(plan=ORDER, due=TODAY, done=TODAY, role=Role.NURSE, answers=ANSWERED),
        CheckRecorded(
            plan=ORDER, due=TODAY, done=TODAY, role=Role.UNIT_MANAGER, sides=("sol",), answers=ANSWERED
        ),
        CheckCorrected(role=Role.NURSE, answers=ANSWERED, reason="x"),
    ],
    "notice": [
        NoticeNotified(matter="late_doses", stage=1, to="nurse", about=(ORDER, AMINA), since=NOON),
        NoticeNotified(matter="late_doses", stage=2, to="chief", about=(ORDER,), since=NOON, name="Maria"),
        NoticeOver(matter="late_doses", about=(ORDER,)),
    ],
    "routine": [
        ROUTINE,
        msgspec.structs.replace(ROUTINE, text="1. Vänta"),
        RoutineReviewed(reviewed=TODAY, review_by=TODAY + timedelta(days=365)),
        RoutineWithdrawn(day=TODAY, reason="x"),
    ],
}


def test_every_kind_of_aggregate_is_tried_here() -> None:
    assert set(BODIES) == known_kinds()


@st.composite
def histories(draw: Any) -> tuple[str, list[Fact], list[Fact]]:
    kind = draw(st.sampled_from(sorted(BODIES)))
    aggregate = Ref(kind, new_id())
    facts = [
        msgspec.structs.replace(
            fact(
                draw(st.sampled_from(BODIES[kind])),
                aggregate,
                rank=draw(st.integers(1, 4)),
                at=NOON + timedelta(minutes=draw(st.integers(-5, 5))),
                author=draw(st.sampled_from([AMINA, KARIN, TESFAY, "endpoint", None])),
            ),
            clock=draw(st.sampled_from([None, Clock(-120_000, 5), Clock(31_536_000_000, 5)])),
        )
        for _ in range(draw(st.integers(1, 7)))
    ]
    if kind == "dose" and draw(st.booleans()):
        facts.append(fact(DoseCorrected(corrects=facts[0].id), aggregate, rank=facts[0].rank + 1))
    arrived = draw(st.permutations(facts + draw(st.lists(st.sampled_from(facts), max_size=4))))
    return kind, facts, arrived


@given(histories())
def test_order_of_arrival_and_repetition_change_nothing(history: tuple[str, list[Fact], list[Fact]]) -> None:
    kind, facts, arrived = history
    aggregate = facts[0].aggregate.id
    assert msgspec.json.encode(fold(kind, aggregate, facts)) == msgspec.json.encode(
        fold(kind, aggregate, arrived)
    )


@given(histories())
def test_a_document_survives_being_stored(history: tuple[str, list[Fact], list[Fact]]) -> None:
    kind, facts, _ = history
    document = fold(kind, facts[0].aggregate.id, facts)
    assert msgspec.json.decode(msgspec.json.encode(document), type=type(document)) == document


@st.composite
def with_erasures(draw: Any) -> tuple[str, list[Fact]]:
    """Facts as they arrive, some of them erased by others, before or after they come."""
    kind, facts, arrived = draw(histories())
    made = list(arrived)
    for gone in draw(st.lists(st.sampled_from(facts), max_size=2)):
        named = (Named(gone.id, "0" * 64),)
        body = FactErased(facts=named, why="decision", decision="IVO 1")
        rank = draw(st.integers(1, 6))
        erasure = fact(body, gone.aggregate, rank=rank, author=ENDPOINT, device=ENDPOINT)
        made.insert(draw(st.integers(0, len(made))), erasure)
    return kind, made


@given(with_erasures(), st.integers(1, 3))
def test_what_is_added_to_a_document_makes_what_folding_everything_makes(
    history: tuple[str, list[Fact]], many: int
) -> None:
    kind, arrived = history
    id = arrived[0].aggregate.id
    document = fold(kind, id, [])
    for at in range(0, len(arrived), many):
        new, so_far = arrived[at : at + many], arrived[: at + many]
        before = msgspec.json.encode(document)
        added = with_new(document, new)
        assert msgspec.json.encode(document) == before
        whole = fold(kind, id, so_far)
        if added is not None:
            assert added == whole
            assert msgspec.json.encode(added) == msgspec.json.encode(whole)
        document = whole


@given(histories())
def test_facts_that_come_in_their_order_are_added_without_the_earlier_ones(
    history: tuple[str, list[Fact], list[Fact]],
) -> None:
    kind, facts, _ = history
    document = fold(kind, facts[0].aggregate.id, [])
    for one in in_order(facts):
        added = with_new(document, [one])
        assert added is not None
        document = added
    assert document == fold(kind, document.id, facts)


def test_a_correction_sorts_after_what_it_corrects_even_when_one_phone_is_a_year_ahead() -> None:
    aggregate = Ref("dose", dose_id(ORDER, NOON.date(), "morning"))
    ahead = fact(GIVEN, aggregate, at=NOON + timedelta(days=365), device="phone-ahead")
    correction = fact(DoseCorrected(corrects=ahead.id), aggregate, rank=2, at=NOON)
    document = fold("dose", aggregate.id, [correction, ahead])
    assert isinstance(document, DoseDocument)
    assert document.standing == []
    assert document.facts == [ahead.id, correction.id]


def test_two_signatures_made_offline_both_stand() -> None:
    aggregate = Ref("dose", dose_id(ORDER, NOON.date(), "morning"))
    document = fold("dose", aggregate.id, [fact(GIVEN, aggregate), fact(GIVEN, aggregate, author=TESFAY)])
    assert isinstance(document, DoseDocument)
    assert {signature.author for signature in document.done} == {AMINA, TESFAY}


def test_a_kind_that_is_newer_than_this_app_is_counted_and_kept() -> None:
    aggregate = Ref("dream", new_id())
    document = fold("dream", aggregate.id, [fact(GIVEN, aggregate), fact(GIVEN, aggregate)])
    assert document.unreadable == 2
    assert len(document.facts) == 2


def test_only_the_holder_accepts_a_delegation_and_only_the_endpoint_vouches_for_a_key() -> None:
    aggregate = Ref("delegation", new_id())
    issued = fact(BODIES["delegation"][0], aggregate, author=KARIN)
    taken = fact(DelegationAccepted(), aggregate, rank=2, author=TESFAY)
    assert fold("delegation", aggregate.id, [issued, taken]).accepted is None  # type: ignore[attr-defined]
    forged = fact(StaffCertified(key=KEY), Ref("staff", AMINA), author=AMINA)
    assert fold("staff", AMINA, [forged]).keys == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", ["storage.ring", "endpoint.record"])
def test_whoever_folds_knows_every_kind_without_anybody_elses_imports(module: str) -> None:
    ask = f"import {module}; from care.documents import known_kinds; print(*sorted(known_kinds()))"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    assert set(told.stdout.split()) == set(BODIES)

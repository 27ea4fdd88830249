"""Since when a phone has no more to do with a document: of every kind."""

from datetime import timedelta

import pytest
from msgspec import Raw
from msgspec.structs import replace

from care.delegation import DelegationDeclined
from care.deviation import DeviationDocument, ReportDocument, ReportStatus
from care.documents import Document, fold, known_kinds
from care.dose import DoseCorrected
from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Ref
from care.order import OrderPlaced
from care.retention import closed_at, to_be_read, window
from care.sbar import SbarAcknowledged, SbarAnswered, SbarReadBack, SbarRecorded
from care.unit import Settings
from tests.statements import AMINA, KARIN, NOON, UNIT, fact, new_id, plan
from tests.test_fold import ANSWERED, BODIES, GIVEN

DAY = timedelta(days=1)
LATER = NOON + 3 * DAY
STAY = {"risk-limits", "stock", "unit", "staff", "person", "form", "view"}
"""Kinds that are never over; readings leave once sent."""


def document(kind: str, *bodies: Body) -> Document:
    of = Ref(kind, new_id())
    facts = [fact(body, of, rank=n, at=NOON + n * timedelta(minutes=1)) for n, body in enumerate(bodies, 1)]
    return fold(kind, of.id, facts)


@pytest.mark.parametrize("kind", sorted(known_kinds()))
def test_every_kind_is_over_when_it_ends_or_never(kind: str) -> None:
    bodies = BODIES[kind]
    ended = document(kind, *bodies)
    closed = closed_at(ended)
    assert (closed is None) == (kind in STAY), "say in care/retention.py when it is over"
    if closed is not None:
        assert ended.changed is not None
        assert closed >= ended.changed


@pytest.mark.parametrize("kind", ["order", "delegation", "sbar", "deviation", "report", "check", "routine"])
def test_what_has_only_begun_stays(kind: str) -> None:
    closed = closed_at(document(kind, BODIES[kind][0]))
    # A delegation says from the beginning when it ends.
    assert closed is None or (kind == "delegation" and closed == NOON + 9 * DAY)


def test_a_dose_is_over_after_its_time_and_after_what_was_said_of_it_last() -> None:
    assert closed_at(document("dose", GIVEN)) == NOON + timedelta(minutes=1)
    of = Ref("dose", new_id())
    first = fact(GIVEN, of)
    late = fact(DoseCorrected(corrects=first.id), of, rank=2, at=LATER)
    assert closed_at(fold("dose", of.id, [first, late])) == LATER
    assert closed_at(fold("dose", of.id, [late])) is None


def test_an_order_that_ends_on_a_day_is_over_after_that_day() -> None:
    last = NOON.date() + 5 * DAY
    closed = closed_at(document("order", OrderPlaced(plan=plan(end=last), effective=NOON)))
    assert closed is not None
    assert closed.date() == last
    assert closed > NOON + 5 * DAY


def test_an_sbar_is_over_when_the_loop_is_closed_and_the_new_check_is_past() -> None:
    asked, answered = SbarRecorded(answers=ANSWERED), SbarAnswered(text="Jag kommer")
    assert closed_at(document("sbar", asked, SbarAcknowledged(), answered)) is None
    assert closed_at(document("sbar", asked, answered, SbarReadBack(nurse="K"))) == NOON + timedelta(
        minutes=3
    )
    check = SbarReadBack(nurse="K", check_again=LATER)
    assert closed_at(document("sbar", asked, answered, check)) == LATER
    assert closed_at(document("sbar", asked, check, answered)) is None


def test_a_deviation_is_over_for_its_reporter_when_they_have_been_told_so() -> None:
    case = document("deviation", *BODIES["deviation"])
    told = document("report", ReportStatus(reporter=AMINA, step="assessed"))
    over = document("report", *BODIES["report"])
    assert isinstance(case, DeviationDocument)
    assert isinstance(told, ReportDocument)
    assert isinstance(over, ReportDocument)
    assert closed_at(case) is not None
    assert closed_at(case, told) is None
    assert closed_at(case, over) == closed_at(case)
    assert to_be_read(over, AMINA)
    assert not to_be_read(over, KARIN), "who handles the case has it too, and it waits for nobody there"
    assert not to_be_read(told, AMINA)
    assert not to_be_read(case, AMINA)


def test_a_declined_delegation_is_over_at_once() -> None:
    assert closed_at(document("delegation", BODIES["delegation"][0], DelegationDeclined())) == NOON + 2 * (
        timedelta(minutes=1)
    )


def test_what_this_app_cannot_read_may_have_opened_it_again() -> None:
    of = Ref("dose", new_id())
    newer = fact(GIVEN, of, rank=2)
    strange = replace(newer, type="dose.questioned", body=Raw(b"{}"))
    assert closed_at(fold("dose", of.id, [fact(GIVEN, of), strange])) is None
    assert closed_at(fold("other", of.id, [fact(GIVEN, of)])) is None


def test_what_has_been_erased_whole_is_over() -> None:
    of = Ref("person", new_id())
    body = FactErased(facts=(Named(new_id(), "0" * 64),), why="decision", decision="IVO 1")
    gone = fact(body, of, rank=2, author=ENDPOINT, device=ENDPOINT, unit=UNIT)
    assert closed_at(fold("person", of.id, [gone])) == NOON


def test_the_window_is_the_units_and_never_shorter_than_a_week_or_than_corrections_last() -> None:
    assert window(Settings()) == 30 * DAY
    assert window(Settings(purge_after_days=10, lock_after_days=2)) == 10 * DAY
    assert window(Settings(purge_after_days=10, lock_after_days=14)) == 14 * DAY
    assert window(Settings(purge_after_days=0, lock_after_days=0)) == 7 * DAY

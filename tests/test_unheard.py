"""A phone without contact for longer than it may rely on its delegations: one reason a shift, no refusal."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from care.delegation import DelegationAccepted, DelegationIssued
from care.dose import DoseDocument
from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM
from tests.statements import new_id
from tests.store_case import UNIT
from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, KARIN, START, Ward
from views.app import App
from views.model import reading, signing, unheard
from views.model.shift import Shift
from views.places import Place, Sign, Today

A_WEEK = 7 * 24 * 60


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    slots = tuple(Slot(clock, clock) for clock in ("07:00", "19:00"))
    plan = Plan(
        what="Dosett",
        form="pouch",
        amount="2",
        slots=slots,
        start=date(2026, 1, 1),
        requires="medicine_pouch",
    )
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    made.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD, KARIN)
    ref, start = Ref("delegation", new_id()), START - timedelta(days=30)
    end = START + timedelta(days=90)
    issued = DelegationIssued(holder=AMINA, tasks=("medicine_pouch",), units=(UNIT,), start=start, end=end)
    made.say(issued, ref, author=KARIN)
    made.say(DelegationAccepted(), ref, author=AMINA)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


@asynccontextmanager
async def at(shift: Shift, *places: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), *places]
    async with Screen(App, shift) as screen:
        yield screen


def silent(ward: Ward, minutes: float) -> None:
    """The last contact stays where it was; nobody has to unlock for it."""
    ward.set_clock(minutes=minutes)


async def test_after_seven_days_one_reason_is_asked_and_goes_with_what_is_signed(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    silent(ward, A_WEEK)
    assert not unheard.asks(amina)
    silent(ward, 1)
    dose = reading.day(amina).now[0].dose.id
    async with at(amina, Sign(dose)) as screen:
        assert screen.has("Telefonen har inte haft kontakt sedan")
        with pytest.raises(LookupError):
            screen.find("given")
        await screen.click("Det finns inget nät här")
        await screen.click("given")
        await screen.settle(0.1)
    [document] = reading.all_of(amina, DoseDocument)
    [signature] = document.done
    assert (signature.unheard_since, signature.unheard_reason) == (START, "no_network")
    async with at(amina, Sign(dose)) as screen:
        assert screen.has("Telefonen hade ingen kontakt")


async def test_it_is_asked_once_a_shift_and_anew_in_the_next(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    silent(ward, A_WEEK + 1)
    unheard.say(amina, "nurse_says")
    assert not unheard.asks(amina)
    silent(ward, 12 * 60)
    assert unheard.asks(amina)


async def test_with_contact_nothing_is_asked_and_nothing_is_said(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    silent(ward, 60)
    task = reading.day(amina).now[0]
    await signing.give(amina, task)
    [document] = reading.all_of(amina, DoseDocument)
    assert document.done[0].unheard_since is None

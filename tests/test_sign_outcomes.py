"""Every way in which a task can end on the phone, and the way back from each."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import pytest

from care.dose import DoseDocument, Reason
from care.facts import Ref
from care.order import Content, OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM
from tests.statements import new_id
from tests.test_give_needed import at
from tests.ward import AMINA, INGEGERD, KARIN, Ward
from views.model import reading
from views.model.shift import UNDO_FOR, Shift
from views.places import Correct, Sign, Withhold
from views.screens.withhold import REASONS
from views.texts import Texts

T = Texts.load("sv")


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    plan = Plan(
        what="Dospåse morgon",
        form="pouch",
        amount="3 tabletter",
        contents=(Content("Metoprolol 50 mg", "1"), Content("Furix 40 mg", "2")),
        slots=(Slot("m", "07:00"),),
        start=date(2026, 1, 1),
    )
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    made.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD, KARIN)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


def the_dose(shift: Shift) -> str:
    return reading.day(shift).now[0].dose.id


def signed(shift: Shift) -> DoseDocument:
    [document] = reading.all_of(shift, DoseDocument)
    return document


async def test_a_pouch_is_one_task_with_what_it_holds(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    assert [task.dose.plan.what for task in reading.day(amina).now] == ["Dospåse morgon"]
    async with at(amina, Sign(the_dose(amina))) as screen:
        assert screen.has("Metoprolol 50 mg")
        assert screen.has("Furix 40 mg")
        await screen.click("given")
        await screen.settle(0.1)
    assert [one.outcome for one in signed(amina).standing] == ["given"]


def test_every_reason_is_offered() -> None:
    assert {reason for reason, _ in REASONS} == set(get_args(Reason))


@pytest.mark.parametrize("reason", get_args(Reason))
async def test_not_given_for_each_reason(ward: Ward, reason: Reason) -> None:
    amina = ward.phone("a", AMINA)
    async with at(amina, Withhold(the_dose(amina))) as screen:
        await screen.click(f"Varför inte given? {T(f'reason.{reason}')}")
        await screen.click("save-send")
        await screen.settle(0.1)
    assert [(one.outcome, one.reason) for one in signed(amina).standing] == [("withheld", reason)]


async def test_sent_along_is_said_in_three_taps(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    async with at(amina, Sign(the_dose(amina))) as screen:
        await screen.click("Annat")
        await screen.click("Medskickad")
        await screen.click("save-other")
        await screen.settle(0.1)
    assert [one.outcome for one in signed(amina).standing] == ["sent_along"]


async def test_within_a_minute_it_is_undone_and_later_corrected_with_a_reason(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("given")
        await screen.settle(0.1)
        await screen.click("undo")
        await screen.settle(0.1)
    assert (len(signed(amina).signatures), signed(amina).standing) == (1, [])
    async with at(amina, Sign(dose)) as screen:
        await screen.click("given")
        await screen.settle(0.1)
    ward.pass_(UNDO_FOR.total_seconds() / 60 + 1)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("take-back")
        place = amina.place
    assert isinstance(place, Correct)
    assert len(signed(amina).standing) == 1, "asked for a reason first"
    async with at(amina, place) as screen:
        await screen.click("Det blev inte gjort")
        await screen.click("Ta tillbaka min signering")
        await screen.settle(0.1)
    assert signed(amina).standing == []
    assert [one.why_withdrawn for one in signed(amina).signatures] == ["", "not_done"]

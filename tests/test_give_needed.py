"""Giving as needed on the phone: what is known here, blocked with the next time, and how it helped."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from care.delegation import DelegationAccepted, DelegationIssued
from care.facts import Ref
from care.prn import PrnDocument, PrnGiven
from care.schedule import STOCKHOLM
from tests.statements import new_id
from tests.store_case import UNIT
from tests.test_filling import Screen
from tests.ward import AMINA, KARIN, LENA, START, VERA, Ward, as_needed
from views.app import App
from views.model import needed, reading
from views.model.shift import Shift
from views.places import AsNeededList, GiveAsNeeded, Place, Today

ORDER = new_id()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    made.say(as_needed(), Ref("order", ORDER), VERA, KARIN)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


def delegated(ward: Ward, holder: str, task: str = "medicine_as_needed", days: int = 30) -> None:
    ref, start = Ref("delegation", new_id()), START - timedelta(days=30)
    issued = DelegationIssued(
        holder=holder, tasks=(task,), units=(UNIT,), start=start, end=START + timedelta(days=days)
    )
    ward.say(issued, ref, author=KARIN)
    ward.say(DelegationAccepted(), ref, author=holder)


@asynccontextmanager
async def at(shift: Shift, *places: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), *places]
    async with Screen(App, shift) as screen:
        yield screen


def gave(ward: Ward, when: datetime) -> None:
    body = PrnGiven(
        order=ORDER, performed=when, amount="2 tabletter", quantity=1000, unit="mg", order_fact="f"
    )
    ward.say(body, Ref("prn", new_id()), VERA, LENA)


def yesterday(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-13T{clock}").replace(tzinfo=STOCKHOLM)


def given(shift: Shift) -> list[PrnDocument]:
    return [one for one in reading.all_of(shift, PrnDocument) if one.given]


async def test_two_taps_from_the_list_give_it_and_undo_takes_it_back(ward: Ward) -> None:
    delegated(ward, AMINA)
    amina = ward.phone("a", AMINA)
    async with at(amina, AsNeededList()) as screen:
        assert screen.has("Kan ges nu")
        await screen.click(f"needed-{ORDER}")
        assert screen.has("0 av 3000 mg på ett dygn")
        await screen.click("Hur stort är besväret, 0 till 10? 6")
        await screen.click("given")
        await screen.settle(0.1)
        [one] = given(amina)
        assert one.given is not None
        assert (one.given.need, one.given.quantity, one.known) == (6, 1000, START)
        await screen.click("undo")
        await screen.settle(0.1)
        assert given(amina) == []


async def test_at_the_most_it_is_blocked_with_the_next_time_and_the_nurse(ward: Ward) -> None:
    delegated(ward, AMINA)
    for clock in ("09:00", "15:00", "21:00"):
        gave(ward, yesterday(clock))
    amina = ward.phone("a", AMINA)
    ward.now = START.replace(hour=8, minute=30)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert screen.has("Maxdosen är nådd")
        assert screen.has("Nästa möjliga 09:00.")
        with pytest.raises(LookupError):
            screen.find("given")
        screen.find("call-nurse")
        await screen.click("make-sbar")
        assert amina.place != GiveAsNeeded(ORDER)
    ward.now = START.replace(hour=9, minute=0)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        await screen.click("given")
        await screen.settle(0.1)
    assert len(given(amina)) == 4


async def test_what_was_too_much_or_too_soon_offers_a_report_that_knows_which_and_when(ward: Ward) -> None:
    delegated(ward, AMINA)
    for clock in ("08:00", "12:00", "13:00", "17:00"):
        gave(ward, yesterday(clock))
    amina = ward.phone("a", AMINA)
    by_time = sorted((one.standing[0].performed, one.id) for one in given(amina))
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        for _, id in by_time[:2]:
            with pytest.raises(LookupError):
                screen.find(f"report-{id}")
        assert screen.has("Tätare än ordinerat")
        assert screen.has("Mer än maxdosen på 24 timmar")
        await screen.click(f"report-{by_time[3][1]}")
        (filling,) = amina.fillings.values()
        assert filling.answers["deviation.medication"][0].code == "wrong-dose"  # type: ignore[union-attr]
        assert filling.answers["medicine.which"] == ["Alvedon 500 mg"]
        assert str(filling.answers["deviation.time"][0]).startswith("2026-03-13T17:00")
        assert filling.person == VERA


async def test_what_came_in_after_the_page_was_drawn_stops_it(ward: Ward) -> None:
    delegated(ward, AMINA)
    amina = ward.phone("a", AMINA)
    found = needed.one(amina, ORDER)
    assert found is not None
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        press = screen.find("given").content.on_click
        gave(ward, START - timedelta(minutes=5))
        ward.deliver()
        await press(None)
        await screen.settle(0.1)
        assert screen.has("Det är för tätt")
    assert len(given(amina)) == 1


async def test_how_old_the_knowledge_is_stands_beside_the_sum(ward: Ward) -> None:
    delegated(ward, AMINA)
    amina = ward.phone("a", AMINA)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert not screen.has("En annan telefon kan ha gett")
    ward.pass_(40)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert screen.has("Telefonen vet vad andra gett till 06:52")
        assert screen.has("En annan telefon kan ha gett sedan dess")


async def test_without_a_delegation_it_says_why_and_what_was_given_is_still_recorded(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        assert screen.has("Karin Ström")
        await screen.click("already")
        await screen.click("Nyss")
        await screen.click("save-already")
        await screen.settle(0.2)
    [one] = given(amina)
    assert one.given is not None
    assert one.given.already_given
    assert amina.place.draft  # type: ignore[attr-defined]


async def test_the_effect_is_asked_for_on_idag_and_not_again(ward: Ward) -> None:
    delegated(ward, AMINA)
    amina = ward.phone("a", AMINA)
    found = needed.one(amina, ORDER)
    assert found is not None
    await needed.give(amina, found[1], found[2], 6)
    [one] = given(amina)
    async with at(amina) as screen:
        assert not screen.has("Hjälpte det?")
    ward.pass_(61)
    async with at(amina) as screen:
        await screen.click(f"effect-{one.id}")
        await screen.click("God effekt")
        await screen.click("Hur stort är besväret nu, 0 till 10? 2")
        await screen.click("save-effect")
        await screen.settle(0.1)
        assert not screen.has("Fråga nu")
    [effect] = given(amina)[0].effects
    assert (effect.help, effect.need) == ("good", 2)


async def test_after_a_minute_it_is_corrected_with_a_reason(ward: Ward) -> None:
    delegated(ward, AMINA)
    amina = ward.phone("a", AMINA)
    found = needed.one(amina, ORDER)
    assert found is not None
    await needed.give(amina, found[1], found[2], None)
    ward.pass_(5)
    async with at(amina, GiveAsNeeded(ORDER)) as screen:
        await screen.click("take-back")
        await screen.click("Det var fel person")
        await screen.click("save-correction")
        await screen.settle(0.1)
    [document] = reading.all_of(amina, PrnDocument)
    assert document.given is None
    assert document.signatures[0].why_withdrawn == "wrong_person"

"""Two quick taps are one, and quick keys and answers all count."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

import pytest

from care.deviation import DeviationDocument
from care.dose import DoseDocument
from care.facts import Ref
from care.forms import Coding
from care.order import OrderPlaced, Plan, Slot
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH, document
from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, KARIN, Ward, asks, sbar
from views import presses
from views.app import App
from views.model import drafts, filling, handing_in, reading, reporting
from views.model.in_hand import Filling
from views.model.shift import Shift
from views.places import Fill, InboxCase, Place, ReadBack, Sign, Today

A_FALL = {
    "fall.headHit": "no",
    "fall.bloodThinner": "no",
    "fall.newPain": "no",
    "fall.canStand": "yes",
    "fall.confused": "no",
    "fall.place": "room",
    "fall.movement": "walking",
    "fall.witnessed": "no",
    "fall.harm": "none",
}


@asynccontextmanager
async def at(shift: Shift, place: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), place]
    async with Screen(App, shift) as screen:
        yield screen


async def twice(screen: Screen, *names: str) -> None:
    """Presses in the same moment, before anything has been drawn again."""
    boxes = [screen.find(name).content for name in (names if len(names) > 1 else names * 2)]
    await asyncio.gather(*(screen.session.dispatch_event(box._i, "click", None) for box in boxes))
    await screen.settle(0.2)


def a_dose(ward: Ward, shift: Shift) -> str:
    plan = Plan(
        what="Dospåse",
        form="pouch",
        amount="5 tabletter",
        slots=(Slot("m", "07:00"),),
        start=date(2026, 1, 1),
    )
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD, KARIN)
    ward.deliver()
    return reading.day(shift).now[0].dose.id


async def a_report(shift: Shift) -> Filling:
    """A fall with everything answered, at its last page."""
    await filling.begin(shift, "fall", reading.person(shift, INGEGERD), category="fall")
    found = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
    for link_id, code in A_FALL.items():
        item = found.form.item(link_id)
        assert item is not None
        found.answers[link_id] = [next(o.value for o in item.options if o.value.code == code)]  # type: ignore[union-attr]
    if found.form.item("fall.when"):
        found.answers["fall.when"] = [Coding("now")]
    return found


def last_page(found: Filling) -> Fill:
    return Fill(found.key, len(filling.pages(found)) - 1)


async def test_given_pressed_twice_is_one_dose(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    dose = a_dose(ward, amina)
    async with at(amina, Sign(dose)) as screen:
        await twice(screen, "given")
        assert amina.fault is None
    assert [len(one.standing) for one in reading.all_of(amina, DoseDocument)] == [1]
    assert len(amina.me.unsent) == 1


async def test_a_report_saved_twice_is_one_report_and_no_fault(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await a_report(amina)
    async with at(amina, last_page(found)) as screen:
        save = screen.find("save").content.on_click
        await twice(screen, "save")
        await save(None)
        await screen.settle(0.1)
        assert amina.fault is None
        assert screen.has("Sparat")
    assert len(reading.all_of(amina, DeviationDocument)) == 1
    assert len(amina.me.unsent) == 1


async def test_an_answer_sent_twice_is_one_answer(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    ward.deliver()
    async with at(karin, InboxCase(case)) as screen:
        await screen.click("Titta till")
        await twice(screen, "send-answer")
    assert len(document(karin, case).replies) == 1
    assert karin.me.drafts() == []


async def test_two_quick_orders_are_both_in_the_answer(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    ward.deliver()
    async with at(karin, InboxCase(case)) as screen:
        await twice(screen, "Titta till", "Ambulans kommer")
        await screen.click("send-answer")
    assert document(karin, case).replies[0].orders == ("ambulance", "look_in")


async def test_two_quick_orders_are_both_repeated(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    async with at(amina, ReadBack(case)) as screen:
        await twice(screen, "Sitta upp", "Titta till")
        assert screen.find("Sitta upp").checked
        assert screen.find("Titta till").checked


async def test_next_pressed_twice_turns_one_page(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = ward.phone("a", AMINA)
    found = await a_report(amina)
    monkeypatch.setattr(presses, "DOUBLE_TAP_S", 60.0)
    async with at(amina, Fill(found.key, 0)) as screen:
        await twice(screen, "next")
        await screen.click("next")  # drawn anew, and still the same tap
        assert amina.stack[1:] == [Fill(found.key, 0), Fill(found.key, 1)]
        monkeypatch.setattr(presses, "DOUBLE_TAP_S", 0.0)
        await screen.click("next")
        assert amina.place == Fill(found.key, 2)


async def test_a_form_opened_by_two_quick_taps_is_one_form(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    person = reading.person(amina, INGEGERD)
    await asyncio.gather(*(filling.begin(amina, "sbar", person) for _ in range(2)))
    assert len(amina.me.drafts()) == 1
    assert len(amina.stack) == 2


async def test_quick_keys_all_count_in_their_order() -> None:
    held = presses.Presses()
    got: list[str] = []
    for digit in "1122":
        presses.each(lambda digit=digit: got.append(digit), held)()
    assert got == ["1", "1", "2", "2"]


async def test_what_hangs_gives_its_button_back(monkeypatch: pytest.MonkeyPatch) -> None:
    held = presses.Presses()
    assert held.begin("save")
    assert not held.begin("save")
    assert held.begin("call-112")
    monkeypatch.setattr(presses, "RUNS_AT_MOST_S", 0.0)
    assert held.begin("save")


async def test_what_was_still_being_typed_does_not_bring_a_saved_report_back(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await a_report(amina)
    typed = [asyncio.create_task(drafts.keep(amina, found)) for _ in range(8)]
    await asyncio.sleep(0)
    saved = asyncio.create_task(reporting.finish(amina, found.key))
    await asyncio.sleep(0)
    typed += [asyncio.create_task(drafts.keep(amina, found)) for _ in range(3)]
    await asyncio.gather(saved, *typed)
    await drafts.keep(amina, found)
    assert amina.me.drafts() == []
    assert len(reading.all_of(amina, DeviationDocument)) == 1


async def test_an_sbar_handed_in_twice_is_one_sbar(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    await filling.begin(amina, "sbar", reading.person(amina, INGEGERD))
    key = amina.place.draft  # type: ignore[attr-defined]
    await asyncio.gather(*(handing_in.finish_sbar(amina, key) for _ in range(2)))
    await handing_in.finish_sbar(amina, key)
    assert len(reading.all_of(amina, SbarDocument)) == 1
    assert len(amina.me.unsent) == 1

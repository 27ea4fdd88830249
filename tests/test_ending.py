"""A shift is ended by somebody who has seen what is unsigned; those who come see what is left of it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path

import pytest

from care.dose import DoseDocument, DoseGiven
from care.facts import Ref
from care.handover import HandoverDocument
from care.order import OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM
from tests.statements import new_id
from tests.test_filling import Screen
from tests.ward import AMINA, BROR, INGEGERD, KARIN, LENA, START, Ward
from views.app import App
from views.model import ending, notices, reading
from views.model.shift import Shift
from views.places import EndShift, Handovers, Place, Sign, Today


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    for what, clock, person in (("Dospåse", "05:00", INGEGERD), ("Ögondroppar", "07:00", BROR)):
        plan = Plan(what=what, form="pouch", amount="1", slots=(Slot("m", clock),), start=date(2026, 1, 1))
        since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
        made.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), person, KARIN)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


@asynccontextmanager
async def at(shift: Shift, *places: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), *places]
    async with Screen(App, shift) as screen:
        yield screen


async def test_whoever_ends_a_shift_sees_what_is_unsigned_and_for_whom(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    async with at(amina, EndShift()) as screen:
        assert screen.has("2 är inte signerade")
        assert screen.has("Ingegerd Norling")
        assert screen.has("Bror Lindqvist")
        await screen.enter("Något till nästa pass?", "Ingegerd sov")
        await screen.click("hand-over")
        await screen.settle(0.2)
    assert amina.unlocked is None
    assert amina.phone.store.counts().waiting == 1


async def test_those_who_come_see_what_of_it_is_left_as_it_is_now(ward: Ward) -> None:
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    await ending.end(amina, "Ingegerd sov")
    ward.deliver()
    async with at(lena) as screen:
        assert screen.has("Överlämnat av Amina Yusuf 06:52")
    [document] = reading.all_of(lena, HandoverDocument)
    assert [one.what for one in document.open] == ["late", "now"]
    late = reading.day(lena).late[0]
    body = DoseGiven(
        order=late.dose.order, planned=late.dose.at, performed=START, amount="1", order_fact=late.dose.version
    )
    ward.say(body, Ref("dose", late.dose.id), INGEGERD, AMINA)
    ward.deliver()
    async with at(lena, Handovers()) as screen:
        assert screen.has("Ingegerd sov")
        assert screen.has("2 var inte signerade då")
        assert screen.has("Bror Lindqvist")
        assert not screen.has("Ingegerd Norling")
    assert ending.unread(lena) == []
    async with at(lena) as screen:
        assert not screen.has("Överlämnat av")


async def test_nothing_is_shown_to_whoever_left_it_nor_a_shift_later(ward: Ward) -> None:
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    await ending.end(amina, "x")
    ward.deliver()
    assert ending.unread(amina) == []
    assert len(ending.unread(lena)) == 1
    ward.pass_(12 * 60 + 1)
    assert ending.unread(lena) == []


async def test_all_signed_says_so_and_ends_as_well(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    for task in [*reading.day(amina).late, *reading.day(amina).now]:
        body = DoseGiven(
            order=task.dose.order,
            planned=task.dose.at,
            performed=START,
            amount="1",
            order_fact=task.dose.version,
        )
        ward.say(body, Ref("dose", task.dose.id), task.person.id, LENA)
    ward.deliver()
    async with at(amina, EndShift()) as screen:
        assert screen.has("Allt är signerat")
        await screen.click("hand-over")
        await screen.settle(0.2)
    assert amina.unlocked is None


def test_a_dose_is_told_of_when_its_time_comes_when_it_is_late_and_when_two_signed_it(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    first = notices.dose_notices(amina)
    assert {one.partition("/")[0] for one in first} == {"late"}
    ward.pass_(10)
    second = notices.dose_notices(amina)
    assert [one.partition("/")[0] for one in second - first] == ["now"]
    task = reading.day(amina).now[0]
    body = DoseGiven(
        order=task.dose.order, planned=task.dose.at, performed=START, amount="1", order_fact=task.dose.version
    )
    for author in (AMINA, LENA):
        ward.say(body, Ref("dose", task.dose.id), task.person.id, author)
    ward.deliver()
    told = notices.dose_notices(amina) - second
    assert told == {f"{notices.DUE}/twice/{task.dose.id}"}
    assert [len(one.standing) for one in reading.all_of(amina, DoseDocument)] == [2]


async def test_a_late_dose_is_heard_and_felt_once(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    async with at(amina) as screen:
        await screen.settle(0.1)
        calls = len([one for one in screen.wire.calls if one[0] in ("vibrate", "resume")])
        assert calls == 0
        ward.pass_(10)
        for _ in range(3):
            amina.changed()
            await screen.settle(0.05)
        found = [name for name, _ in screen.wire.calls if name in ("vibrate", "resume")]
        assert found == ["vibrate", "resume"]


async def test_idag_is_grouped_by_time_or_by_person_as_it_was_last(ward: Ward) -> None:
    for what, clock in (("Salva", "07:00"), ("Inhalation", "07:10"), ("Plåster", "07:30")):
        plan = Plan(what=what, form="care", amount="1", slots=(Slot("m", clock),), start=date(2026, 1, 1))
        since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
        ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), BROR, KARIN)
    amina = ward.phone("a", AMINA)
    async with at(amina) as screen:
        assert screen.has("Klockan 07:10")
        assert screen.texts().count("Bror Lindqvist") == 4
        await screen.click("Efter person")
        assert not screen.has("Klockan 07:10")
        assert screen.texts().count("Bror Lindqvist") == 1
    async with at(amina) as screen:
        assert screen.texts().count("Bror Lindqvist") == 1
        await screen.click("Bror Lindqvist Inhalation, 1")
        assert isinstance(amina.place, Sign)

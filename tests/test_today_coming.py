"""Between the parts of a first sync nothing is said to be unsigned or late: somebody may have signed it."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from care.dose import DoseGiven
from care.facts import Body, Ref
from care.ids import dose_id
from care.order import OrderPlaced, Plan, Slot
from care.today import AHEAD, BACK
from storage import Store
from tests.store_case import NOON, UNIT, page
from tests.test_answering import screen
from tests.ward import AMINA, INGEGERD, LENA, START, Ward
from views.model import reading
from views.model.notices import dose_notices
from views.model.shift import Shift
from views.places import Sign, Today
from wire.envelope import Envelope
from wire.messages import Day, Placed, Snapshot

STREAM = f"unit:{UNIT}"
ORDER = "0192aaaa-0000-7000-8000-000000000001"
EARLY, SOON = "early", "soon"
LATE, NOW = (dose_id(ORDER, START.date(), slot) for slot in (EARLY, SOON))


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def said(ward: Ward, body: Body, ref: Ref) -> Envelope:
    ward.say(body, ref, INGEGERD, LENA)
    return ward.facts.pop()


def order(ward: Ward) -> Envelope:
    early, soon = START - timedelta(hours=2), START
    plan = Plan(
        what="Apodos",
        form="pouch",
        amount="1 påse",
        route="Genom munnen",
        start=START.date() - timedelta(days=1),
        slots=tuple(Slot(slot, f"{at:%H:%M}") for slot, at in ((EARLY, early), (SOON, soon))),
    )
    return said(ward, OrderPlaced(plan=plan, effective=START - timedelta(days=1)), Ref("order", ORDER))


def given(ward: Ward) -> Envelope:
    at = START - timedelta(hours=2)
    body = DoseGiven(order=ORDER, planned=at, performed=at, amount="1 påse", order_fact=ORDER)
    return said(ward, body, Ref("dose", LATE))


def take(shift: Shift, position: int, envelope: Envelope, more: bool) -> None:
    store: Store = shift.phone.store
    store.take_page(replace(page(STREAM, [envelope], after=position), more=more), shift.me)


def held(ward: Ward) -> int:
    """Where the unit's stream stands after what the ward has brought."""
    return ward._at[0, STREAM]


async def test_between_two_pages_nothing_is_late_and_what_is_signed_then_shows(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    at = held(ward)
    take(amina, at, order(ward), more=True)
    async with screen(amina, Today()) as seen:
        assert seen.has("Allt är inte hämtat än")
        assert seen.has("Kan vara signerat redan")
        assert seen.has("Apodos")
        assert not seen.has("Sen ")
        today = reading.day(amina)
        assert today.late == []
        assert {task.state for task in today.now} == {"unknown"}
        assert dose_notices(amina) == frozenset()
        take(amina, at + 1, given(ward), more=False)
        await seen.settle()
        assert not seen.has("Allt är inte hämtat än")
    today = reading.day(amina)
    assert [task.dose.id for task in today.done if task.dose.id == LATE] == [LATE]
    assert LATE not in {task.dose.id for task in today.late}
    assert NOW in {task.dose.id for task in today.now}
    assert {task.state for task in today.now} == {"now"}


async def test_whoever_must_can_sign_all_the_same_and_is_told(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    take(amina, held(ward), order(ward), more=True)
    async with screen(amina, Sign(LATE)) as seen:
        assert seen.has("Någon kan redan ha signerat det som står här")
        assert seen.has("Apodos")


def test_between_the_parts_of_a_snapshot_it_is_coming_and_after_the_last_it_is_not(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    me, store = amina.me, amina.phone.store
    assert not reading.coming(amina)
    store.forget_cursor(STREAM, me)
    # What is held is as whole as it was before.
    assert not reading.coming(amina)
    facts = tuple(
        Placed(position=n, envelope=bytes(of)) for n, of in enumerate([order(ward), given(ward)], 1)
    )
    part = Snapshot(stream=STREAM, epoch="e2", cut=2, after="", upto="e2.2.1.3", facts=facts[:1], now=NOON)
    store.take_snapshot(part, me)
    assert reading.coming(amina)
    assert reading.day(amina).late == []
    store.take_snapshot(replace(part, after="e2.2.1.3", upto="", facts=facts[1:]), me)
    assert not reading.coming(amina)
    assert LATE in {task.dose.id for task in reading.day(amina).done}


async def test_once_the_days_doses_have_come_idag_is_whole_for_as_long_as_that_was_said(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    me, store = amina.me, amina.phone.store
    store.forget_cursor(STREAM, me)
    [came] = [Placed(position=1, envelope=bytes(order(ward)))]
    first = Snapshot(stream=STREAM, epoch="e2", cut=3, after="", upto="e2.3.1.4", facts=(came,), now=NOON)
    now = amina.phone.now()
    store.take_snapshot(first, me)
    assert reading.coming(amina)
    day = Day(start=now - BACK - timedelta(hours=1), end=now + AHEAD + timedelta(minutes=5))
    store.take_snapshot(replace(first, after=first.upto, upto="e2.3.2.3", facts=(), day=day), me)
    # Nobody has signed it: that is known now, though the history is still on its way.
    assert not reading.coming(amina)
    assert [task.dose.id for task in reading.day(amina).late] == [LATE]
    async with screen(amina, Today()) as seen:
        assert not seen.has("Allt är inte hämtat än")
        assert seen.has("Sen ")
    # The next part does not say it again, and it holds.
    store.take_snapshot(replace(first, after="e2.3.2.3", upto="e2.3.2.2", facts=()), me)
    assert not reading.coming(amina)
    # Broken off there, and looked at later: others may have signed since.
    ward.now += timedelta(minutes=6)
    assert reading.coming(amina)
    assert reading.day(amina).late == []
    # A stream that is begun anew says nothing of the day until it does.
    ward.now -= timedelta(minutes=6)
    store.take_snapshot(replace(first, epoch="e3", upto="e3.3.1.4", facts=()), me)
    assert reading.coming(amina)

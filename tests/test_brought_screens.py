"""On the phone: what has left it is fetched when it is opened, and what is not whole yet says so."""

import asyncio
from datetime import timedelta

import pytest

from care.facts import Ref
from care.sbar import SbarAnswered, SbarClosed
from storage import Unlocked
from sync import Offline
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH
from tests.test_two_taps import at
from tests.ward import AMINA, INGEGERD, KARIN, Ward, asks, sbar
from views.model.shift import Shift
from views.places import Case, InboxCase
from wire.messages import Placed, Whole

ASKED = "Äldre uppgifter hämtas"


def over(ward: Ward, shift: Shift) -> Ref:
    """A question that was answered and closed, and has left the phone."""
    ref = Ref("sbar", new_id())
    shift.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), ref.id))
    ward.deliver()
    ward.say(SbarAnswered(text="Sätt på syrgas"), ref, INGEGERD, KARIN)
    ward.say(SbarClosed(), ref, INGEGERD, KARIN)
    ward.deliver()
    ward.now += timedelta(days=40)
    assert sum(shift.phone.store.tidy.purge(shift.me, ward.now)) == 1
    return ref


def fetch(ward: Ward, shift: Shift, ref: Ref) -> None:
    facts = [one for one in ward.facts if one.fact().aggregate == ref]
    placed = tuple(Placed(position=n, envelope=bytes(one)) for n, one in enumerate(facts, 1))
    whole = Whole(kind=ref.kind, id=ref.id, stream=f"staff:{AMINA}", facts=placed, now=ward.now)
    shift.phone.store.take_whole(whole, shift.me)


async def test_a_case_that_is_not_whole_says_so_until_it_is(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    ref = over(ward, amina)
    ward.say(SbarAnswered(text="Ring mig om det kommer igen"), ref, INGEGERD, KARIN)
    ward.deliver()
    async with at(amina, Case(ref.id)) as screen:
        assert screen.has(ASKED)
        assert screen.has("Ring mig om det kommer igen")
        assert not screen.has("Sätt på syrgas")
        # What was written is among what is not here yet: an empty card would say that nothing was.
        assert not screen.has("Det du skrev")
        fetch(ward, amina, ref)
        await screen.settle(0.2)
        assert not screen.has(ASKED)
        assert screen.has("Sätt på syrgas")
        assert screen.has("Det du skrev")


async def test_what_is_opened_and_has_left_is_fetched(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    ref, may = over(ward, amina), asyncio.Event()

    async def bring(who: Unlocked, kind: str, id: str) -> bool:
        await may.wait()
        fetch(ward, amina, Ref(kind, id))
        return True

    amina.phone.sync.bring = bring  # type: ignore[method-assign]
    async with at(amina, Case(ref.id)) as screen:
        assert screen.has("Hämtas")
        may.set()
        await screen.settle(0.2)
        assert screen.has("Sätt på syrgas")
        assert not screen.has("Hämtas")


@pytest.mark.parametrize(
    ("place", "gone"), [(Case, "finns inte på telefonen"), (InboxCase, "inte här längre")]
)
async def test_without_a_network_it_is_not_here(ward: Ward, place: type, gone: str) -> None:
    amina = ward.phone("a", AMINA if place is Case else KARIN)
    asked: list[str] = []

    async def bring(who: Unlocked, kind: str, id: str) -> bool:
        asked.append(id)
        raise Offline("no network")

    amina.phone.sync.bring = bring  # type: ignore[method-assign]
    id = new_id()
    async with at(amina, place(id)) as screen:
        await screen.settle(0.2)
        assert screen.has(gone)
        assert not screen.has("Hämtas")
    assert asked == [id]

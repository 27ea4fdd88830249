"""Orders on the nurse's phone: written in plain words, looked at, placed, changed, paused and stopped."""

import asyncio

import flet as ft
import pytest

from care.facts import Ref
from care.order import OrderChanged, OrderDocument
from care.sbar import SbarDocument
from storage import Statement
from tests.headless import Headless
from tests.phones import until
from tests.store_case import UNIT
from tests.test_answering import asked, screen
from tests.ward import AMINA, INGEGERD, KARIN, Ward
from views.model import ordering, reading
from views.model.shift import Shift
from views.places import Case, InboxCase, Menu, Orders, Today, WriteOrder
from views.screens import write_order


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyboard has letters on their way."""
    monkeypatch.setattr(write_order, "PAUSE_S", 0.0)


async def write_alvedon(seen: Headless, when: str = "08 och 20") -> None:
    await seen.enter("Vad", "Alvedon 500 mg")
    await seen.enter("Mängd varje gång", "1 tablett")
    await seen.enter("När", when)
    await seen.click("Läkemedel ur dospåse")


async def place_alvedon(seen: Headless, when: str = "08 och 20") -> None:
    await seen.click("new-order")
    await write_alvedon(seen, when)
    await seen.click("check-order")
    await seen.click("place-order")


def only(shift: Shift) -> OrderDocument:
    [found] = reading.all_of(shift, OrderDocument)
    return found


async def test_an_ordinary_order_is_placed_and_is_on_the_carers_idag(ward: Ward) -> None:
    karin, amina = ward.phone("n", KARIN, Menu()), ward.phone("a", AMINA)
    async with screen(karin) as seen:
        await seen.click("orders")
        await seen.click("Ingegerd Norling")
        await seen.click("new-order")
        await write_alvedon(seen)
        assert seen.has("Varje dag 08:00 och 20:00")
        await seen.click("check-order")
        assert seen.has("Så här blir det")
        assert seen.has("penicillin"), "what must be known before something is given"
        assert seen.has("08:00, 20:00")
        await seen.click("place-order")
        assert seen.has("Ordinerad 06:52")
        assert seen.has("1 tablett, varje dag 08:00 och 20:00")
        assert karin.place == Orders(INGEGERD)
    plan = only(karin).plan
    assert plan is not None
    assert (plan.what, plan.requires, plan.start) == ("Alvedon 500 mg", "medicine_pouch", ward.now.date())
    ward.deliver()
    async with screen(amina, Today()) as seen:
        assert seen.has("Alvedon 500 mg")


async def test_what_is_missing_is_named_and_its_part_opens(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, WriteOrder(INGEGERD))
    async with screen(karin) as seen:
        await seen.click("check-order")
        assert seen.has("Titta på: ")
        said = next(text for text in seen.texts() if text.startswith("Titta på: "))
        assert set(said.removeprefix("Titta på: ").split(", ")) >= {"När", "Delegering som behövs"}
        await write_alvedon(seen)
        assert not seen.has("Titta på: ")
        assert not seen.has("Minuter före")
        await seen.click("fold-window")
        await seen.enter("Minuter före", "900")
        await seen.click("fold-window")
        await seen.click("check-order")
        assert seen.has("Högst tolv timmar.")
        assert seen.has("Titta på: Minuter före")
        await seen.enter("När", "var tredje måne")
        assert seen.has("Det gick inte att förstå")


async def test_what_is_begun_is_there_after_a_lock_and_can_be_thrown_away(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, WriteOrder(INGEGERD))
    async with screen(karin) as seen:
        await seen.enter("Vad", "Alvedon 500 mg")
        await seen.click("fold-narcotic")
        await seen.click("Narkotika, räknas i liggaren")
    karin.lock()
    karin.opened(karin.phone.store.unlock(KARIN, "482913"))
    async with screen(karin, Orders(INGEGERD)) as seen:
        assert seen.has("Du började skriva")
        await seen.click("new-order")
        assert ordering.kept(karin, "", ordering.key_of(INGEGERD, "")).fields.narcotic
        assert seen.has("Du började skriva")
        await seen.click("begin-anew")
        assert not seen.has("Du började skriva")
        assert ordering.begun(karin, ordering.key_of(INGEGERD, "")) is None


async def test_as_needed_has_its_limits_and_they_must_be_said(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, WriteOrder(INGEGERD))
    async with screen(karin) as seen:
        assert not seen.has("Högst på ett dygn")
        await seen.enter("Vad", "Oxynorm 5 mg")
        await seen.enter("Mängd varje gång", "1 kapsel")
        await seen.click("Vid behov")
        await seen.click("Läkemedel vid behov")
        await seen.enter("För vad", "Smärta")
        await seen.enter("Minst så många timmar mellan", "4")
        await seen.click("check-order")
        assert seen.has("Högst på ett dygn")
        said = next(text for text in seen.texts() if text.startswith("Titta på: "))
        assert "Räknas i" in said
        limits = (("Räknas i", "kapslar"), ("En dos räknas som", "1"), ("Högst på ett dygn", "4"))
        for label, value in limits:
            await seen.enter(label, value)
        await seen.click("fold-narcotic")
        await seen.click("Narkotika, räknas i liggaren")
        await seen.click("check-order")
        assert karin.place == WriteOrder(INGEGERD), "what the ledger counts is not said yet"
        assert seen.has("Titta på: Enhet i liggaren")
        await seen.enter("Enhet i liggaren", "kapslar")
        await seen.click("check-order")
        assert seen.has("Oxynorm 5 mg, 1 kapslar"), "what a dose takes from the ledger"
        await seen.click("place-order")
    plan = only(karin).plan
    assert plan is not None
    assert plan.as_needed is not None
    assert plan.narcotic is not None
    assert (plan.as_needed.max_per_24h, plan.narcotic.per_dose, plan.slots) == (4, 1, ())


async def test_a_change_says_what_differs_and_keeps_the_dose(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, Orders(INGEGERD))
    async with screen(karin) as seen:
        await place_alvedon(seen)
        order = only(karin)
        await seen.click(f"order-{order.id}")
        await seen.click("change")
        await seen.enter("När", "08:30 och 20")
        await seen.click("check-order")
        assert seen.has("varje dag 08:30 och 20:00")
        assert seen.has("Förut: varje dag 08:00 och 20:00")
        await seen.enter("Varför ändras det?", "Frukosten är senare")
        await seen.click("place-order")
        assert seen.has("Frukosten är senare")
    before, after = only(karin).versions
    assert [slot.id for slot in before.plan.slots] == [slot.id for slot in after.plan.slots]
    assert after.what_changed == "Frukosten är senare"


async def test_a_version_that_came_meanwhile_is_told_before_it_is_saved(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, Orders(INGEGERD))
    async with screen(karin) as seen:
        await place_alvedon(seen)
    order = only(karin)
    ward.deliver()
    async with screen(karin, WriteOrder(INGEGERD, order.id)) as seen:
        await seen.enter("Mängd varje gång", "2 tabletter")
        plan = order.plan
        assert plan is not None
        newer = type(plan)(**{n: getattr(plan, n) for n in plan.__struct_fields__} | {"note": "Med mat"})
        said = OrderChanged(plan=newer, effective=ward.now)
        karin.me.save(Statement(said, Ref("order", order.id), UNIT, INGEGERD))
        await seen.click("check-order")
        assert seen.has("Karin Ström har ändrat ordinationen medan du skrev")
        assert seen.has("Förut: Med mat")


async def test_it_is_paused_taken_up_and_stopped_with_a_reason(ward: Ward) -> None:
    karin = ward.phone("n", KARIN, Orders(INGEGERD))
    async with screen(karin) as seen:
        await place_alvedon(seen)
        id = only(karin).id
        await seen.click("pause-all")
        await seen.click("På sjukhus")
        await seen.enter("Till, om du vet", "i går")
        await seen.click("save-pause")
        assert seen.has("Slutet ska vara efter början")
        await seen.enter("Till, om du vet", "i morgon 08")
        await seen.click("save-pause")
        known = ordering.one(karin, id)
        assert known is not None
        assert (known.state, known.pause and known.pause.end and known.pause.end.hour) == ("paused", 8)
        await seen.click("resume-all")
        assert ordering.one(karin, id).state == "active"  # type: ignore[union-attr]
        await seen.click(f"order-{id}")
        await seen.click("stop")
        with pytest.raises(AssertionError):
            await seen.click("save-stop")
        await seen.enter("Varför sätts den ut?", "Smärtfri")
        await seen.click("save-stop")
        assert seen.has("Smärtfri")
        with pytest.raises(LookupError):
            seen.find("change")
    assert only(karin).stopped is not None


async def test_an_order_from_a_case_is_told_in_the_answer(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    id = asked(amina)
    ward.deliver()
    karin = ward.phone("n", KARIN)
    async with screen(karin, InboxCase(id)) as seen:
        await seen.click("order-from-case")
        await write_alvedon(seen)
        await seen.click("check-order")
        await seen.click("place-order")
        assert karin.place == InboxCase(id)
        await seen.click("send-answer")
    reply = reading.one(karin, SbarDocument, id).replies[-1]  # type: ignore[union-attr]
    assert "Ny ordination: Alvedon 500 mg, 1 tablett, varje dag 08:00 och 20:00." in reply.text
    ward.deliver()
    async with screen(amina, Case(id)) as seen:
        assert seen.has("Ny ordination: Alvedon 500 mg")


async def test_a_carer_reads_and_is_offered_nothing(ward: Ward) -> None:
    amina = ward.phone("a", AMINA, Menu())
    async with screen(amina) as seen:
        with pytest.raises(LookupError):
            seen.find("orders")
    async with screen(amina, WriteOrder(INGEGERD)) as seen:
        with pytest.raises(LookupError):
            seen.find("check-order")


async def test_the_field_that_is_typed_in_is_not_made_anew(ward: Ward) -> None:
    """It would lose the letters that follow to the field before it."""
    karin = ward.phone("n", KARIN, WriteOrder(INGEGERD))
    async with screen(karin) as seen:
        await seen.click("check-order")
        for label, value in (("Vad", "Alvedon"), ("Mängd varje gång", "1 tablett"), ("När", "08 och 20")):
            before = field(seen, label)._i
            await seen.enter(label, value)
            await seen.settle()
            assert field(seen, label)._i == before, label
        assert seen.has("Varje dag 08:00 och 20:00")


def field(seen: Headless, label: str) -> ft.TextField:
    fields = (one for one in seen.controls() if isinstance(one, ft.TextField))
    return next(one for one in fields if getattr(one.label, "value", "") == label)


async def test_what_is_typed_stays_when_something_else_draws_the_screen(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_order, "PAUSE_S", 60.0)
    karin = ward.phone("n", KARIN, WriteOrder(INGEGERD))
    async with screen(karin) as seen:
        what = field(seen, "Vad")
        seen.session.apply_patch(what._i, {"value": "Alve"})
        typing = asyncio.create_task(seen.session.dispatch_event(what._i, "change", "Alve"))
        await until(lambda: ordering.begun(karin, ordering.key_of(INGEGERD, "")))
        karin.changed()
        await seen.settle()
        assert field(seen, "Vad").value == "Alve"
        typing.cancel()

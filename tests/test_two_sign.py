"""Two sign on one phone, each with their own code: narcotics given, counted and discarded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import pytest

from care.dose import DoseDocument
from care.facts import Ref
from care.ids import stock_id
from care.ledger import Ledger, month_of, name_of
from care.order import Measured, Narcotic, OrderPlaced, Plan, Slot
from care.prn import PrnDocument
from care.schedule import STOCKHOLM
from care.signing import lacks_witness
from care.stock import StockReceived
from storage import WrongPin
from tests import store_case
from tests.statements import new_id
from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, KARIN, LENA, PIN, START, Ward
from views.app import App
from views.model import ending, filling, reading, signing, stock, witnessing
from views.model.shift import Shift
from views.model.witnessing import Pending
from views.places import EndShift, EnterStock, Fill, LedgerOf, Place, Sign, Today, Withhold, Witness

OXYNORM = Narcotic("Oxynorm 5 mg", "kapslar")
LENAS = "739184"


@pytest.fixture
def amina(ward: Ward) -> Shift:
    """Amina has the phone, and Lena has a code on it too."""
    shift = ward.phone("a", AMINA)
    lena = shift.phone.store.set_slot(
        LENA,
        "Lena Bäcklund",
        "assistant_nurse",
        "sv",
        LENAS,
        b"L" * 32,
        store_case.PHONE_KEY,
        b"l" * 32,
        START + timedelta(days=30),
    )
    lena.lock()
    return shift


def ordered(ward: Ward, **changes: object) -> None:
    values: dict[str, object] = {
        "what": "Oxynorm 5 mg",
        "form": "tablet",
        "amount": "1 kapsel",
        "slots": (Slot("m", "07:00"),),
        "start": date(2026, 1, 1),
    }
    plan = Plan(**(values | changes))  # type: ignore[arg-type]
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD, KARIN)


def received(ward: Ward, amount: float = 18) -> None:
    at, month = START - timedelta(days=1), month_of(START - timedelta(days=1))
    body = StockReceived(preparation="Oxynorm 5 mg", unit="kapslar", month=month, at=at, amount=amount)
    ward.say(body, Ref("stock", stock_id(INGEGERD, name_of("Oxynorm 5 mg"), month)), INGEGERD, KARIN)
    ward.deliver()


@asynccontextmanager
async def at(shift: Shift, *places: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), *places]
    async with Screen(App, shift) as screen:
        yield screen


def the_dose(shift: Shift) -> str:
    return reading.day(shift).now[0].dose.id


def ledger(shift: Shift) -> Ledger:
    return stock.of(shift, INGEGERD, "Oxynorm 5 mg")


async def lena_signs(screen: Screen) -> None:
    await screen.click("Lena Bäcklund")
    await screen.code(LENAS)
    await screen.settle(0.3)


async def test_a_narcotic_is_given_by_two_and_taken_from_the_ledger(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True)
    received(ward)
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("given")
        assert amina.place == Witness()
        assert ledger(amina).balance == 18
        await lena_signs(screen)
        [document] = reading.all_of(amina, DoseDocument)
        [signature] = document.done
        assert (signature.author, signature.witnesses) == (AMINA, [LENA])
        assert ledger(amina).balance == 17
        assert amina.phone.store.state_unlocked == [amina.me]
        await screen.click("undo")
        await screen.settle(0.1)
    assert ledger(amina).balance == 18
    assert [row.entry.withdrawn is not None for row in ledger(amina).pages[0].rows] == [False, True]


async def test_both_signatures_hold_at_the_endpoint(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True)
    received(ward)
    async with at(amina, Sign(the_dose(amina))) as screen:
        await screen.click("given")
        await lena_signs(screen)
    sent = {fact.type: fact for fact in (one.fact() for one in store_case.deliver(amina.phone.store))}
    assert (sent["dose.given"].author, sent["dose.witnessed"].author) == (AMINA, LENA)
    assert sent["stock.used"].author == AMINA


async def test_alone_it_is_recorded_and_shows_that_a_signature_is_missing(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True)
    received(ward)
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("given")
        await screen.click("alone")
        await screen.settle(0.1)
    task = reading.task(amina, dose)
    assert task is not None
    assert task.document is not None
    assert lacks_witness(task.dose.plan, task.document.done[0])
    async with at(amina, Sign(dose)) as screen:
        assert screen.has("En andra signatur saknas")


async def test_a_wrong_code_states_nothing_and_nobody_is_their_own_witness(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True)
    received(ward)
    async with at(amina, Sign(the_dose(amina))) as screen:
        await screen.click("given")
        with pytest.raises(LookupError):
            screen.find("Amina Yusuf, undersköterska")
        await screen.click("Lena Bäcklund")
        await screen.code("111111")
        await screen.settle(0.2)
        assert amina.place == Witness()
    assert reading.all_of(amina, DoseDocument) == []
    pending: Pending = amina.witnessed
    with pytest.raises(ValueError, match="another person"):
        await witnessing.together(amina, pending, AMINA, PIN)
    with pytest.raises(WrongPin):
        await witnessing.together(amina, pending, LENA, "111111")
    assert reading.all_of(amina, DoseDocument) == []


async def test_a_count_that_differs_is_counted_again_signed_by_two_and_changes_nothing(
    ward: Ward, amina: Shift
) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True)
    received(ward)
    async with at(amina, LedgerOf(INGEGERD, "Oxynorm 5 mg")) as screen:
        await screen.click("count")
        await screen.keys("16")
        await screen.click("key-main")
        assert screen.has("Räkna en gång till")
        assert not screen.has("18")
        await screen.keys("16")
        await screen.click("key-main")
        await lena_signs(screen)
        assert isinstance(amina.place, Fill)
    found = ledger(amina)
    assert found.balance == 18
    assert found.differs is not None
    assert (found.differs.difference, found.differs.by_two) == (-2, True)
    answers = filling.of(amina, amina.place.draft).answers
    assert answers["deviation.what"] == ["Oxynorm 5 mg: räknat 16 kapslar, saldo 18 kapslar."]
    karin = ward.phone("k", KARIN)
    ward.deliver()
    async with at(karin, EnterStock(INGEGERD, "Oxynorm 5 mg", "adjust")) as screen:
        await screen.keys("16")
        await screen.enter("Varför ändras saldot?", "Två uttag inte signerade")
        await screen.click("key-main")
        await screen.settle(0.1)
    ward.deliver()
    assert (ledger(amina).balance, ledger(amina).differs) == (16, None)


async def test_what_is_discarded_has_a_reason_and_two_signatures(ward: Ward, amina: Shift) -> None:
    received(ward)
    async with at(amina, EnterStock(INGEGERD, "Oxynorm 5 mg", "waste")) as screen:
        await screen.keys("1")
        await screen.click("Varför? Tappad")
        await screen.click("key-main")
        await lena_signs(screen)
    row = ledger(amina).rows[-1]
    assert (row.entry.reason, row.after, row.by_two) == ("dropped", 17, True)


async def partly(screen: Screen, given: str, rest: str) -> None:
    """Delvis given, from the dose's own screen."""
    await screen.click("Annat")
    await screen.click("Delvis given")
    await screen.click("save-other")
    await screen.keys(given[0])
    if "," in given:
        await screen.click("key-comma")
        await screen.keys(given[-1])
    await screen.click(f"Vad hände med resten? {rest}")
    await screen.click("key-main")


async def test_of_a_broken_capsule_what_was_given_is_used_and_the_rest_is_waste_seen_by_two(
    ward: Ward, amina: Shift
) -> None:
    ordered(ward, narcotic=OXYNORM)
    received(ward)
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await partly(screen, "0,5", "Kasserad")
        assert amina.place == Witness(), "though the order wants no second person"
        assert screen.has("0,5 av 1 kapslar, 0,5 kapslar kasserat")
        assert ledger(amina).balance == 18
        await lena_signs(screen)
    used, wasted = ledger(amina).rows[-2:]
    assert (used.entry.kind, used.entry.change, used.after) == ("used", -0.5, 17.5)
    assert (wasted.entry.kind, wasted.entry.change, wasted.after) == ("wasted", -0.5, 17)
    assert (wasted.entry.reason, wasted.entry.witnesses, used.by_two) == ("left_over", [LENA], True)
    [document] = reading.all_of(amina, DoseDocument)
    assert document.done[0].amount == "0,5 av 1 kapslar, 0,5 kapslar kasserat"
    assert document.done[0].witnesses == [LENA]


async def test_what_was_never_taken_out_stays_in_the_ledger(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=Narcotic("Oxynorm 5 mg", "kapslar", 2))
    received(ward)
    async with at(amina, Sign(the_dose(amina))) as screen:
        await partly(screen, "1", "Orörd, kvar i förpackningen")
        assert amina.place == Today()
    [row] = [row for row in ledger(amina).rows if row.entry.kind != "received"]
    assert (row.entry.kind, row.entry.change, row.after) == ("used", -1, 17)


async def test_the_part_is_less_than_the_whole(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM)
    received(ward)
    async with at(amina, Sign(the_dose(amina))) as screen:
        with pytest.raises(AssertionError):
            await partly(screen, "1", "Kasserad")
        assert screen.has("Skriv mindre än hela dosen: 1 kapslar.")
    assert ledger(amina).balance == 18


async def test_undo_gives_back_what_that_signature_took_and_nothing_else(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM)
    received(ward)
    task = reading.day(amina).now[0]
    whole, *_ = await signing.give(amina, task)
    ward.pass_(1)
    part, *_ = await signing.give(amina, task, "partly_given", part=stock.Part(0.25, broken=True))
    ward.pass_(1)
    loose = await stock.waste(amina, INGEGERD, OXYNORM, 2, "dropped")
    assert ledger(amina).balance == 14
    await signing.take_back(amina, task.dose.id, INGEGERD, part.id)
    assert ledger(amina).balance == 15, "the part and its waste, both"
    await signing.take_back(amina, task.dose.id, INGEGERD, whole.id)
    assert ledger(amina).balance == 16
    assert [row.entry.fact for row in ledger(amina).rows][-1] == loose.id
    await signing.take_back(amina, task.dose.id, INGEGERD, whole.id)
    assert ledger(amina).balance == 16, "once"


async def test_waste_that_nobody_saw_says_so(ward: Ward, amina: Shift) -> None:
    ordered(ward, narcotic=OXYNORM)
    received(ward)
    async with at(amina, Sign(the_dose(amina))) as screen:
        await partly(screen, "0,5", "Kasserad")
        await screen.click("alone")
        await screen.settle(0.1)
    assert ledger(amina).balance == 17, "it happened, and is recorded"
    async with at(amina, LedgerOf(INGEGERD, "Oxynorm 5 mg")) as screen:
        assert screen.has("Blev över")
        assert screen.has("En andra signatur saknas")


async def test_a_value_is_asked_for_and_an_unusual_one_asked_about(ward: Ward, amina: Shift) -> None:
    sugar = Measured("Blodsocker", "mmol/l", least=2, most=25, call_below=4)
    ordered(ward, what="Blodsocker", form="measure", amount="Mät", value=sugar)
    ward.deliver()
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("details")
        await screen.keys("3")
        await screen.click("key-comma")
        await screen.keys("4")
        assert screen.has("Ring sjuksköterskan")
        await screen.click("key-erase")
        await screen.click("key-erase")
        await screen.keys("3")
        await screen.click("key-main")
        assert screen.has("Stämmer 33 mmol/l?")
        await screen.click("key-main")
        await screen.settle(0.1)
    [document] = reading.all_of(amina, DoseDocument)
    assert (document.done[0].value, document.done[0].value_unit) == (33, "mmol/l")
    async with at(amina, Sign(dose)) as screen:
        assert screen.has("33 mmol/l")


async def test_partly_given_says_how_much(ward: Ward, amina: Shift) -> None:
    ordered(ward)
    ward.deliver()
    dose = the_dose(amina)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("Annat")
        await screen.click("Delvis given")
        await screen.click("save-other")
        await screen.enter("Hur mycket gavs?", "En halv kapsel")
        await screen.click("save-details")
        await screen.settle(0.1)
    [document] = reading.all_of(amina, DoseDocument)
    assert (document.done[0].outcome, document.done[0].amount) == ("partly_given", "En halv kapsel")


async def test_the_next_task_of_the_same_person_comes_in_a_row(ward: Ward, amina: Shift) -> None:
    ordered(ward, what="Dospåse")
    ordered(ward, what="Ögondroppar", slots=(Slot("m", "07:15"),))
    ward.deliver()
    first, second = (task.dose.id for task in reading.day(amina).now)
    async with at(amina, Sign(first)) as screen:
        await screen.click("given")
        await screen.settle(0.1)
        assert amina.place == Sign(second)
        await screen.click("Inte given")
        assert amina.place == Withhold(second)
        await screen.click("Sover")
        await screen.click("save-send")
        await screen.settle(0.1)
        assert amina.place == Today()
    assert sorted(len(one.standing) for one in reading.all_of(amina, DoseDocument)) == [1, 1]
    assert reading.all_of(amina, PrnDocument) == []


async def test_a_count_that_is_late_is_among_what_is_left_at_the_end_of_a_shift(
    ward: Ward, amina: Shift
) -> None:
    ordered(ward, narcotic=OXYNORM, witness=True, slots=())
    received(ward)
    assert [one.left.what for one in ending.left(amina)] == []
    ward.set_clock(days=32)
    assert stock.due_of(amina, ledger(amina)) == "late"
    assert [(one.left.what, one.preparation) for one in ending.left(amina)] == [("count", "Oxynorm 5 mg")]
    async with at(amina, EndShift()) as screen:
        await screen.click("Oxynorm 5 mg")
        assert amina.place == LedgerOf(INGEGERD, "Oxynorm 5 mg")

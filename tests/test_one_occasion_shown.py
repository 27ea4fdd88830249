"""One occasion on the screens: the second signature is stopped with why and who can; offline both are made,
and the later stands as made without a delegation, on phone and console."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from care.delegation import DelegationAccepted, DelegationDocument, DelegationIssued
from care.dose import DoseGiven
from care.facts import Ref
from care.order import OrderDocument, OrderPlaced, Plan, Slot
from care.prn import PrnCorrected, PrnDocument, PrnGiven
from care.signing import MaySign, Refusal
from care.today import Task
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, World, world
from tests.statements import new_id
from tests.test_answering import screen
from tests.test_console_signing import look, near
from tests.test_delegations_phone import issue
from tests.ward import AMINA, BROR, KARIN, VERA, Ward, as_needed
from views.model import delegations, needed, reading, signing
from views.model.shift import Shift
from views.places import (
    AlreadyGiven,
    Delegation,
    DelegationRegister,
    GiveAsNeeded,
    MyDelegations,
    Sign,
    Today,
)


def insulin(ward: Ward, person: str) -> None:
    plan = Plan(
        what="Insulin NovoRapid",
        short="insulinet",
        form="injection",
        amount="8 enheter",
        slots=(Slot(new_id(), "07:00"),),
        start=date(2026, 1, 1),
        requires="insulin",
    )
    body = OrderPlaced(plan=plan, effective=ward.now - timedelta(days=30))
    ward.say(body, Ref("order", new_id()), person, KARIN)


def once(ward: Ward, **changes: object) -> str:
    start, end = ward.now - timedelta(hours=1), ward.now + timedelta(hours=17)
    return issue(ward, accepted=True, **{"once": True, "start": start, "end": end} | changes)  # type: ignore[arg-type]


def tasks(shift: Shift) -> dict[str, Task]:
    """Today's insulin by person, done or not."""
    day = reading.day(shift)
    return {one.person.id: one for one in [*day.late, *day.now, *day.done]}


async def test_the_second_is_stopped_with_why_and_who_can_and_undo_gives_it_back(ward: Ward) -> None:
    insulin(ward, VERA)
    insulin(ward, BROR)
    id = once(ward)
    amina = ward.phone("a", AMINA)
    first, second = tasks(amina)[VERA], tasks(amina)[BROR]
    async with screen(amina, Sign(first.dose.id)) as seen:
        assert seen.has("Du har delegering för ett tillfälle")
        await seen.click("given")
        assert seen.has("Sparat")
    ward.pass_(2)
    async with screen(amina, Sign(second.dose.id)) as seen:
        assert seen.has("Din delegering för insulin gällde ett tillfälle. Den användes 06:52.")
        assert seen.has("Karin Ström"), "who can"
        with pytest.raises(LookupError):
            seen.find("given")
        assert seen.find("already"), "what has been done is recorded all the same"
    assert isinstance(tasks(amina)[BROR].right, Refusal)
    assert delegations.one(amina, id).state == "used"  # type: ignore[union-attr]
    async with screen(amina, MyDelegations()) as seen:
        assert seen.has("Använd")
    async with screen(amina, Delegation(id)) as seen:
        assert seen.has("Användes 06:52")
        assert seen.has("Ett tillfälle: en signatur")

    given = tasks(amina)[VERA].document
    assert given is not None
    await signing.take_back(amina, first.dose.id, VERA, given.done[0].fact, "Fel person")
    assert delegations.one(amina, id).state == "valid"  # type: ignore[union-attr]
    async with screen(amina, Sign(second.dose.id)) as seen:
        await seen.click("given")
    assert tasks(amina)[BROR].state == "given"


async def test_of_two_made_offline_the_later_is_without_whichever_arrives_first(ward: Ward) -> None:
    insulin(ward, VERA)
    insulin(ward, BROR)
    once(ward)
    one, other, karin = ward.phone("a", AMINA), ward.phone("b", AMINA), ward.phone("n", KARIN)
    # The later is made first on the phone that is delivered first.
    await signing.give(one, tasks(one)[VERA])
    ward.deliver()
    early = ward.now - timedelta(minutes=10)
    task = tasks(other)[BROR]
    assert isinstance(task.right, Refusal), "it has heard of the first"
    third = ward.phone("c", AMINA)
    assert isinstance(tasks(third)[BROR].right, Refusal)
    # What had been done before on the delegation, on a phone that had not heard, and says so now.
    body = DoseGiven(
        order=task.dose.order,
        planned=task.dose.at,
        performed=early,
        amount="8 enheter",
        order_fact=task.dose.version,
        delegation=next(iter(delegations.mine(other))).delegation.id,
    )
    ward.say(body, Ref("dose", task.dose.id), BROR, AMINA)
    ward.deliver()
    for shift in (one, other, karin):
        async with screen(shift, Sign(tasks(shift)[VERA].dose.id)) as seen:
            assert seen.has("Utförd utan giltig delegering"), shift.me.name
        async with screen(shift, Sign(tasks(shift)[BROR].dose.id)) as seen:
            assert not seen.has("Utförd utan giltig delegering"), shift.me.name


async def test_told_afterwards_it_uses_the_occasion_and_no_report_is_begun(ward: Ward) -> None:
    insulin(ward, VERA)
    once(ward)
    amina = ward.phone("a", AMINA)
    async with screen(amina, AlreadyGiven(tasks(amina)[VERA].dose.id)) as seen:
        await seen.click("15 min")
        await seen.click("save-already")
        assert amina.place == Today()
    assert delegations.mine(amina)[0].state == "used"
    assert not amina.fillings


async def test_what_is_given_as_needed_uses_it_and_shows_when_it_was_without(ward: Ward) -> None:
    body, about = as_needed(), Ref("order", new_id())
    ward.say(body, about, VERA, KARIN)
    insulin(ward, BROR)
    once(ward, tasks=("insulin", "medicine_as_needed"))
    amina = ward.phone("a", AMINA)
    ward.pass_(1)
    found = needed.one(amina, about.id)
    assert found is not None
    await needed.give(amina, found[1], found[2], 4)
    assert isinstance(tasks(amina)[BROR].right, Refusal)
    ward.pass_(60 * 5)
    async with screen(amina, GiveAsNeeded(about.id)) as seen:
        assert seen.has("gällde ett tillfälle")
    await needed.give(amina, found[1], found[2], 4, performed=ward.now)
    lena_sees = ward.phone("n", KARIN)
    async with screen(lena_sees, GiveAsNeeded(about.id)) as seen:
        assert seen.has("Utförd utan giltig delegering")


async def test_issued_late_in_the_evening_it_holds_for_the_night(ward: Ward) -> None:
    ward.now = ward.now.replace(hour=23, minute=30)
    karin = ward.phone("n", KARIN, DelegationRegister())
    amina = ward.phone("a", AMINA)
    async with screen(karin) as seen:
        await seen.click("issue")
        await seen.click("Amina Yusuf")
        await seen.click("Insulin")
        await seen.click("Ett tillfälle, inom ett dygn")
        await seen.click("Kunskapsprovet är godkänt")
        await seen.click("Jag har sett personen")
        await seen.click("save-issue")
        assert seen.has("Delegeringen är utfärdad")
    ward.deliver()
    [held] = delegations.waiting(amina)
    assert held.delegation.once
    assert held.delegation.end == ward.now + timedelta(days=1)


def test_a_lasting_one_is_relied_on_first(ward: Ward) -> None:
    insulin(ward, VERA)
    once(ward)
    lasting = issue(ward, 200, accepted=True)
    amina = ward.phone("a", AMINA)
    right = tasks(amina)[VERA].right
    assert isinstance(right, MaySign)
    assert (right.delegation, right.once) == (lasting, False)


# -- the console


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


async def give(here: World, key: str, who: str, delegation: str, minutes: int) -> str:
    order, dose = await near(here, key)
    body = DoseGiven(
        order=order.id,
        planned=dose.at,
        performed=here.now - timedelta(minutes=minutes),
        amount=dose.plan.amount,
        order_fact=order.versions[-1].fact,
        delegation=delegation,
    )
    await here.says("Gustav Prov", body, Ref("dose", dose.id), GRANEN, who)
    return dose.plan.requires or ""


async def test_the_console_shows_it_used_and_the_later_signature_as_without(here: World) -> None:
    about = Ref("delegation", new_id())
    _, first = await near(here, "marta-aslund/near")
    _, second = await near(here, "aina-rask/near")
    tasks = tuple({first.plan.requires or "", second.plan.requires or ""} - {""})
    body = DelegationIssued(
        holder=names.STAFF["Gustav Prov"],
        tasks=tasks,
        units=(GRANEN,),
        start=here.now - timedelta(hours=2),
        end=here.now + timedelta(hours=2),
        once=True,
        knowledge_tested=True,
        practice_seen=True,
    )
    await here.says("Karin Ström", body, about, GRANEN)
    await here.says("Gustav Prov", DelegationAccepted(), about, GRANEN)
    register = await here.see(f"/delegations?unit={GRANEN}")
    assert f"/console/delegations/{about.id}" in register.split('<details class="paper"')[0], "in force"
    assert await able(here), "on the page of who can do what"

    await give(here, "aina-rask/near", "Aina Rask", about.id, 10)
    await give(here, "marta-aslund/near", "Märta Åslund", about.id, 5)
    shown = await look(here)
    assert "Märta Åslund" in shown.split("Utan giltig delegering")[0]
    assert shown.count("Utan giltig delegering") == 1
    page = await here.see(f"/delegations/{about.id}")
    assert "Använd: " in page
    assert "Använd</span>" in page
    over = (await here.see(f"/delegations?unit={GRANEN}")).split('<details class="paper"')[1]
    assert f"/console/delegations/{about.id}" in over
    assert not await able(here)


async def test_what_is_given_as_needed_is_on_the_consoles_day_with_its_right(here: World) -> None:
    order = await documents.get(here.parts.database, OrderDocument, names.order_id("edit-fiktiv/alvedon"))
    assert order is not None
    assert order.plan is not None
    for by, right in (("Lena Backlund", True), ("Tesfay Mehari", False)):
        body = PrnGiven(
            order=order.id,
            performed=here.now - timedelta(minutes=3),
            amount=order.plan.amount,
            quantity=1000,
            unit="mg",
            order_fact=order.versions[-1].fact,
            already_given=not right,
        )
        about = Ref("prn", new_id())
        await here.says(by, body, about, GRANEN, "Edit Fiktiv")
        shown = await look(here)
        assert ("Alvedon 500 mg · vid behov" in shown) is (not right), by
    assert "Utan giltig delegering" in shown
    day = await here.see(f"/signing?unit={GRANEN}")
    assert day.count("Alvedon 500 mg · vid behov") == 3, "both, and what is to be looked at"
    await here.says("Tesfay Mehari", PrnCorrected(corrects=await fact_of(here, about)), about, GRANEN)
    assert "Alvedon 500 mg · vid behov" not in await look(here)


async def fact_of(here: World, about: Ref) -> str:
    found = await documents.get(here.parts.database, PrnDocument, about.id)
    assert found is not None
    assert found.given is not None
    return found.given.fact


async def able(here: World) -> bool:
    """Whether Gustav can do more than nothing now, on *Dagens pass*."""
    html = await here.see(f"/delegations/shift?unit={GRANEN}")
    row = html.split("Gustav Prov")[1].split("</tr>")[0]
    return 'class="sign done"' in row


async def test_one_occasion_is_on_no_list_of_what_ends_or_is_to_be_reviewed(here: World) -> None:
    about = Ref("delegation", new_id())
    body = DelegationIssued(
        holder=names.STAFF["Gustav Prov"],
        tasks=("insulin",),
        units=(GRANEN,),
        start=here.now - timedelta(hours=2),
        end=here.now + timedelta(hours=2),
        once=True,
    )
    await here.says("Karin Ström", body, about, GRANEN)
    await here.says("Gustav Prov", DelegationAccepted(), about, GRANEN)
    assert about.id not in await here.see(f"/delegations/review?unit={GRANEN}")
    found = await documents.get(here.parts.database, DelegationDocument, about.id)
    assert found is not None
    assert found.warned(here.now) is None

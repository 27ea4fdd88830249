"""Delegations on the phone: asked for and answered with one's own signature, revoked, never out of reach."""

from datetime import date, timedelta

import flet as ft
import pytest

from care.delegation import DelegationAccepted, DelegationDocument, DelegationIssued, DelegationRevoked
from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from tests.statements import new_id
from tests.store_case import UNIT
from tests.test_answering import screen
from tests.ward import AMINA, KARIN, LENA, VERA, Ward
from views.model import delegations, reading, signing
from views.places import AbleNow, Delegation, DelegationRegister, IssueDelegation, Menu, MyDelegations, Today


def issue(ward: Ward, days: int = 300, accepted: bool = False, issuer: str = KARIN, **changes: object) -> str:
    id = new_id()
    values: dict[str, object] = {
        "holder": AMINA,
        "tasks": ("insulin", "eye_drops"),
        "units": (UNIT,),
        "start": ward.now - timedelta(days=30),
        "end": ward.now + timedelta(days=days, hours=1),
        "knowledge_tested": True,
        "knowledge_result": "28 av 30",
        "practice_seen": True,
        "note": "Ring mig om värdet är under 6.",
    }
    ward.say(DelegationIssued(**(values | changes)), Ref("delegation", id), author=issuer)  # type: ignore[arg-type]
    if accepted:
        ward.say(DelegationAccepted(), Ref("delegation", id), author=AMINA)
    return id


def found(ward: Ward, id: str) -> DelegationDocument:
    one = reading.one(ward.shifts[0], DelegationDocument, id)
    assert one is not None
    return one


async def test_a_question_outranks_idag_and_is_answered_once_the_box_is_ticked(ward: Ward) -> None:
    id = issue(ward)
    amina = ward.phone("a", AMINA)
    async with screen(amina, Today()) as seen:
        assert seen.has("Karin Ström vill delegera till dig")
        await seen.click("vill delegera")
        assert seen.has("Insulin, ögondroppar")
        assert seen.has("28 av 30")
        assert seen.has("Ring mig om värdet är under 6.")
        with pytest.raises(AssertionError):
            await seen.click("accept")
        await seen.click("Jag kan uppgiften")
        await seen.click("accept")
        assert not seen.has("vill delegera")
    assert found(ward, id).state_at(ward.now) == "valid"
    accepted = ward.shifts[0].me.document("delegation", id)
    assert accepted is not None
    assert ward.shifts[0].me.unsent & set(accepted.facts)


async def test_no_is_an_answer_with_its_reason(ward: Ward) -> None:
    id = issue(ward)
    amina = ward.phone("a", AMINA, Delegation(id))
    async with screen(amina) as seen:
        await seen.click("decline")
        await seen.click("Jag behöver mer utbildning")
        await seen.click("save-decline")
        assert seen.has("Du har tackat nej")
    assert found(ward, id).state_at(ward.now) == "declined"
    assert found(ward, id).decline_reason == "Jag behöver mer utbildning"


async def test_a_colleague_is_asked_nothing_and_sees_only_their_own(ward: Ward) -> None:
    id = issue(ward)
    lena = ward.phone("l", LENA)
    async with screen(lena, Today()) as seen:
        assert not seen.has("vill delegera")
    async with screen(lena, MyDelegations()) as seen:
        assert seen.has("Du har inga delegeringar.")
    async with screen(lena, Delegation(id)) as seen:
        for name in ("accept", "revoke"):
            with pytest.raises(LookupError):
                seen.find(name)


@pytest.mark.parametrize(("days", "words"), [(29, "om 29 dagar"), (1, "om 1 dag"), (0, "i dag")])
async def test_its_end_is_told_on_idag_thirty_days_before(ward: Ward, days: int, words: str) -> None:
    issue(ward, days, accepted=True)
    issue(ward, 200, accepted=True, tasks=("inhalation",))
    amina = ward.phone("a", AMINA)
    async with screen(amina, Today()) as seen:
        assert seen.has(f"Din delegering tar slut {words}")
        assert not seen.has("Inhalation")


async def test_a_carer_finds_their_own_in_the_menu_and_is_offered_no_register(ward: Ward) -> None:
    issue(ward, accepted=True)
    amina = ward.phone("a", AMINA, Menu())
    async with screen(amina) as seen:
        with pytest.raises(LookupError):
            seen.find("delegation-register")
        await seen.click("my-delegations")
        assert seen.has("Gäller")


async def test_the_nurse_issues_on_the_phone_within_her_profession(ward: Ward) -> None:
    karin, amina = ward.phone("n", KARIN, DelegationRegister()), ward.phone("a", AMINA)
    async with screen(karin) as seen:
        await seen.click("issue")
        await seen.click("save-issue")
        assert seen.has("Välj vem som får delegeringen.")
        assert not seen.has("Karin Ström")
        await seen.click("Amina Yusuf")
        await seen.click("Insulin")
        await seen.click("Bara för vissa personer")
        await seen.click("Vera Holmgren")
        await seen.click("Kunskapsprovet är godkänt")
        await seen.enter("Resultat", "Godkänd")
        await seen.click("Jag har sett personen")
        await seen.click("save-issue")
        assert seen.has("Delegeringen är utfärdad")
    ward.deliver()
    (held,) = delegations.waiting(amina)
    one = held.delegation
    assert (one.issuer, one.tasks, one.persons) == (KARIN, ["insulin"], [VERA])
    assert (one.knowledge_result, held.left) == ("Godkänd", 364)


async def test_a_revocation_holds_on_this_phone_at_once_and_on_others_with_the_next_contact(
    ward: Ward,
) -> None:
    id = issue(ward, accepted=True)
    karin, amina = ward.phone("n", KARIN, Delegation(id)), ward.phone("a", AMINA)
    async with screen(karin) as seen:
        await seen.click("revoke")
        await seen.enter("Varför återkallas den?", "Osäker på enheter")
        await seen.click("save-revoke")
        assert seen.has("Delegeringen är återkallad")
    assert delegations.one(karin, id).state == "revoked"  # type: ignore[union-attr]
    assert delegations.one(amina, id).state == "valid"  # type: ignore[union-attr]
    ward.deliver()
    assert delegations.one(amina, id).state == "revoked"  # type: ignore[union-attr]
    async with screen(amina, Delegation(id)) as seen:
        assert seen.has("Osäker på enheter")


async def test_an_answer_that_crosses_a_revocation_does_not_make_it_valid(ward: Ward) -> None:
    id = issue(ward)
    amina = ward.phone("a", AMINA)
    ward.say(DelegationRevoked(at=ward.now, reason="x"), Ref("delegation", id), author=KARIN)
    held = delegations.one(amina, id)
    assert held is not None
    await delegations.accept(amina, held.delegation)
    ward.deliver()
    assert delegations.one(amina, id).state == "revoked"  # type: ignore[union-attr]


async def test_what_is_to_be_followed_up_comes_first_and_goes_on_until_its_end(ward: Ward) -> None:
    issue(ward, 300, accepted=True, tasks=("inhalation",))
    old = issue(ward, 20, accepted=True, start=ward.now - timedelta(days=340))
    left = issue(ward, 200, accepted=True, tasks=("ointment",), issuer=LENA)
    karin = ward.phone("n", KARIN, Menu())
    async with screen(karin) as seen:
        assert seen.has("Enhetens delegeringar, 2 att följa upp")
        await seen.click("delegation-register")
        shown = [one.identifier for one in seen.controls() if isinstance(one, ft.Semantics)]
        ids = [id.removeprefix("delegation-") for id in shown if id and id.startswith("delegation-")]
        assert ids[:2] == [left, old], "first where nobody answers for it, then what is due"
        assert seen.has("Utfärdaren arbetar inte här längre")
        await seen.click(f"delegation-{left}")
        await seen.click("review")
        await seen.click("Jag har sett personen utföra uppgiften")
        await seen.enter("Vad kom ni fram till?", "Säker på salvan")
        await seen.click("save-review")
        assert seen.has("Delegeringen är uppföljd")
        assert seen.has("Sett uppgiften utföras. Säker på salvan")
    [review] = found(ward, left).reviews
    assert (review.by, review.on, review.practice_seen) == (KARIN, ward.now.date(), True)
    assert found(ward, left).state_at(ward.now) == "valid"
    async with screen(karin, Delegation(old)) as seen:
        await seen.click("review")
        await seen.click("revoke")
        await seen.enter("Varför återkallas den?", "Osäker på enheter")
        await seen.click("save-revoke")
    assert found(ward, old).state_at(ward.now) == "revoked"
    amina = ward.phone("a", AMINA, Delegation(left))
    async with screen(amina) as seen:
        with pytest.raises(LookupError):
            seen.find("review")


def test_only_who_is_legitimerad_is_offered_to_delegate(ward: Ward) -> None:
    assert delegations.issuable(ward.phone("a", AMINA)) == []
    assert len(delegations.issuable(ward.phone("n", KARIN, IssueDelegation()))) > 9


async def test_the_nurse_sees_who_can_what_today(ward: Ward) -> None:
    plan = Plan(
        what="Dospåse",
        form="pouch",
        amount="2 tabletter",
        slots=(Slot("m", "07:00"),),
        start=date(2026, 1, 1),
        requires="medicine_pouch",
    )
    placed = OrderPlaced(plan=plan, effective=ward.now - timedelta(days=9))
    ward.say(placed, Ref("order", new_id()), VERA, KARIN)
    issue(ward, accepted=True, tasks=("insulin",))
    issue(ward, accepted=True, tasks=("inhalation",), persons=(VERA,))
    issue(ward, tasks=("eye_drops",))
    karin, amina = ward.phone("n", KARIN, DelegationRegister()), ward.phone("a", AMINA)
    free, tasks = delegations.able_now(karin)
    assert [one.name for one in free] == ["Karin Ström"]
    assert {task: [(one.staff.name, one.reach) for one in who] for task, who in tasks.items()} == {
        "medicine_pouch": [],
        "insulin": [("Amina Yusuf", "all")],
        "inhalation": [("Amina Yusuf", "some")],
    }
    await signing.give(amina, reading.day(amina).now[0], already=True)
    ward.deliver()
    assert delegations.able_now(karin)[1]["insulin"][0].at_work
    async with screen(karin) as seen:
        await seen.click("able-now")
        assert seen.has("Ingen med delegering")
        assert seen.has("Undersköterska. Vissa personer, har signerat i dag")
        assert seen.has("Behöver ingen delegering")


async def test_a_carer_is_shown_no_list_of_who_can_what(ward: Ward) -> None:
    amina = ward.phone("a", AMINA, AbleNow())
    async with screen(amina) as seen:
        assert not seen.has("Behöver ingen delegering")

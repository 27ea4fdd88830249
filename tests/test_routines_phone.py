"""Rutiner on the phone: offline, searchable, marked when they are new, and never those of another unit."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from care.facts import Ref
from care.rights import Role
from care.routine import RoutinePublished, RoutineWithdrawn
from storage import Unlocked
from tests.phones import until
from tests.statements import OTHER_UNIT
from tests.store_case import UNIT
from tests.test_answering import screen
from tests.ward import AMINA, KARIN, LENA, MARIA, START, Ward
from views.model import routines
from views.places import Menu, Routine, Routines

FALL, HEAT = "0192eeee-0000-7000-8000-000000000001", "0192eeee-0000-7000-8000-000000000002"


def publish(
    ward: Ward, id: str = FALL, title: str = "Efter ett fall", area: str = "Fall", **changes: object
) -> None:
    day = ward.now.date()
    body = RoutinePublished(
        title=title,
        area=area,
        text=str(changes.pop("text", "## Först\n\n1. Lyft **inte**\n2. Ring sjuksköterskan")),
        owner=KARIN,
        owner_name="Karin Ström",
        owner_role=Role.NURSE,
        decided=day,
        decided_by="Ledningsgruppen",
        valid_from=day,
        review_by=day + timedelta(days=365),
        units=changes.pop("units", (UNIT,)),  # type: ignore[arg-type]
        changes=str(changes.pop("changes", "")),
    )
    ward.say(body, Ref("routine", id), author=MARIA)


async def test_a_routine_is_found_in_the_menu_and_read(ward: Ward) -> None:
    publish(ward)
    amina = ward.phone("a", AMINA)
    async with screen(amina, Menu()) as seen:
        assert seen.has("Rutiner, 1 ny")
        await seen.click("routines")
        assert seen.has("Ny sedan sist")
        await seen.click(f"routine-{FALL}")
        assert seen.has("Efter ett fall")
        assert seen.has("Ring sjuksköterskan")
        assert seen.has("Ansvarig: Karin Ström, sjuksköterska")
        assert seen.has("Beslutad 14 mars 2026 av Ledningsgruppen")
        assert seen.has("Gås igenom senast 14 mars 2027")
        await seen.click("back")
        await until(lambda: not seen.has("Ny sedan sist"))


async def test_whoever_goes_back_before_it_is_remembered_sees_it_as_opened_all_the_same(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(ward)
    amina = ward.phone("a", AMINA)
    real, may = Unlocked.remember, threading.Event()

    def slowly(*given: Any) -> None:
        may.wait(10)
        real(*given)

    monkeypatch.setattr(Unlocked, "remember", slowly)
    async with screen(amina, Menu()) as seen:
        await seen.click("routines")
        await seen.click(f"routine-{FALL}")
        await seen.click("back")
        assert seen.has("Ny sedan sist")
        may.set()
        await until(lambda: not seen.has("Ny sedan sist"), 5)


async def test_what_one_has_opened_is_still_new_to_a_colleague_and_new_again_when_changed(ward: Ward) -> None:
    publish(ward)
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    async with screen(amina, Routine(FALL)) as seen:
        assert seen.has("Först")
    assert (routines.news(amina), routines.news(lena)) == (0, 1)
    publish(ward, changes="Ring först, lyft sedan.")
    ward.deliver()
    assert [one.news for one in routines.held(amina)] == ["changed"]
    async with screen(amina, Routine(FALL)) as seen:
        assert seen.has("Nytt: Ring först, lyft sedan.")
    assert routines.news(amina) == 0


async def test_a_word_of_the_text_finds_it_and_another_says_so(ward: Ward) -> None:
    publish(ward)
    publish(ward, HEAT, "Värmebölja", "Värme", text="Erbjud vatten varje timme.")
    amina = ward.phone("a", AMINA)
    found = routines.held(amina)
    assert [one.body.title for one in routines.matching(found, "VATTEN timme")] == ["Värmebölja"]
    assert [one.body.title for one in routines.matching(found, "fall")] == ["Efter ett fall"]
    assert len(routines.matching(found, " ")) == 2
    assert routines.matching(found, "hiss") == []


async def test_only_what_holds_in_the_unit_is_listed(ward: Ward) -> None:
    publish(ward)
    publish(ward, HEAT, "Värmebölja", "Värme")
    amina = ward.phone("a", AMINA)
    assert len(routines.held(amina)) == 2
    ward.say(RoutineWithdrawn(day=ward.now.date()), Ref("routine", FALL), author=MARIA)
    publish(ward, HEAT, "Värmebölja", "Värme", units=(OTHER_UNIT, UNIT))
    publish(ward, HEAT, "Värmebölja", "Värme", units=(OTHER_UNIT,))
    ward.deliver()
    assert routines.held(amina) == []
    async with screen(amina, Routine(FALL)) as seen:
        assert seen.has("Rutinen gäller inte längre.")
        await seen.click("back")
    async with screen(amina, Routines()) as seen:
        assert seen.has("Det finns inga rutiner än.")


async def test_an_old_routine_is_not_new_on_a_new_phone_and_a_late_review_is_told(ward: Ward) -> None:
    publish(ward)
    ward.now = START + timedelta(days=400)
    amina = ward.phone("a", AMINA)
    assert routines.news(amina) == 0
    async with screen(amina, Routine(FALL)) as seen:
        assert seen.has("Skulle ha gåtts igenom 14 mars 2027")

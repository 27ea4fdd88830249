"""Calling outranks saving, and what is said of a call is no more than is known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from care.facts import Ref
from care.forms import Answers
from care.sbar import SbarCalled
from storage import DiskFull
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH, document
from tests.test_filling import Screen, called
from tests.test_two_taps import a_dose
from tests.ward import AMINA, BROR, INGEGERD, KARIN, Ward, asks, sbar
from views.app import App
from views.model import filling, reading
from views.model.shift import Shift
from views.places import Case, Fill, Inbox, InboxCase, Place, ReadBack, Script, Sign, Today, Withhold

WITHOUT_TEMPERATURE: Answers = {
    key: values
    for key, values in {**SHORT_OF_BREATH, "a.respiration": [22], "a.spo2": [94]}.items()
    if key != "a.temperature"
}


@asynccontextmanager
async def at(shift: Shift, *places: Place) -> AsyncIterator[Screen]:
    shift.stack = [Today(), *places]
    async with Screen(App, shift) as screen:
        yield screen


def full(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now nothing can be written on the phone."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise DiskFull

    monkeypatch.setattr(type(shift.me), "save", refuse)
    monkeypatch.setattr(type(shift.me), "save_draft", refuse)


async def an_sbar(shift: Shift, answers: Answers) -> str:
    await filling.begin(shift, "sbar", reading.person(shift, BROR))
    key: str = shift.place.draft  # type: ignore[attr-defined]
    filling.of(shift, key).answers |= answers
    return key


async def test_a_phone_that_is_full_still_calls_112_and_the_nurse(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA)
    key = await an_sbar(amina, SHORT_OF_BREATH)
    full(amina, monkeypatch)
    async with at(amina, Script(key)) as screen:
        await screen.click("script-112")
        assert "112" in called(screen)[-1]
        assert screen.has("Telefonen är full.")
        await screen.click("call-nurse")
        assert "070" in called(screen)[-1]
        assert screen.has("Telefonen är full.")


async def test_a_phone_that_is_full_still_calls_from_the_form(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA)
    key = await an_sbar(amina, {})
    full(amina, monkeypatch)
    async with at(amina, Fill(key, 0)) as screen:
        await screen.click("call-now")
        assert "070" in called(screen)[-1]
        assert screen.has("Telefonen är full.")


async def test_a_phone_that_is_full_still_calls_about_a_dose_not_given(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA)
    dose = a_dose(ward, amina)
    full(amina, monkeypatch)
    async with at(amina, Sign(dose), Withhold(dose)) as screen:
        await screen.click("Sover")
        await screen.click("Spara, jag ringer själv")
        assert "070" in called(screen)[-1]
        assert screen.has("Telefonen är full.")
        assert amina.place == Withhold(dose)


async def test_what_went_wrong_is_shown_on_a_screen_that_knows_nothing_of_it_until_the_next_step(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA)
    dose = a_dose(ward, amina)
    full(amina, monkeypatch)
    async with at(amina, Sign(dose)) as screen:
        await screen.click("given")
        assert screen.has("Telefonen är full.")
        assert screen.has("Ring chefen. Skriv på papper så länge.")
        amina.back()
        await screen.settle()
        assert not screen.has("Telefonen är full.")


async def test_a_call_to_112_is_not_said_to_be_one_to_the_nurse(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    amina.me.save(asks(INGEGERD, SbarCalled(to="112", number="112"), case))
    async with at(amina, Case(case)) as screen:
        assert screen.has("Du ringde 112 06:52")
        assert screen.has("Ring sjuksköterskan också.")
        assert not screen.has("Du ringde Karin")
        await screen.click("call-nurse")
        assert screen.has("Du ringde Karin 06:52")
    assert [(call.to, call.number) for call in document(amina, case).calls] == [
        ("112", "112"),
        ("Karin Ström", "070-1740605"),
    ]


async def test_before_the_read_back_nobody_is_said_to_have_talked(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    ward.deliver()
    ward.say(SbarCalled(to="Karin Ström", number="070"), Ref("sbar", case), INGEGERD, AMINA)
    ward.say(SbarCalled(to="112", number="112"), Ref("sbar", case), INGEGERD, AMINA)
    ward.deliver()
    async with at(amina, Case(case), ReadBack(case)) as screen:
        assert screen.has("Karin Ström, sjuksköterska. Du ringde Karin 06:52")
        assert not any("talades" in words for words in screen.texts())


async def test_a_score_that_lacks_a_value_says_so_before_how_high_it_is_at_least(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    answers = {**WITHOUT_TEMPERATURE, "a.pulse": [112], "a.systolic": [104]}
    key = await an_sbar(amina, answers)
    async with at(amina, Script(key)) as screen:
        assert screen.has("Ofullständig. Minst medelhög risk")
        assert "Medelhög risk" not in screen.texts()
        await screen.click("save-only")
    ward.deliver()
    async with at(karin, Inbox()) as screen:
        assert screen.has("Ofullst. Minst medel")
        case = amina.place.sbar  # type: ignore[attr-defined]
        await screen.click(f"case-{case}")
        assert karin.place == InboxCase(case)
        assert screen.has("Ofullständig. Minst medelhög risk")
        assert "Medelhög risk" not in screen.texts()

"""On the phone: a locked signature says so, and what is erased leaves the screen that shows it."""

from datetime import timedelta

import flet as ft

from care.dose import DoseDocument, DoseGiven
from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Ref, encode
from care.sbar import SbarAnswered
from care.today import Task
from tests.statements import fact, new_id
from tests.store_case import UNIT, page
from tests.test_answering import SHORT_OF_BREATH
from tests.test_filling import Screen
from tests.test_two_taps import a_dose, at
from tests.ward import AMINA, INGEGERD, KARIN, Ward, asks, sbar
from views.model import reading, signing
from views.model.shift import Shift
from views.places import Case, Correct, Sign
from views.screens.signed import signed_rows
from views.texts import Texts
from views.theme import LIGHT, Look
from wire.envelope import Envelope, stated


def erasure_of(ward: Ward, ref: Ref) -> Envelope:
    """An erasure of all that has been said of something."""
    said = [one for one in ward.facts if one.fact().aggregate == ref]
    body = FactErased(
        facts=tuple(Named(one.fact().id, one.hash.hex()) for one in said), why="decision", decision="IVO 1"
    )
    made = fact(body, ref, rank=99, at=ward.now, author=KARIN, device=ENDPOINT, unit=UNIT, person=None)
    return stated(encode(made), b"\x07" * 32)


async def test_a_case_that_is_erased_leaves_the_screen_that_shows_it(ward: Ward) -> None:
    amina, ref = ward.phone("a", AMINA), Ref("sbar", new_id())
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), ref.id))
    ward.deliver()
    ward.say(SbarAnswered(text="Sätt på syrgas"), ref, INGEGERD, KARIN)
    ward.deliver()
    async with at(amina, Case(ref.id)) as screen:
        assert screen.has("Sätt på syrgas")
        stream = f"staff:{AMINA}"
        after = int((amina.phone.store.cursor(stream, amina.me) or "e1.0").rpartition(".")[2])
        amina.phone.store.take_page(page(stream, [erasure_of(ward, ref)], after=after), amina.me)
        await screen.settle(0.2)
        assert not screen.has("Sätt på syrgas")
        assert not screen.has("Något gick fel")
        assert not screen.has("Ingegerd")


async def test_a_signature_says_that_it_is_locked_and_that_both_remain(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    dose = a_dose(ward, amina)
    task = next(task for task in reading.day(amina).now if task.dose.id == dose)
    await signing.give(amina, task)
    async with at(amina, Sign(dose)) as screen:
        assert screen.has("Ta tillbaka min signering")
        assert not screen.has("låst")
    task = next(task for task in reading.day(amina).done if task.dose.id == dose)
    ward.pass_(14 * 24 * 60)
    async with Screen(rows, amina, task) as screen:
        assert screen.has("Signeringen är låst.")
        await screen.click("Rätta min signering")
    place = amina.place
    assert isinstance(place, Correct)
    async with at(amina, place) as screen:
        await screen.click("Det var fel uppgift")
        await screen.click("Ta tillbaka min signering")
    document = amina.me.document("dose", dose)
    assert isinstance(document, DoseDocument)
    assert document.signatures[0].withdrawn, "nothing is refused, and both are there"
    assert len(document.facts) == 2


async def test_what_was_told_afterwards_says_when_it_was_registered_and_by_whom(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("n", KARIN)
    dose = a_dose(ward, amina)
    task = next(task for task in reading.day(amina).now if task.dose.id == dose)
    ward.pass_(130)
    await signing.give(amina, task, performed=ward.now - timedelta(minutes=100))
    ward.deliver()
    task = next(task for task in reading.day(karin).done if task.dose.id == dose)
    async with Screen(rows, karin, task) as screen:
        assert screen.has("Amina Yusuf, 07:22")
        assert screen.has("Efterregistrerad 09:02 av Amina Yusuf")


async def test_what_a_nurse_entered_from_paper_names_who_did_it_and_who_entered_it(ward: Ward) -> None:
    karin = ward.phone("n", KARIN)
    dose = a_dose(ward, karin)
    planned = next(task for task in reading.day(karin).now if task.dose.id == dose).dose
    ward.pass_(150)
    body = DoseGiven(
        order=planned.order,
        planned=planned.at,
        performed=planned.at,
        amount="5 tabletter",
        order_fact=planned.version,
        performer=AMINA,
    )
    ward.say(body, Ref("dose", dose), INGEGERD, KARIN)
    ward.deliver()
    task = next(task for task in reading.day(karin).done if task.dose.id == dose)
    async with Screen(rows, karin, task) as screen:
        assert screen.has("Amina Yusuf, 07:00")
        assert screen.has("Från papper. Efterregistrerad 09:22 av Karin Ström")


def rows(shift: Shift, task: Task) -> ft.Control:
    return ft.Column(signed_rows(Look(palette=LIGHT, texts=Texts.load("sv")), shift, task))

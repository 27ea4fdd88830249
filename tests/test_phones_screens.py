"""What somebody with a phone in their hand sees when it closes, moves, or is no longer theirs."""

from datetime import timedelta
from pathlib import Path

import flet as ft
import pytest

from storage import LastWord, LockInfo
from sync import CaptivePortal, Insecure, Offline, OtherEndpoint, Refused, Untrusted
from tests.headless import Headless
from tests.test_filling import Screen
from tests.ward import AMINA, START, Ward
from views.app import App
from views.model.enrol_link import EnrolLink, enrol_link
from views.model.shift import Shift
from views.places import Enrol, Lock, SignIn

WORD = LastWord(what="closed", url="https://rapp.example.se", data=b"x", signature=b"y")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


async def test_a_closed_phone_says_so_and_still_calls_112_and_the_nurse(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    async with Headless(App, shift) as phone:
        shift.phone.store.keeper.begin_closing()
        await phone.settle(0.1)
        assert phone.has("Telefonen stängs")
        shift.phone.store.keeper.destroy(WORD)
        await phone.settle(0.1)
        assert phone.has("Den här telefonen är stängd")
        assert phone.find("112")
        assert phone.find("Karin Ström")
        assert not phone.has("Rapportera")
        await phone.click("enrol-again")
        assert shift.place == Enrol()


async def test_whoever_has_left_is_told_why_the_phone_locked_and_what_is_safe(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    async with Headless(App, shift) as phone:
        shift.phone.store.keeper.end_slot(AMINA)
        await phone.settle(0.1)
        assert shift.place == Lock()
        assert phone.has("Din kod här är borttagen")
        assert phone.has("Det du har sparat skickas.")
        assert not phone.has("Amina")


async def test_a_phone_that_has_moved_shows_its_new_unit(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    async with Headless(App, shift) as phone:
        info = LockInfo(unit_name="Björken", phone_name="Telefon 3")
        shift.phone.store.keeper.move("u2", info, [AMINA], WORD)
        await phone.settle(0.1)
        assert phone.has("Telefonen hör till en ny enhet")
        assert phone.has("Björken")


async def test_a_new_sign_in_is_asked_for_in_good_time(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    assert shift.sign_in_before is None
    ward.now += timedelta(days=25)
    shift.attention.touch(ward.ticks())
    async with Headless(App, shift) as phone:
        shift.changed()
        await phone.settle(0.1)
        assert phone.has("Logga in igen före 13 april")
        await phone.click("Logga in igen före 13 april")
        assert shift.place == SignIn()
    shift.me.renewed(START + timedelta(days=55), START + timedelta(days=90))
    assert shift.sign_in_before is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Refused("unknown_code"), "Kontrollera att koden är rätt"),
        (Insecure("http"), "Adressen måste börja med https"),
        (CaptivePortal("wifi"), "Nätet vill att du loggar in först"),
        (Offline("no"), "Kontrollera adressen och nätet"),
        (Untrusted("no"), "Har du fått en länk?"),
        (OtherEndpoint("no"), "Det är en annan server som svarar än den som länken gäller"),
    ],
)
async def test_an_enrolment_that_fails_says_what_to_look_at(ward: Ward, error: Exception, told: str) -> None:
    shift = ward.phone("a", AMINA, Enrol())
    asked = refusing(shift, error)
    async with Screen(App, shift) as phone:
        for number, words in enumerate(("ABCDE-FGHIJ", " rapp.example.se ", "Telefon 3")):
            await write(phone, number, words)
        await phone.click("Anslut")
        assert phone.has(told)
    assert asked == [("https://rapp.example.se", "ABCDE-FGHIJ", "Telefon 3", "")]


def refusing(shift: Shift, error: Exception) -> list[tuple[str, ...]]:
    """What every try to enrol was given."""
    asked = []

    async def enrol(*given: str) -> None:
        asked.append(given)
        raise error

    shift.phone.sync.enrol = enrol
    return asked


async def write(phone: Screen, number: int, words: str) -> None:
    field = [one for one in phone.controls() if isinstance(one, ft.TextField)][number]
    phone.session.apply_patch(field._i, {"value": words})
    await phone.session.dispatch_event(field._i, "change", words)
    await phone.settle()


async def test_a_link_names_the_key_that_is_to_answer_at_its_address_and_at_no_other(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, Enrol())
    asked = refusing(shift, Offline("no"))
    async with Screen(App, shift) as phone:
        await write(phone, 0, "https://r.se/console/enrol?key=K-_4#ABCDE-FGHIJ/Telefon%203")
        await phone.click("Anslut")
        await write(phone, 0, "ABCDE-FGHIK")
        await phone.click("Anslut")
        await write(phone, 1, "s.se")
        await phone.click("Anslut")
    assert asked == [
        ("https://r.se", "ABCDE-FGHIJ", "Telefon 3", "K-_4"),
        ("https://r.se", "ABCDE-FGHIK", "Telefon 3", "K-_4"),
        ("https://s.se", "ABCDE-FGHIK", "Telefon 3", ""),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://r.se/console/enrol#AB-C/T%C3%A5", EnrolLink("https://r.se", "AB-C", "Tå")),
        ("  https://r.se/a/console/enrol/#AB-C ", EnrolLink("https://r.se/a", "AB-C", "")),
        ("https://r.se/console/enrol?key=K-_4#AB-C/T", EnrolLink("https://r.se", "AB-C", "T", "K-_4")),
        ("https://r.se/console/enrol?from=qr#AB-C/T", EnrolLink("https://r.se", "AB-C", "T")),
        ("ABCDE-FGHIJ", None),
        ("https://r.se/console/enrol", None),
        ("https://[", None),
        ("ftp://r.se/#x", None),
    ],
)
def test_a_link_is_told_from_a_code(text: str, said: EnrolLink | None) -> None:
    assert enrol_link(text) == said

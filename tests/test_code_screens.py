"""Codes on the phone's screens: which may be chosen, how one is changed, and what ten wrong ones lead to."""

from datetime import timedelta

import pytest

from storage import SlotClosed, Unlocked, WrongPin
from storage.slots import FREE_TRIES, MOST_TRIES
from sync import SyncError
from tests.headless import Headless
from tests.test_filling import Screen
from tests.test_identity_phone_screen import answered
from tests.ward import AMINA, PIN, START, Ward
from views.app import App
from views.model.shift import Shift
from views.places import ChangeCode, ChooseReport, Menu, SignIn, Today
from wire.messages import SignInState

NEW = "730264"
WRONG = "861432"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])


async def enter(screen: Headless, *codes: str) -> None:
    for code in codes:
        await screen.code(code)


def wrong(ward: Ward, shift: Shift, times: int) -> None:
    """Wrong codes, each after its wait."""
    for _ in range(times):
        with pytest.raises((WrongPin, SlotClosed)):
            shift.phone.store.unlock(AMINA, WRONG)
        ward.pass_(4)


def opens(shift: Shift, pin: str) -> bool:
    try:
        shift.phone.store.unlock(AMINA, pin).lock()
    except WrongPin:
        return False
    return True


async def test_the_code_is_changed_from_the_menu_and_the_new_one_opens(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, Menu())
    async with Screen(App, shift) as screen:
        await screen.click("change-code")
        assert screen.has("Skriv din gamla kod")
        await enter(screen, PIN)
        assert screen.has("Välj en ny kod")
        await enter(screen, NEW)
        assert screen.has("Skriv koden en gång till")
        await enter(screen, NEW)
        assert shift.stack == [Today()]
        assert screen.has("Koden är bytt")
    assert [opens(shift, pin) for pin in (PIN, NEW)] == [False, True]


@pytest.mark.parametrize(
    ("codes", "told", "to_do"),
    [
        (["123123"], "Koden är för lätt att gissa", "utan ordning"),
        (["850412"], "ser ut som ett födelsedatum", "Välj andra siffror"),
        (["198573"], "eller ett årtal", "Välj andra siffror"),
        ([NEW, WRONG], "Koderna är olika", "två gånger"),
        ([PIN, PIN], "samma kod som förut", "behåll koden"),
    ],
)
async def test_a_code_that_may_not_be_chosen_is_told_at_once_with_what_to_do(
    ward: Ward, codes: list[str], told: str, to_do: str
) -> None:
    shift = ward.phone("a", AMINA, ChangeCode())
    async with Screen(App, shift) as screen:
        await enter(screen, PIN, *codes)
        assert screen.has(told)
        assert screen.has(to_do)
        assert screen.has("Välj en ny kod")


async def test_going_back_keeps_the_old_code(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, ChangeCode())
    async with Screen(App, shift) as screen:
        await enter(screen, PIN, NEW)
        await screen.click("back")
        assert shift.place == Today()
    assert [opens(shift, pin) for pin in (PIN, NEW)] == [True, False]


async def test_a_wrong_old_code_counts_and_at_last_closes_the_slot(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, ChangeCode())
    async with Screen(App, shift) as screen:
        await enter(screen, WRONG)
        assert screen.has("Koden stämmer inte")
        wrong(ward, shift, MOST_TRIES - 2)
        await enter(screen, WRONG)
        assert screen.has("Din kod är stängd")
        await screen.click("Logga in på nytt")
        assert shift.place == SignIn()
    assert [slot.closed for slot in shift.phone.store.slots()] == [True]


async def test_a_new_person_is_told_what_a_code_may_not_be(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, SignIn())
    done = SignInState(state="done", staff=AMINA, name="Amina Yusuf", title="assistant_nurse", language="sv")
    answered(shift, done)
    chosen = []

    async def certify(_started: object, _found: object, pin: str) -> object:
        chosen.append(pin)
        if len(chosen) == 1:
            raise SyncError("no network")
        return shift.phone.store.unlock(AMINA, PIN)

    shift.phone.sync.certify = certify
    async with Screen(App, shift) as screen:
        await screen.click("Logga in i webbläsaren")
        await screen.click("Ja, jag är Amina")
        await enter(screen, "654321")
        assert screen.has("Koden är för lätt att gissa")
        await enter(screen, NEW, NEW)
        assert screen.has("Ingen kontakt med servern")
        await enter(screen, NEW, NEW)
        assert shift.stack == [Today()]
    assert chosen == [NEW, NEW]


async def test_a_new_person_on_a_new_phone_sees_idag_before_anything_has_been_fetched(ward: Ward) -> None:
    ward.facts.clear()
    shift = ward.phone("a", AMINA)
    async with Screen(App, shift) as screen:
        assert screen.has("Idag")
        assert screen.has("Granen")


async def test_ten_wrong_codes_close_a_slot_and_help_and_reporting_stay_open(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    shift.lock()
    async with Screen(App, shift) as screen:
        said = []
        wrong(ward, shift, FREE_TRIES - 1)
        for _ in range(MOST_TRIES - FREE_TRIES + 1):
            await enter(screen, WRONG)
            said += [words for words in screen.texts() if words.startswith(("Koden", "Vänta"))]
            ward.pass_(4)
        assert said == [
            "Koden stämmer inte. Försök igen",
            "Vänta 30 sekunder. Försök sedan igen",
            "Vänta 60 sekunder. Försök sedan igen",
            "Vänta 2 minuter. Försök sedan igen. 2 försök kvar, sedan stängs koden",
            "Vänta 4 minuter. Försök sedan igen. 1 försök kvar, sedan stängs koden",
        ]
        assert screen.has("Din kod är stängd, Amina")
        assert screen.has("Det du sparat finns kvar")
        with pytest.raises(LookupError):
            screen.find("key-1")
        for help_ in ("112", "Ring Karin Ström", "SBAR utan kod"):
            assert screen.find(help_).content.on_click
        await screen.click("Rapportera utan inloggning")
        assert shift.place == ChooseReport()
        await screen.click("back")
        await screen.click("sign-in")
        assert shift.place == SignIn()


async def test_a_new_sign_in_opens_what_was_closed(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    shift.me.save_draft("sbar:1", b"begun")
    shift.lock()
    store = shift.phone.store
    wrong(ward, shift, MOST_TRIES)
    done = SignInState(state="done", staff=AMINA, name="Amina Yusuf", title="assistant_nurse", language="sv")
    answered(shift, done)

    async def certify(_started: object, _found: object, pin: str) -> Unlocked:
        """The endpoint hands out the same keys of the rings, and vouches for a new one of hers."""
        ring, own = bytes(range(32)), bytes([AMINA.encode()[-1] ^ 0xFF]) * 32
        until = START + timedelta(days=30)
        return store.set_slot(AMINA, "Amina Yusuf", "assistant_nurse", "sv", pin, b"7" * 32, ring, own, until)

    shift.phone.sync.certify = certify
    async with Screen(App, shift) as screen:
        assert screen.has("Din kod är stängd, Amina")
        await screen.click("sign-in")
        await screen.click("Logga in i webbläsaren")
        await screen.click("Ja, jag är Amina")
        await enter(screen, NEW, NEW)
        assert shift.stack == [Today()]
        assert shift.me.draft("sbar:1") == b"begun"
        await screen.click("put-down")
        await enter(screen, NEW)
        assert shift.place == Today()
    assert [slot.closed for slot in store.slots()] == [False]

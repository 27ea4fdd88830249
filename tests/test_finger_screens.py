"""Finger or face on the screens, asked for in the words of Flet's protocol."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.biometric import MOST_TRIES
from tests.headless import Headless
from tests.test_filling import Screen
from tests.test_one_phone import colleague
from tests.ward import AMINA, LENA, PIN, Ward
from views.app import App
from views.places import AllowFinger, ChangeCode, Lock, Menu, Today

NEW = "730264"


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])
    made = Ward(tmp_path)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


class Platform:
    """What the phone knows: fingers, and keys that it gives for one."""

    def __init__(self) -> None:
        self.known = ["strong"]
        self.says: Any = True
        self.kept: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.options: list[dict[str, Any]] = []

    def put_under(self, screen: Headless) -> None:
        screen.wire.answers.update(
            get_available_biometrics=lambda _: self.known,
            authenticate=self.authenticate,
            set=self.set,
            get=lambda given: self.kept.get(given["key"]),
            remove=lambda given: self.kept.pop(given["key"], None) and None,
        )

    def authenticate(self, given: dict[str, Any]) -> Any:
        self.asked.append(given)
        return self.says

    def set(self, given: dict[str, Any]) -> None:
        self.options.append(given)
        self.kept[given["key"]] = given["value"]


async def code(screen: Headless, *codes: str) -> None:
    for one in codes:
        await screen.code(one)


async def allow(screen: Headless, platform: Platform) -> None:
    platform.put_under(screen)
    await Headless.click(screen, "Öppna med finger eller ansikte")
    await code(screen, PIN)


def offers(screen: Headless) -> bool:
    return screen.has("Finger eller ansikte")


async def test_it_is_allowed_with_the_code_and_opens_from_then_on(ward: Ward) -> None:
    shift, platform = ward.phone("a", AMINA, Menu()), Platform()
    async with Screen(App, shift) as screen:
        platform.put_under(screen)
        await screen.click("Öppna med finger eller ansikte")
        assert screen.has("Alla som har sitt finger eller ansikte i telefonen")
        await code(screen, "861432")
        assert screen.has("Koden stämmer inte")
        assert platform.kept == {}
        await code(screen, PIN)
        assert shift.stack == [Today()]
        assert screen.has("Finger och ansikte öppnar")
        [(name, value)] = platform.kept.items()
        assert AMINA not in name
        assert len(base64.b64decode(value)) == 32
        await screen.click("put-down")
        assert offers(screen)
        assert screen.find("key-1").content.on_click
        await screen.click("by-finger")
        await screen.settle(0.1)
        assert shift.me.staff == AMINA
    [asked] = platform.asked
    assert (asked["biometric_only"], asked["reason"]) == (True, "Öppna Rapp")
    [given] = platform.options
    assert given["ios"]["access_control_flags"] == ["biometryCurrentSet"]
    assert given["ios"]["accessibility"] == "passcode"
    # What would put the device secret behind the same question is never asked of Android.
    assert given["android"] is None


@pytest.mark.parametrize("says", [False, {"error_code": "userCanceled", "error_description": None}])
async def test_without_it_there_is_the_code(ward: Ward, says: Any) -> None:
    shift, platform = ward.phone("a", AMINA, Menu()), Platform()
    async with Screen(App, shift) as screen:
        await allow(screen, platform)
        shift.lock()
        await screen.settle()
        platform.says = says
        for _ in range(MOST_TRIES - 1):
            shift.phone.store.finger.ask(AMINA)
        await screen.click("by-finger")
        assert screen.has("Skriv din kod i stället")
        assert shift.unlocked is None
        assert not offers(screen)
        await code(screen, PIN)
        assert shift.me.staff == AMINA


@pytest.mark.parametrize("how", ["gone", "other", "broken"])
async def test_a_key_that_the_phone_no_longer_gives_opens_nothing(ward: Ward, how: str) -> None:
    """Such as after a finger was added, or the phone was set up anew."""
    shift, platform = ward.phone("a", AMINA, Menu()), Platform()
    async with Screen(App, shift) as screen:
        await allow(screen, platform)
        shift.lock()
        await screen.settle()
        [name] = platform.kept
        if how == "gone":
            platform.kept.clear()
        else:
            platform.kept[name] = base64.b64encode(bytes(32)).decode() if how == "other" else "?"
        await screen.click("by-finger")
        assert screen.has("Skriv din kod i stället")
        assert shift.unlocked is None


async def test_a_phone_that_knows_no_finger_says_where_to_add_one(ward: Ward) -> None:
    shift, platform = ward.phone("a", AMINA, AllowFinger()), Platform()
    platform.known = []
    async with Screen(App, shift) as screen:
        platform.put_under(screen)
        await code(screen, PIN)
        assert screen.has("Lägg in det i telefonens inställningar")
    assert platform.kept == {}


async def test_a_phone_of_several_people_offers_it_to_nobody(ward: Ward) -> None:
    shift, platform = ward.phone("a", AMINA, Menu()), Platform()
    async with Screen(App, shift) as screen:
        await allow(screen, platform)
        colleague(shift, LENA)
        shift.lock()
        await screen.settle()
        await screen.click("Amina Yusuf")
        assert not offers(screen)
        await code(screen, PIN)
        shift.go(Menu())
        await screen.settle()
        assert not screen.has("finger eller ansikte")
        # Somebody who was on their way there meanwhile is told why.
        shift.go(AllowFinger())
        await screen.settle()
        await code(screen, PIN)
        assert screen.has("Fler har kod på telefonen")


async def test_ending_it_and_another_code_take_the_key_away(ward: Ward) -> None:
    shift, platform = ward.phone("a", AMINA, Menu()), Platform()
    async with Screen(App, shift) as screen:
        await allow(screen, platform)
        assert platform.kept
        shift.go(Menu())
        await screen.settle()
        await screen.click("Öppna bara med kod")
        assert platform.kept == {}
        await allow(screen, platform)
        assert platform.kept
        shift.go(ChangeCode())
        await screen.settle()
        await code(screen, PIN, NEW, NEW)
        assert platform.kept == {}
        shift.lock()
        await screen.settle()
        assert isinstance(shift.place, Lock)
        assert not offers(screen)


async def test_in_a_browser_it_is_hidden(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, Menu())
    screen = Screen(App, shift)
    screen.page_patch["web"] = True
    async with screen:
        assert screen.has("Byt kod")
        assert not screen.has("finger eller ansikte")

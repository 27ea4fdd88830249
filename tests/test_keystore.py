"""The device secret in a phone's keystore, asked in the words of Flet's protocol."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import flet as ft
import msgpack
import pytest
from flet.controls.base_control import BaseControl
from flet.messaging.protocol import configure_encode_object_for_msgpack

import main
from storage import LastWord
from tests.headless import NEVER, Headless
from tests.store_case import device, given, sign_in
from views.model import keystore
from views.model.phone import Phone

WORD = LastWord(what="closed", url="https://rapp.example.se", data=b"x", signature=b"y")


class Platform:
    """What is on the other side of the plugin: names and values, until it fails."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.broken: str = ""
        self.forgets = False

    def answers(self) -> dict[str, Any]:
        return {"get": self.get, "set": self.set, "remove": self.remove}

    def get(self, given: dict[str, Any]) -> str | None:
        self._may_fail()
        return self.kept.get(given["key"])

    def set(self, given: dict[str, Any]) -> None:
        self._may_fail()
        if not self.forgets:
            self.kept[given["key"]] = given["value"]

    def remove(self, given: dict[str, Any]) -> None:
        self._may_fail()
        self.kept.pop(given["key"], None)

    def _may_fail(self) -> None:
        if self.broken:
            raise RuntimeError(self.broken)

    @property
    def secret(self) -> bytes:
        [value] = self.kept.values()
        return base64.b64decode(value)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAPP_DATA", str(tmp_path))
    return tmp_path


class Start(Headless):
    """The app as the phone starts it: through its front door."""

    def _views(self) -> Any:
        return [ft.View(route="/")]

    async def open(self) -> None:
        await main.main(self.page)
        await self.settle(0.1)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@asynccontextmanager
async def started(platform: Platform, web: bool = False) -> AsyncIterator[Start]:
    """One life of the app's process."""
    async with Start(ft.Container) as screen:
        screen.wire.answers.update(platform.answers())
        screen.session.apply_page_patch({"web": web})
        try:
            await screen.open()
            yield screen
        finally:
            if main._opened.cache_info().currsize:
                here = the_phone(screen)
                await asyncio.to_thread(here.sync.stop)
                here.store.close()
            main._opened.cache_clear()


def the_phone(_: Headless) -> Phone:
    secret = None if main.folder().joinpath("device.secret").exists() else main.KEYSTORE
    return main.phone(main.folder(), secret)


async def test_the_secret_is_made_once_in_the_keystore_and_lies_in_no_file(
    platform: Platform, folder: Path
) -> None:
    async with started(platform) as screen:
        assert screen.has("Telefonen är ny")
        the_phone(screen).store.enrol(device())
        secret = platform.secret
        assert len(secret) == 32
    held = files(folder)
    assert "device.secret" not in held
    assert not any(secret in data for data in held.values())
    async with started(platform) as screen:
        assert screen.has("Vem är du?")
        assert platform.secret == secret


async def test_what_protects_the_secret_is_said_to_the_platform(platform: Platform) -> None:
    async with started(platform):
        encode = configure_encode_object_for_msgpack(BaseControl)
        storage = main.KEYSTORE._storage
        said = msgpack.unpackb(msgpack.packb(storage, default=encode), strict_map_key=False)
    assert said["android_options"]["reset_on_error"] is False
    assert said["ios_options"]["accessibility"] == "first_unlock_this_device"
    assert not said["ios_options"].get("synchronizable")


async def test_a_keystore_that_cannot_be_read_is_told_and_asked_again(
    platform: Platform, folder: Path
) -> None:
    async with started(platform) as screen:
        the_phone(screen).store.enrol(device())
    before, secret = (folder / "rapp.db").read_bytes(), platform.secret
    platform.broken = "KeyStoreException: -33"
    async with started(platform) as screen:
        assert screen.has("Telefonens nyckel går inte att läsa just nu")
        assert screen.has("Lås telefonen och lås upp den igen")
        assert not screen.has("-33")
        await screen.click("Ring 112")
        assert screen.wire.calls[-1][1]["url"] == "tel:112"
        assert (folder / "rapp.db").read_bytes() == before
        await screen.click("Försök igen")
        assert screen.has("Telefonens nyckel går inte att läsa just nu")
        platform.broken = ""
        await screen.click("Försök igen")
        await screen.settle(0.2)
        assert screen.has("Vem är du?")
    assert platform.secret == secret


async def test_no_new_secret_is_made_beside_a_file_that_was_made_under_another(
    platform: Platform, folder: Path
) -> None:
    async with started(platform) as screen:
        store = the_phone(screen).store
        store.enrol(device())
        sign_in(store).save(given())
    kept = dict(platform.kept)
    platform.kept.clear()
    async with started(platform) as screen:
        assert screen.has("Telefonens nyckel är borta")
        assert screen.has("Ring chefen")
        assert screen.find("Ring 112").content.on_click
        assert platform.kept == {}
        # Were it there again, so would everything be.
        platform.kept.update(kept)
        await screen.click("Försök igen")
        await screen.settle(0.2)
        assert screen.has("Vem är du?")
        assert screen.has("Anna Andersson")


@pytest.mark.parametrize("value", ["", "not base64!", base64.b64encode(b"short").decode()])
async def test_what_is_no_secret_is_neither_used_nor_replaced(platform: Platform, value: str) -> None:
    platform.kept[keystore.NAME] = value
    async with started(platform) as screen:
        assert screen.has("Telefonens nyckel går inte att läsa just nu")
    assert platform.kept == {keystore.NAME: value}


async def test_a_keystore_that_keeps_nothing_begins_no_file(platform: Platform) -> None:
    platform.forgets = True
    async with started(platform) as screen:
        assert screen.has("Telefonens nyckel går inte att läsa just nu")
        platform.forgets = False
        await screen.click("Försök igen")
        await screen.settle(0.2)
        assert screen.has("Telefonen är ny")


async def test_a_keystore_that_hangs_is_not_waited_for_for_ever(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keystore, "ANSWERS_WITHIN_S", 0.1)
    monkeypatch.setattr(platform, "get", NEVER)
    async with started(platform) as screen:
        assert screen.has("Telefonens nyckel går inte att läsa just nu")


async def test_closing_the_phone_destroys_the_secret_while_the_screen_is_drawn(platform: Platform) -> None:
    async with started(platform) as screen:
        here = the_phone(screen)
        here.store.enrol(device())
        secret = platform.secret
        here.store.keeper.begin_closing()
        await asyncio.gather(
            asyncio.to_thread(here.store.keeper.destroy, WORD),
            *(screen.settle(0.01) for _ in range(10)),
        )
        await screen.settle(0.2)
        assert screen.has("Den här telefonen är stängd")
        assert platform.secret != secret
    async with started(platform) as screen:
        assert screen.has("Den här telefonen är stängd")


async def test_a_phone_killed_between_the_old_secret_and_a_new_one_goes_on(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(platform) as screen:
        here = the_phone(screen)
        here.store.enrol(device())
        here.store.keeper.begin_closing()

        def killed() -> bytes:
            raise asyncio.CancelledError

        monkeypatch.setattr(main.KEYSTORE, "make", killed)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.to_thread(here.store.keeper.destroy, WORD)
        monkeypatch.delattr(main.KEYSTORE, "make")
        assert platform.kept == {}
    async with started(platform) as screen:
        assert screen.has("Den här telefonen är stängd")
        assert len(platform.secret) == 32


async def test_in_a_browser_a_file_stands_in_and_the_menu_says_so(platform: Platform, folder: Path) -> None:
    async with started(platform, web=True) as screen:
        assert platform.kept == {}
        assert (folder / "device.secret").stat().st_mode & 0o777 == 0o600
        assert the_phone(screen).browser

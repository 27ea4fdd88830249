"""The console in a real browser: with and without scripts, wide and narrow, light and dark."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from care.facts import Ref
from care.sbar import SbarAcknowledged, SbarDocument, SbarReadBack
from endpoint import documents
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.settings import Settings
from tests.console_world import GRANEN, World, filled

pytestmark = pytest.mark.browser


class Live(World):
    """The world behind a port, and a browser in front of it."""

    url: str
    browser: Browser

    @asynccontextmanager
    async def page(self, name: str, **context: Any) -> AsyncIterator[Page]:
        """A page signed in as somebody. Whatever the browser's console complains of fails the test."""
        await self.sign_in(name)
        opened = await self.browser.new_context(**context)
        await opened.add_cookies(
            [{"name": key, "value": value, "url": self.url} for key, value in self.client.cookies.items()]
        )
        page, complaints = await opened.new_page(), []
        page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
        yield page
        await opened.close()
        assert not complaints


@asynccontextmanager
async def served(made: Path, folder: Path) -> AsyncIterator[Live]:
    """A console over a copy of what has been made, behind a port, with a browser in front of it."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(Settings(data=folder, demo=True, port=port), [console])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.02)
    async with async_playwright() as playwright, httpx.AsyncClient() as client:
        found = Live(app, client)
        found.url = f"http://127.0.0.1:{port}"
        found.browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield found
        await found.browser.close()
    server.should_exit = True
    await serving


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    async with served(await asyncio.to_thread(filled), tmp_path) as found:
        yield found


async def test_a_new_sbar_appears_by_itself_and_an_answer_shows_when_it_was_repeated(live: Live) -> None:
    async with live.page("Karin Ström") as page:
        await page.goto(f"{live.url}/console/inbox")
        id = await live.sbar()
        await page.get_by_role("link", name="Asta Provdahl").click(timeout=8000)
        await page.get_by_text("Låt sitta upp").click()
        await page.get_by_label("Skriv med egna ord").fill("Stanna hos Asta.")
        await page.get_by_role("button", name="Skicka svar").click()
        await page.get_by_text("Karin Ström svarade").wait_for()
        found = await documents.get(live.parts.database, SbarDocument, id)
        assert found is not None
        assert [(reply.orders, reply.text) for reply in found.replies] == [(("sit_up",), "Stanna hos Asta.")]
        await page.get_by_label("Skriv med egna ord").fill("Halvskrivet")
        read_back = SbarReadBack(nurse="Karin Ström", orders=("sit_up",))
        await live.says("Amina Yusuf", read_back, Ref("sbar", id), GRANEN, "Asta Provdahl")
        await page.get_by_text("Upprepat av Amina Yusuf").wait_for(timeout=8000)
        assert await page.get_by_label("Skriv med egna ord").input_value() == "Halvskrivet"


async def test_a_new_case_sounds_once_after_a_press_and_a_case_is_copied(live: Live) -> None:
    script = (
        "HTMLMediaElement.prototype.play = async function () { window.played = (window.played || 0) + 1 }"
    )
    async with live.page("Karin Ström", permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.add_init_script(script)
        await page.goto(f"{live.url}/console/inbox")
        await page.get_by_role("button", name="Slå på ljud").click()
        assert await page.evaluate("window.played") == 1, "what it sounds like is heard when it is turned on"
        id = await live.sbar()
        await page.get_by_role("link", name="Asta Provdahl").wait_for(timeout=8000)
        await page.wait_for_timeout(100)
        assert await page.evaluate("window.played") == 2
        await live.says("Karin Ström", SbarAcknowledged(), Ref("sbar", id), GRANEN, "Asta Provdahl")
        await page.locator(".card").get_by_text("Läst").wait_for(timeout=8000)
        assert await page.evaluate("window.played") == 2
        # On the next page it is on still, and what was heard is not told again.
        await page.goto(f"{live.url}/console/inbox/{id}")
        await page.get_by_role("button", name="Ljudet är på").wait_for()
        assert await page.evaluate("window.played") is None
        await page.get_by_role("link", name="Till journalen").click()
        await page.get_by_role("button", name="Kopiera texten").click()
        await page.get_by_role("button", name="Kopierat").wait_for()
        assert "Puls: 112 per minut" in await page.evaluate("navigator.clipboard.readText()")


async def test_the_whole_way_works_without_scripts(live: Live) -> None:
    id = await live.sbar()
    async with live.page("Karin Ström", java_script_enabled=False) as page:
        await page.goto(f"{live.url}/console/")
        await page.get_by_role("link", name="Asta Provdahl").click()
        await page.get_by_role("button", name="Jag har läst").click()
        await page.get_by_text("Jag kommer").click()
        await page.get_by_role("button", name="Skicka svar").click()
        assert await page.get_by_text("Karin Ström svarade").is_visible()
        await page.get_by_role("link", name="Ny ordination").click()
        for tick, field in (("Ges vid behov", "Högst på ett dygn"), ("Narkotika, räknas", "Uttag per dos")):
            assert await page.get_by_label(field).is_hidden(), "until it is asked for"
            await page.get_by_text(tick).click()
            assert await page.get_by_label(field).is_visible()
    found = await documents.get(live.parts.database, SbarDocument, id)
    assert found is not None
    assert (found.state, found.replies[0].orders) == ("answered", ("coming",))


async def test_the_keyboard_alone_reaches_a_case_and_its_answer(live: Live) -> None:
    await live.sbar()
    async with live.page("Karin Ström") as page:
        await page.goto(f"{live.url}/console/inbox")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        for _ in range(3):
            await page.keyboard.press("Tab")
        reached = await page.evaluate("document.activeElement.textContent.trim()")
        assert reached in ("Jag har läst", "Ring Amina")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 1280])
async def test_nothing_runs_out_of_the_page_and_targets_are_large(
    live: Live, width: int, scheme: Any
) -> None:
    sbar, report = await live.sbar(), await live.deviation()
    viewport = {"width": width, "height": 800}
    async with live.page("Karin Ström", viewport=viewport, color_scheme=scheme) as page:
        for path in ("/inbox", f"/inbox/{sbar}", f"/deviations/{report}", "/signing", "/deviations/figures"):
            await page.goto(f"{live.url}/console{path}")
            root = "document.documentElement"
            assert await page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), path
            small = await page.evaluate(
                """() => [...document.querySelectorAll("main a, main button, nav a, label.chip, form button")]
                    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 47.5)
                    .map(one => one.textContent.trim())"""
            )
            assert not small, path

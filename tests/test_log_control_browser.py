"""Log control in a real browser: a chief with a quarter of an hour, a keyboard, a phone, large text."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from care.staff import StaffDocument
from endpoint import documents
from endpoint.log_control import control, judging, months
from tests.console_world import NORR
from tests.test_console_browser import Live, served
from tests.test_log_control import CHIEF, draws, kept, read, row_with

pytestmark = pytest.mark.browser


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    async with served(await asyncio.to_thread(read), tmp_path) as found:
        yield found


@pytest.fixture
async def month_id(live: Live) -> str:
    """A closed control with one row that is being looked into."""
    id = await draws(live, NORR, months.over(live.now, 1)[0])
    chief = await documents.get(live.parts.database, StaffDocument, CHIEF)
    assert chief is not None
    number = row_with(await kept(live, id), "no_relation")

    def close(connection: Any) -> None:
        judging.decide(connection, id, number, "investigate", "Varför öppnades personen?", CHIEF, live.now)
        for other in judging.left(control.get(connection, id), CHIEF):
            judging.decide(connection, id, other, "entitled", "", CHIEF, live.now)
        judging.close(connection, live.parts.keys, id, chief, live.now)

    await live.parts.database.write(close)
    return id


async def enter(page: Page, words: str) -> None:
    """Tab until what has the focus says so, and press Enter."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if words in await page.evaluate("document.activeElement.textContent.trim()"):
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            return
    raise AssertionError(words)


async def test_a_month_is_done_with_the_keyboard_and_without_scripts(live: Live) -> None:
    async with live.page("Maria Nyberg", java_script_enabled=False) as page:
        await page.goto(f"{live.url}/console/")
        await page.get_by_role("link", name="Loggkontroll: 2 att göra").click()
        await page.get_by_role("button", name="Hemtjänst Norr").click()
        await page.get_by_role("button", name="Behörig för").click()
        await page.get_by_role("link", name="Fortsätt med rad").click()
    async with live.page("Maria Nyberg") as page:
        await page.goto(f"{live.url}/console/log_control")
        await enter(page, "Fortsätt")
        await enter(page, "Fortsätt med rad")
        await enter(page, "Behörig")
        await page.get_by_text("Rad 1: Behörig").wait_for()
        await page.get_by_label("Vad behöver utredas?").fill("Varför öppnades personen?")
        await page.get_by_role("button", name="Behöver utredas").click()
        while await page.get_by_role("button", name="Behörig", exact=True).count():
            await page.get_by_role("button", name="Behörig", exact=True).click()
        await page.get_by_role("link", name="Avsluta och skriv protokoll").click()
        await page.get_by_role("button", name="Avsluta och skriv protokoll").click()
        await page.get_by_role("heading", name="Protokoll, loggkontroll").wait_for()


async def test_nothing_runs_out_of_the_page_and_targets_are_large(live: Live, month_id: str) -> None:
    number = row_with(await kept(live, month_id), "no_relation")
    pages = (month_id, f"{month_id}/{number}", f"{month_id}/protocol", f"{month_id}/case/{number}")
    looks: Any = ((320, "light", 16), (390, "dark", 32), (768, "light", 16), (1280, "dark", 32))
    for width, scheme, text in looks:
        viewport: Any = {"width": width, "height": 800}
        async with live.page("Maria Nyberg", viewport=viewport, color_scheme=scheme) as page:
            for path in ("", *(f"/{one}" for one in pages)):
                await page.goto(f"{live.url}/console/log_control{path}")
                root = "document.documentElement"
                await page.evaluate(f"{root}.style.fontSize = '{text}px'")
                assert await page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), (width, path)
                small = await page.evaluate(
                    """() => [...document.querySelectorAll("main a, main button, select, summary, .chip")]
                        .filter(one => one.offsetParent && one.getBoundingClientRect().height < 47.5)
                        .map(one => one.textContent.trim())"""
                )
                assert not small, (width, path)

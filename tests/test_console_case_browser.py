"""Script 2, the night fall, from the phone's facts to the words on the reporter's phone, in a browser."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from care.deviation import DeviationDocument, ReportDocument
from endpoint import documents
from tests.console_world import NORR, filled
from tests.test_console_browser import Live, served

pytestmark = pytest.mark.browser

WIDE = {"viewport": {"width": 1280, "height": 800}}
FEEDBACK = "Tack Amina. Nu finns halkmatta och nattlampa hos Bror."


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    async with served(await asyncio.to_thread(filled), tmp_path) as found:
        yield found


async def send(page: Page, words: str) -> None:
    """Press a form's button, and wait for the page that it leads to."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=words, exact=True).and_(page.locator(":visible")).first.click()


async def opened(page: Page, summary: str) -> None:
    """Open what is folded under some words, if it is not."""
    found = page.locator("details", has=page.locator("summary", has_text=summary)).first
    if await found.get_attribute("open") is None:
        await found.locator("summary").first.click()


async def test_the_night_fall_is_followed_to_the_feedback(live: Live) -> None:
    fall, elsewhere = (
        await live.deviation(ago=300),
        await live.deviation("Cilla Påhittad", unit=NORR, ago=200),
    )
    await live.sbar("Bror Exempelsson", by="Amina Yusuf", ago=299, prompted_by=fall)
    async with live.page("Karin Ström", **WIDE) as page:
        await page.goto(f"{live.url}/console/deviations/{fall}")
        assert "Blodförtunnande" in await page.inner_text("main")
    async with live.page("Maria Nyberg", **WIDE) as page:
        await page.goto(f"{live.url}/console/deviations/{fall}")
        await send(page, "Mottagen")
        await page.get_by_label("Betydande, liten: 6").check()
        await page.get_by_label("Varför du bedömer så").fill("Slog i huvudet och tar Eliquis.")
        await send(page, "Spara bedömningen")
        assert "gör en händelseanalys" in await page.inner_text("#assessment")
        await send(page, "Börja utreda")
        await page.get_by_label("Vad har hänt?").fill("Föll på väg från toaletten, strumpläst, släckt.")
        await page.get_by_label("Orsak 1", exact=True).fill("Golvet var halt")
        await page.get_by_label("Gjord som händelseanalys").check()
        await send(page, "Spara utredningen")
        await opened(page, "Lägg till en åtgärd")
        await page.get_by_label("Vad ska göras?").fill("Halkmatta och nattlampa")
        due = (live.now + timedelta(days=7)).date().isoformat()
        await page.get_by_label("Klart senast").fill(due)
        await send(page, "Spara åtgärden")
        await page.locator(".action summary", has_text="Klar").first.click()
        await send(page, "Klar")
        await opened(page, "Avsluta ärendet")
        await page.get_by_label("Återkoppling till Amina").fill(FEEDBACK)
        await send(page, "Avsluta ärendet")
        assert "Ärendet avslutades" in await page.inner_text("#all")
    async with live.page("Eva Holm", **WIDE) as page:
        await page.goto(f"{live.url}/console/deviations/{fall}")
        assert "Halkmatta och nattlampa" in await page.inner_text("#actions")
        await page.goto(f"{live.url}/console/deviations/board")
        assert await page.locator(f'a[href="/console/deviations/{elsewhere}"]').count() == 1
    told = await documents.get(live.parts.database, ReportDocument, fall)
    case = await documents.get(live.parts.database, DeviationDocument, fall)
    assert told is not None
    assert case is not None
    steps = ["received", "assessed", "investigated", "action", "closed"]
    assert [step.step for step in told.steps] == steps
    assert (told.steps[-1].text, case.step) == (FEEDBACK, "closed")

"""Charts in a real browser: the content policy blocks nothing of them, and they look as the page does."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page

from endpoint.database import Database
from endpoint.deviations import importing, mapping, table
from endpoint.deviations.mapping import Map
from endpoint.keys import load
from endpoint.settings import Settings
from tests.console_world import filled
from tests.deviation_reports import reports, written
from tests.test_console_browser import Live, served

pytestmark = pytest.mark.browser
YEAR = "from=2025-01-01&to=2025-12-31"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provkommun with old reports of Granen."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(filled(), folder, dirs_exist_ok=True)
    database = Database(Settings(data=folder).database)
    (folder / "old.csv").write_text(written([one | {"unit": "Granen"} for one in reports(400)]))
    sheet = table.read((folder / "old.csv").read_bytes(), dict(mapping.COLUMNS), mapping.NEEDED, {})
    done = importing.run(database, load(folder / "endpoint.keys", database), sheet, Map(), datetime.now(UTC))
    assert done.faults == []
    database.close()
    return folder


@pytest.fixture
async def live(made: Path, tmp_path: Path) -> AsyncIterator[Live]:
    async with served(made, tmp_path) as found:
        yield found


async def fill(page: Page) -> str:
    bar = page.locator('#table-category path[fill^="var(--now"]').first
    found: str = await bar.evaluate("bar => getComputedStyle(bar).fill")
    return found


async def test_charts_stand_on_the_page_in_its_colours_letters_and_size(live: Live) -> None:
    address = f"{live.url}/console/deviations/figures?{YEAR}"
    async with live.page("Maria Nyberg", viewport={"width": 1280, "height": 900}) as page:
        await page.goto(address)
        assert await page.get_by_role("img", name="Vad rapporteras?").count() == 1
        assert await page.locator("svg.marks").count() >= 8
        assert await fill(page) == "rgb(14, 90, 88)"
        letters = page.locator("#table-category svg text").first
        assert "Atkinson" in await letters.evaluate("text => getComputedStyle(text).fontFamily")
        chart, rows = page.locator("#table-category svg"), page.locator("#table-category table")
        usual, beside = await chart.bounding_box(), await rows.bounding_box()
        assert usual
        assert beside
        assert beside["x"] > usual["x"] + usual["width"] - 1, "chart and table side by side"
        await page.evaluate("document.documentElement.style.fontSize = '32px'")
        large = await chart.bounding_box()
        assert large
        assert round(large["width"] / usual["width"], 1) == 2, "the letters of a chart grow with the page's"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "it scrolls by itself"
        )


async def test_charts_are_there_in_the_dark_without_scripts_and_on_a_narrow_window(live: Live) -> None:
    address = f"{live.url}/console/deviations/figures/report?{YEAR}"
    dark = {"color_scheme": "dark", "java_script_enabled": False}
    async with live.page("Maria Nyberg", viewport={"width": 390, "height": 844}, **dark) as page:
        await page.goto(address)
        assert await page.locator("svg.marks").count() >= 8
        assert await fill(page) == "rgb(131, 210, 198)"
        main = await page.locator("main").bounding_box()
        assert main
        assert main["x"] + main["width"] <= 390
        await page.emulate_media(media="print", color_scheme="dark")
        assert await fill(page) == "rgb(14, 90, 88)", "on paper as in the light"

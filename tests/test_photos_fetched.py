"""Photos of a case on a reader's phone: fetched when they ask, shown, and nothing of them is kept."""

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import flet as ft
import httpx
import pytest

from care.deviation import DeviationDocument, DeviationReported
from care.facts import Ref
from care.photo import DeviationPhotographed
from endpoint.photos import photos as table
from storage import Unlocked
from sync import photos_read
from tests.headless import Headless
from tests.phones import new_id, until
from tests.phones_town import Town, town
from tests.photographs import pixels
from tests.statements import AMINA, KARIN, PERSON, UNIT
from tests.test_answering import screen
from tests.ward import FORMS, answered
from views.model.phone import Phone as Held
from views.model.shift import Shift
from views.places import InboxDeviation

BYTES = pixels()
"""Four pieces."""


class Ward:
    """Karin at her phone, a case with a photo, and a line that can be held at a piece."""

    def __init__(self, here: Town, session: Unlocked, case: str, photo: str, shift: Shift) -> None:
        self.here, self.session, self.case, self.photo, self.shift = here, session, case, photo, shift
        self.go_on = threading.Event()
        self.go_on.set()
        self.held_at = ""
        inner = here.line.handle_async_request

        async def line(request: httpx.Request) -> httpx.Response:
            if self.held_at and request.url.path.endswith(self.held_at):
                await asyncio.to_thread(self.go_on.wait, 20)
            return await inner(request)

        here.line.handle_async_request = line  # type: ignore[method-assign]

    @property
    def asked(self) -> list[str]:
        """The pieces that were asked for."""
        return [path.rpartition("/")[2] for path in self.here.line.asked if "/v1/photo/" in path]

    def come(self, data: bytes = BYTES) -> None:
        """The photo has come to the endpoint."""
        row = {"id": self.photo, "media": "image/jpeg", "received": self.here.now(), "data": data}
        self.here.database.write_now(lambda c: c.execute(table.insert(), row))

    def kept(self) -> int:
        with sqlite3.connect(self.shift.phone.store.folder / "rapp.db") as connection:
            return int(connection.execute("SELECT count(*) FROM photos").fetchone()[0])


@pytest.fixture
async def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ward]:
    monkeypatch.setattr(photos_read, "_BETWEEN_TRIES_S", 0.01)
    with town(tmp_path) as here:
        case = new_id()
        report = DeviationReported(category="fall", answers=answered("fall", {}))
        photo = DeviationPhotographed(
            sha256=hashlib.sha256(BYTES).hexdigest(), size=len(BYTES), width=1600, height=1200, shows="place"
        )
        for body in (report, photo):
            here.say(body, Ref("deviation", case), UNIT, PERSON, AMINA)
        phone = await here.phone()
        karin = await here.sign_in(phone, KARIN)
        await until(lambda: (found := case_of(karin, case)) and found.photos)
        shift = Shift(Held(phone.store, phone.sync, FORMS, clock=here.now))
        shift.opened(karin)
        found = case_of(karin, case)
        assert found
        yield Ward(here, karin, case, found.photos[0].id, shift)


def case_of(session: Unlocked, case: str) -> DeviationDocument | None:
    found = session.document("deviation", case)
    return found if isinstance(found, DeviationDocument) else None


@asynccontextmanager
async def opened(ward: Ward) -> AsyncIterator[Headless]:
    async with screen(ward.shift, InboxDeviation(ward.case)) as seen:
        yield seen


def pictures(seen: Headless) -> list[bytes]:
    return [one.src for one in seen.controls() if isinstance(one, ft.Image) and isinstance(one.src, bytes)]


async def shown(seen: Headless, true: Callable[[], Any]) -> None:
    """Wait until it is drawn."""
    for _ in range(400):
        if true():
            return
        await seen.settle()
    raise AssertionError(seen.texts())


async def test_the_photo_comes_when_it_is_asked_for_and_is_kept_nowhere(ward: Ward) -> None:
    ward.come()
    async with opened(ward) as seen:
        assert ward.asked == [], "not before"
        await seen.click("show-photos")
        await shown(seen, lambda: pictures(seen) == [BYTES])
        assert seen.has("Plats")
        assert ward.asked == ["0", "1", "2", "3"]
        with pytest.raises(LookupError):
            seen.find("show-photos")
        assert ward.kept() == 0
        ward.shift.back()
        await seen.settle()
        assert pictures(seen) == []
    async with opened(ward) as seen:
        assert pictures(seen) == [], "and it is fetched anew"
        seen.find("show-photos")


async def test_how_far_it_has_come_is_shown_and_leaving_the_page_ends_it(ward: Ward) -> None:
    ward.come()
    ward.held_at = "/2"
    ward.go_on.clear()
    async with opened(ward) as seen:
        pressed = asyncio.ensure_future(seen.click("show-photos"))
        await shown(seen, lambda: [one.value for one in bars(seen)] == [0.5])
        assert seen.has("Hämtar bild 1 av 1")
        ward.shift.back()
        await seen.settle()
        assert not seen.has("Hämtar bild")
        ward.go_on.set()
        await pressed
        await asyncio.sleep(0.3)
        assert "3" not in ward.asked
        assert pictures(seen) == []


def bars(seen: Headless) -> list[ft.ProgressBar]:
    return [one for one in seen.controls() if isinstance(one, ft.ProgressBar)]


async def test_a_lock_meanwhile_leaves_nothing_of_it(ward: Ward) -> None:
    ward.come()
    ward.held_at = "/1"
    ward.go_on.clear()
    async with opened(ward) as seen:
        pressed = asyncio.ensure_future(seen.click("show-photos"))
        await shown(seen, lambda: bool(bars(seen)))
        ward.shift.lock()
        ward.go_on.set()
        await pressed
        await seen.settle(0.3)
        assert seen.has("Vem är du?")
        assert pictures(seen) == []
        assert ward.kept() == 0


async def test_without_a_network_it_says_what_to_do_and_goes_on_when_there_is_one(ward: Ward) -> None:
    ward.come()
    async with opened(ward) as seen:
        ward.here.line.away = True
        await seen.click("show-photos")
        await shown(seen, lambda: seen.has("Försök igen när telefonen har nät"))
        assert pictures(seen) == []
        ward.here.line.away = False
        await seen.click("show-photos")
        await shown(seen, lambda: pictures(seen) == [BYTES])
        assert not seen.has("Försök igen när telefonen har nät")


async def test_one_that_has_not_come_says_so_and_can_be_asked_for_again(ward: Ward) -> None:
    async with opened(ward) as seen:
        await seen.click("show-photos")
        await shown(seen, lambda: seen.has("Bilden är inte framme än"))
        ward.come()
        await seen.click("show-photos")
        await shown(seen, lambda: pictures(seen) == [BYTES])
        assert not seen.has("Bilden är inte framme än")


async def test_other_bytes_than_its_fact_names_are_not_shown(ward: Ward) -> None:
    ward.come(BYTES[:-1] + b"x")
    async with opened(ward) as seen:
        await seen.click("show-photos")
        await shown(seen, lambda: seen.has("Bilden hämtades inte"))
        assert pictures(seen) == []

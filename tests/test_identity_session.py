"""Sessions of the console: begun anew, ended by idleness and by time, asked for again where it matters."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.testing import AsyncTestClient

from care.facts import Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitSet
from endpoint.app import create_app
from endpoint.console.errors import ConsoleError
from endpoint.console.guard import just_signed_in, not_found, own_forms_only, refused
from endpoint.console.page import to
from endpoint.console.routes import console
from endpoint.database import Database
from endpoint.identity import console_session
from endpoint.identity.back import ours
from endpoint.identity.demo import DemoProvider
from endpoint.keys import load
from endpoint.migrate import migrate
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.statements import Statement, state_all
from tests.statements import KARIN, UNIT


@get("/")
async def form() -> Response[Any]:
    return Response("the form", media_type="text/html")


@post("/", guards=[own_forms_only])
async def erase() -> Response[Any]:
    return to("/console/erased")


sensitive = Router(
    "/console/erase",
    route_handlers=[form, erase],
    guards=[just_signed_in],
    exception_handlers={ConsoleError: refused, HTTPException: not_found},
)


class Desk:
    """Karin's browser, and a clock that can be put forward."""

    def __init__(self, client: AsyncTestClient[Any], parts: Parts, settings: Settings) -> None:
        self.client, self.parts, self.settings = client, parts, settings
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sign_in(self, back: str = "/console/") -> str:
        """As the demo's page does. Where it goes to."""
        answer = await self.client.post(
            "/demo/console-signin", data={"staff": KARIN, "back": back}, follow_redirects=False
        )
        assert answer.status_code == 303
        return str(answer.headers["location"])

    async def get(self, path: str, **headers: str) -> Any:
        return await self.client.get(path, headers=headers, follow_redirects=False)

    async def send(self, path: str, came_from: str = "") -> Any:
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"Referer": came_from} if came_from else {})
        return await self.client.post(path, headers=headers, follow_redirects=False)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """The routes, and a folder with Karin in it: both take longer to make than a test takes."""
    folder = tmp_path_factory.mktemp("desk")
    made = create_app(Settings(data=folder, demo=True), [console, sensitive])
    parts: Parts = made.state.parts
    migrate(parts.database)
    nurse = (RoleInUnit(Role.NURSE, UNIT, datetime(2025, 1, 1).date()),)
    unit = UnitSet(name="Granen", kind="residential", provider="p", provider_name="Provkommun")
    person = StaffSet(name="Karin Ström", title="nurse", roles=nurse)
    said = [Statement(unit, Ref("unit", UNIT), UNIT), Statement(person, Ref("staff", KARIN), UNIT)]
    asyncio.run(state_all(parts.database, parts.keys, said))
    parts.database.close()
    return made


@pytest.fixture
async def desk(app: Litestar, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copytree(app.state.parts.settings.data, tmp_path, dirs_exist_ok=True)
    settings = Settings(data=tmp_path, demo=True)
    clock: list[Desk] = []
    database, first = Database(settings.database), app.state.parts
    held = load(settings.key_file, database)
    app.state.parts = Parts(settings, database, held, DemoProvider(settings), lambda: clock[0].now())
    try:
        # Its life begins with a look at what time it is.
        client = AsyncTestClient(app, base_url="http://testserver.local")
        clock.append(Desk(client, app.state.parts, settings))
        async with client:
            yield clock[0]
    finally:
        app.state.parts = first


async def test_what_cannot_be_undone_asks_who_it_is_when_the_sign_in_is_old(desk: Desk) -> None:
    await desk.sign_in()
    assert (await desk.get("/console/erase?id=7")).text == "the form"
    assert (await desk.send("/console/erase")).status_code == 303
    desk.ahead = timedelta(minutes=11)
    answer = await desk.get("/console/erase?id=7")
    assert answer.status_code == 303
    on = await desk.get(answer.headers["location"])
    assert on.headers["location"] == "/demo/console-signin?back=%2Fconsole%2Ferase%3Fid%3D7"
    assert await desk.sign_in("/console/erase?id=7") == "/console/erase?id=7"
    assert (await desk.get("/console/erase?id=7")).text == "the form"


async def test_a_form_that_comes_too_late_changes_nothing_and_leads_back_to_its_page(desk: Desk) -> None:
    await desk.sign_in()
    desk.ahead = timedelta(minutes=11)
    answer = await desk.send("/console/erase", "http://testserver.local/console/erase?id=7")
    assert answer.status_code == 403
    assert "Logga in en gång till" in answer.text
    assert "back=%2Fconsole%2Ferase%3Fid%3D7&amp;again=true" in answer.text
    elsewhere = await desk.send("/console/erase", "https://elsewhere.example/console/erase")
    assert "back=%2Fconsole%2F&amp;again=true" in elsewhere.text


async def test_nobody_signed_in_is_sent_to_sign_in_and_then_to_the_page_asked_for(desk: Desk) -> None:
    for path in ("/console/erase?id=7", "/console/inbox"):
        location = (await desk.get(path)).headers["location"]
        assert location.startswith("/console/sign-in?back=%2Fconsole%2F")
    answer = await desk.send("/console/erase")
    assert answer.status_code == 401
    assert "/console/sign-in?back=" in answer.text


async def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(desk: Desk) -> None:
    await desk.sign_in()
    name = console_session.cookie_name(desk.settings)
    first = desk.client.cookies[name]
    await desk.sign_in()
    second = desk.client.cookies[name]
    assert first != second
    desk.client.cookies.clear()
    desk.client.cookies.set(name, first)
    assert (await desk.get("/console/inbox")).status_code == 303
    desk.client.cookies.clear()
    desk.client.cookies.set(name, second)
    assert (await desk.get("/console/inbox")).status_code == 200


async def test_a_session_that_nobody_gave_out_is_none_and_is_not_taken_over(desk: Desk) -> None:
    name = console_session.cookie_name(desk.settings)
    desk.client.cookies.set(name, "chosen-by-somebody-else")
    assert (await desk.get("/console/inbox")).status_code == 303
    desk.client.cookies.clear()
    answer = await desk.client.post(
        "/demo/console-signin",
        data={"staff": KARIN},
        headers={"Cookie": f"{name}=chosen-by-somebody-else"},
        follow_redirects=False,
    )
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]


async def test_a_session_ends_an_hour_after_the_readers_last_act(desk: Desk) -> None:
    await desk.sign_in()
    for minutes in (50, 100, 150):
        desk.ahead = timedelta(minutes=minutes)
        assert (await desk.get("/console/inbox")).status_code == 200, minutes
    # What an open page fetches by itself is nobody's act.
    for minutes in (170, 190, 205):
        desk.ahead = timedelta(minutes=minutes)
        assert "session_over" not in (await desk.get("/console/inbox/fresh", **{"HX-Request": "true"})).text
    desk.ahead = timedelta(minutes=211)
    over = await desk.get("/console/inbox/fresh", **{"HX-Request": "true"})
    assert "/console/sign-in" in over.text
    assert (await desk.get("/console/inbox")).status_code == 303


async def test_no_session_outlives_ten_hours_however_busy(desk: Desk) -> None:
    await desk.sign_in()
    for minutes in range(50, 600, 50):
        desk.ahead = timedelta(minutes=minutes)
        assert (await desk.get("/console/inbox")).status_code == 200, minutes
    desk.ahead = timedelta(minutes=601)
    assert (await desk.get("/console/inbox")).status_code == 303


async def test_over_https_the_cookie_is_bound_to_this_host(desk: Desk, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="https://rapp.example")
    cookie = await console_session.create(desk.parts.database, settings, KARIN, desk.now())
    assert cookie.key.startswith("__Host-")
    assert (cookie.secure, cookie.httponly, cookie.path, cookie.domain) == (True, True, "/", None)


@pytest.mark.parametrize(
    "back", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "", "/a\nb", "/å"]
)
async def test_no_link_leads_elsewhere_after_the_sign_in(desk: Desk, back: str) -> None:
    assert ours(back, "/console/") == "/console/"
    answer = await desk.client.get("/console/sign-in", params={"back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/demo/console-signin?back=%2Fconsole%2F"


async def test_the_reader_sees_their_own_sign_ins_and_ends_those_that_are_elsewhere(desk: Desk) -> None:
    name = console_session.cookie_name(desk.settings)
    await desk.sign_in()
    elsewhere = desk.client.cookies[name]
    desk.client.cookies.clear()
    await desk.sign_in()
    here = desk.client.cookies[name]
    page = (await desk.get("/console/my-sign-ins")).text
    assert page.count("Inloggad ") == 2
    assert page.count("Den här webbläsaren") == 1
    desk.ahead = timedelta(minutes=11)
    assert (await desk.send("/console/my-sign-ins/end-others")).status_code == 403
    desk.ahead = timedelta()
    assert (await desk.send("/console/my-sign-ins/end-others")).status_code == 303
    assert "bara inloggad här" in (await desk.get("/console/my-sign-ins")).text
    desk.client.cookies.set(name, elsewhere)
    assert (await desk.get("/console/inbox")).status_code == 303
    assert here != elsewhere

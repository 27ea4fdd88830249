"""The endpoint with an OpenID Connect provider: a real server, its people, and browsers."""

import asyncio
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import uvicorn
from litestar import Response, Router, get

from care.facts import Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitSet
from endpoint.app import create_app
from endpoint.console.errors import ConsoleError
from endpoint.console.guard import just_signed_in, refused
from endpoint.console.routes import console
from endpoint.identity.openid_settings import OpenId
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.statements import Statement, state_all
from tests.endpoint_phone import Phone
from tests.endpoint_server import enrol_code
from tests.statements import AMINA, KARIN, TESFAY, UNIT

LOA3 = "http://id.sambi.se/loa/loa3"
_START_S = 20.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Shared: reading the system's certificates for each browser would take longer than the tests."""
_PEOPLE = {
    KARIN: ("Karin Ström", Role.NURSE, "SE2321000016-K1"),
    AMINA: ("Amina Yusuf", Role.CARER, "se2321000016-a1"),
    TESFAY: ("Tesfay Mehari", Role.CARER, ""),
}


@get("/console/erase", guards=[just_signed_in], exception_handlers={ConsoleError: refused})
async def erase() -> Response[str]:
    """A page before something that cannot be undone."""
    return Response("erase", media_type="text/html")


class Desk:
    """A running endpoint, whose clock can be put forward."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ahead = timedelta()
        self.parts: Parts
        self._clients: list[httpx.Client] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def client(self, **more: Any) -> httpx.Client:
        """Closed by `leave`."""
        self._clients.append(httpx.Client(timeout=20, verify=_NO_TLS, **more))
        return self._clients[-1]

    def leave(self) -> None:
        """Close browsers and phones, and set the clock right."""
        while self._clients:
            self._clients.pop().close()
        self.ahead = timedelta()

    def browser(self) -> "Browser":
        return Browser(self)

    def phone(self) -> Phone:
        """An enrolled phone of the unit."""
        return Phone(self.client(base_url=self.url), enrol_code(self.parts.database, UNIT))

    def roles(self, staff: str, *roles: RoleInUnit) -> None:
        name, _, identity = _PEOPLE[staff]
        self.state(StaffSet(name=name, title="nurse", roles=roles, identity=identity), Ref("staff", staff))

    def state(self, body: Any, aggregate: Ref) -> None:
        asyncio.run(state_all(self.parts.database, self.parts.keys, [Statement(body, aggregate, UNIT)]))


class Browser:
    """One person's browser: cookies, links, forms; redirects one at a time when asked."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.client = desk.client()

    def get(self, url: str) -> httpx.Response:
        """A page, wherever redirects lead."""
        return self._follow(self.client.get(urljoin(self.desk.url, url)))

    def post(self, url: str, data: dict[str, str] | None = None) -> httpx.Response:
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self.client.post(urljoin(self.desk.url, url), data=data or {}, headers=headers)

    def link(self, page: httpx.Response, part: str) -> httpx.Response:
        """Press the link whose address holds `part`."""
        found = re.search(rf'href="([^"]*{re.escape(part)}[^"]*)"', page.text)
        assert found, page.text
        return self.get(unescape(found[1]))

    def log_in(self, page: httpx.Response, who: str) -> httpx.Response:
        """Fill in the provider's form."""
        assert 'name="login"' in page.text, (page.url, page.text[:500])
        return self._follow(self.client.post(page.url, data={"login": who}))

    def console(self, who: str, path: str = "/console/inbox") -> httpx.Response:
        """Open a page of the console, and sign in on the way."""
        return self.log_in(self.get(path), who)

    def back(self, page: httpx.Response, who: str) -> str:
        """The address that the provider sends the browser to with its answer, not opened yet."""
        response = self.client.post(page.url, data={"login": who})
        while response.is_redirect:
            there = urljoin(str(response.url), response.headers["location"])
            if urlsplit(there).path == "/signin/answer":
                return there
            response = self.client.get(there)
        raise AssertionError(response.text)

    def asked(self, url: str) -> dict[str, str]:
        """What the endpoint asks the provider when a page of its sign-in is opened."""
        response = self.client.get(urljoin(self.desk.url, url))
        while not response.headers["location"].startswith("http"):
            response = self.client.get(urljoin(self.desk.url, response.headers["location"]))
        return {
            name: value[0] for name, value in parse_qs(urlsplit(response.headers["location"]).query).items()
        }

    def cookie(self, name: str) -> str | None:
        return next((one.value for one in self.client.cookies.jar if one.name == name), None)

    def _follow(self, response: httpx.Response) -> httpx.Response:
        for _ in range(12):
            if response.is_redirect:
                response = self.client.get(urljoin(str(response.url), response.headers["location"]))
            elif "Submitting Callback" in response.text:
                # Somebody else was signed in at the provider: its page sends itself, to sign them out first.
                form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', response.text))
                action = re.search(r'action="([^"]+)"', response.text)
                assert action
                response = self.client.post(urljoin(str(response.url), unescape(action[1])), data=form)
            else:
                return response
        raise AssertionError(f"redirected in a circle: {response.url}")


@contextmanager
def desk(data: Path, port: int, openid: OpenId, contact: str = "Johan Berg, 08-123 45 67") -> Iterator[Desk]:
    """The endpoint on a port of this machine, signing in with a provider."""
    made = Desk(f"http://127.0.0.1:{port}")
    settings = Settings(data=data, port=port, openid=openid, contact=contact)
    app = create_app(settings, [console, Router("/", route_handlers=[erase])], made.now)
    made.parts = app.state.parts
    app.state.limiter.limits = ()  # a module of tests signs in more often than a person
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    ends = time.monotonic() + _START_S
    while not server.started and time.monotonic() < ends and thread.is_alive():
        time.sleep(0.01)
    try:
        assert server.started
        unit = UnitSet(name="Granen", kind="residential", provider="p", provider_name="Provkommun")
        made.state(unit, Ref("unit", UNIT))
        for id, (_, role, _identity) in _PEOPLE.items():
            made.roles(id, RoleInUnit(role, UNIT, date(2025, 1, 1)))
        yield made
    finally:
        made.leave()
        server.should_exit = True
        thread.join(20)

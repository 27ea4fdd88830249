"""The page that a browser gets before Rapp is there: ours, readable, in touch with its own server only."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Response

from tests.browser.conftest import PATIENCE, App

pytestmark = pytest.mark.browser

ANIMATIONS = "cdn.jsdelivr.net"
"""Flet's client asks here for an animation library that Rapp does not use; the page's policy refuses it."""


@pytest.fixture(scope="module")
def app(serve: Callable[..., App], tmp_path_factory: pytest.TempPathFactory) -> App:
    """A phone that belongs to nobody yet."""
    return serve("main", "--port", "{port}", RAPP_DATA=str(tmp_path_factory.mktemp("new-phone")))


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=request.param, locale="sv-SE"
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_it_starts_in_swedish_on_our_ground_and_is_readable_at_once(app: App, page: Page) -> None:
    page.goto(app.address, wait_until="commit")
    word = page.locator("#boot")
    word.wait_for(state="visible")
    assert word.inner_text() == "Rapp"
    assert page.locator("html").get_attribute("lang") == "sv"
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    ground = word.evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == ("rgb(22, 19, 16)" if dark else "rgb(245, 240, 230)")
    assert word.evaluate("node => node.getAnimations({ subtree: true }).length") == 0

    # Nobody presses the placeholder here: the page does.
    page.locator("flt-semantics[role=button]", has_text="Anslut telefonen").wait_for(state="attached")
    assert page.get_by_role("heading", name="Telefonen är ny").count() == 1
    word.wait_for(state="detached")
    assert page.title() == "Rapp"


def test_it_talks_to_its_own_server_only(app: App, page: Page) -> None:
    answered: list[Response] = []
    refused: list[Request] = []
    faults: list[str] = []
    page.on("response", lambda answer: answered.append(answer))
    page.on("requestfailed", lambda request: refused.append(request))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(app.address)
    page.locator("flt-semantics[role=button]").first.wait_for(state="attached")
    assert {host(answer.url) for answer in answered} == {"127.0.0.1"}
    assert [answer.url for answer in answered if not answer.ok] == []
    assert {host(request.url) for request in refused} <= {ANIMATIONS}
    assert {request.failure for request in refused} <= {"csp"}
    assert not faults


def test_its_icons_are_there(app: App, page: Page) -> None:
    manifest = page.request.get(f"{app.address}/manifest.json").json()
    assert manifest["name"] == "Rapp"
    for path in ("favicon.png", "icons/rapp.svg", *(icon["src"] for icon in manifest["icons"])):
        answer = page.request.get(f"{app.address}/{path}")
        assert answer.ok, path
        assert answer.headers["content-type"].startswith("image/"), path


def host(address: str) -> str:
    parts = urlsplit(address)
    return parts.hostname or "127.0.0.1"  # blob: and data: come from the page itself

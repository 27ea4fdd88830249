"""The sign-in in a real browser, which minds what policies allow: no form of ours ends on another site."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from endpoint.identity.openid_settings import OpenId, Secret
from tests.identity_desk import LOA3, Desk, desk
from tests.provider.process import free_port, provider
from tests.test_identity_openid import SECRET, client_of

pytestmark = pytest.mark.browser


class Seen:
    def __init__(self, desk: Desk, page: Page) -> None:
        self.desk, self.page = desk, page
        self.problems: list[str] = []
        page.on("console", lambda message: self.problems.append(message.text))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    there, here = free_port(), free_port()
    openid = OpenId(
        issuer=f"http://127.0.0.1:{there}",
        client_id="rapp",
        client_secret=Secret(SECRET),
        identity_claim="employeeHsaId",
        acr=(LOA3,),
    )
    client = client_of("rapp", f"http://127.0.0.1:{here}", client_secret=SECRET)
    with provider(there, [client]), desk(tmp_path_factory.mktemp("desk"), here, openid) as made:
        yield made


@pytest.fixture(scope="module")
def chromium(place: Desk) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def seen(place: Desk, chromium: Browser) -> Iterator[Seen]:
    page = chromium.new_page()
    yield Seen(place, page)
    page.close()
    place.leave()


def log_in(page: Page, who: str) -> None:
    page.fill("input[name=login]", who)
    page.press("input[name=login]", "Enter")


def test_in_again_and_out_through_the_provider_with_nothing_blocked(seen: Seen) -> None:
    page, url = seen.page, seen.desk.url
    page.goto(f"{url}/console/inbox")
    log_in(page, "karin")
    page.get_by_text("Karin Ström").filter(visible=True).first.wait_for()
    # The session ends while a page is open; a form is sent from it.
    seen.desk.ahead = timedelta(hours=11)
    page.get_by_role("button", name="Logga ut").wait_for()
    page.evaluate(
        """() => { const form = document.querySelector('form[action="/console/sign-out"]');
                   form.action = '/console/inbox/none/acknowledge'; form.submit(); }"""
    )
    page.get_by_role("link", name="Logga in").click()
    seen.desk.ahead = timedelta()
    page.goto(f"{url}/console/inbox")
    page.get_by_text("Karin Ström").filter(visible=True).first.wait_for()
    page.get_by_role("button", name="Logga ut").click()
    page.wait_for_url("**/session/end?*")
    assert not [one for one in seen.problems if "Content Security Policy" in one]


def test_a_phones_sign_in_shows_the_number_and_ends_with_the_name(seen: Seen) -> None:
    phone = seen.desk.phone()
    started = phone.start_sign_in()
    page = seen.page
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(started.url)
    assert page.get_by_text(started.number, exact=True).is_visible()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    page.get_by_role("link", name="Numret stämmer, logga in").click()
    log_in(page, "amina")
    page.get_by_role("heading", name="Du är inloggad som Amina Yusuf").wait_for()
    assert phone.sign_in_state(started.id).state == "done"

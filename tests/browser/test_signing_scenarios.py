"""Signing in a real browser: the scripts in which a delegation, a limit, a count or a colleague stands in the
way. The phones are a ward's, and the clock stands where the script puts it."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import PATIENCE, App, Phone, ordinary
from tests.ward import PIN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
def ward(serve: Callable[..., App], tmp_path_factory: pytest.TempPathFactory) -> App:
    return serve("tests.browser.signing_ward", "{port}", str(tmp_path_factory.mktemp("ward")))


@pytest.fixture(scope="module")
def context(ward: App, browser: Browser) -> Iterator[BrowserContext]:
    with ordinary(browser) as made:
        yield made


@pytest.fixture(scope="module")
def open_phone(
    ward: App, context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Phone]]:
    """A phone's page, opened anew each time that it is asked for."""
    opened: dict[str, Phone] = {}

    def open_page(name: str) -> Phone:
        if name in opened:
            opened.pop(name).page.close()
        opened[name] = Phone(context.new_page(), f"{ward.address}/{name}")
        opened[name].page.wait_for_timeout(600)  # what is pressed within moments of a new page, nobody meant
        return opened[name]

    yield open_page
    if request.session.testsfailed:
        for name, one in opened.items():
            one.picture(f"failed-signing-{name}")


@pytest.fixture(scope="module")
def do(ward: App, context: BrowserContext) -> Callable[[str], None]:
    """Something that happens beside the phones: the clock is set, everything is delivered."""
    beside, done = Phone(context.new_page(), f"{ward.address}/beside"), count(1)

    def happen(what: str) -> None:
        front = [page for page in context.pages if page.evaluate("document.visibilityState") == "visible"]
        beside.page.bring_to_front()
        beside.press(what, exact=True)
        beside.says(f"Klart {next(done)}")
        front[-1].bring_to_front()

    return happen


def chosen(phone: Phone, answer: str) -> None:
    """A report is begun, with this answer in it."""
    expect(phone.choice(answer)).to_have_attribute("aria-checked", "true", timeout=PATIENCE)


def test_signed_at_ten_to_midnight_and_synced_today_is_in_order(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("2026-03-13T23:50")
    lena = open_phone("lena")
    lena.press("Dospåse natt")
    lena.says("Du har delegering")
    lena.tap("given")
    lena.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("2026-03-14T08:00")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Dospåse natt")
    karin.says("Lena Bäcklund, i går 23:50")
    assert karin.page.get_by_text("Utförd utan giltig delegering").count() == 0
    # And what she did then and tells only now: the time it was done counts.
    lena = open_phone("lena")
    lena.press("Salva natt")
    lena.says("tog slut i går")
    lena.tap("already")
    lena.press("som planerat")
    lena.tap("save-already")
    lena.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("deliver")
    karin = open_phone("karin")
    karin.press("Salva natt")
    karin.says("Efterregistrerad")


def test_expired_yesterday_it_says_why_and_who_and_records_what_was_done(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("2026-03-14T08:00")
    lena = open_phone("lena")
    lena.press("Dospåse morgon")
    lena.says("tog slut i går")
    lena.says("Amina Yusuf")
    assert lena.by_id("given").count() == 0
    lena.tap("already")
    lena.press("Nyss")
    lena.tap("save-already")
    chosen(lena, "Utan giltig delegering")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Dospåse morgon")
    karin.says("Utförd utan giltig delegering")


def test_at_the_most_of_a_day_it_waits_and_at_nine_it_is_given(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("2026-03-14T08:30")
    amina = open_phone("amina")
    amina.tap("as-needed")
    amina.says("Alvedon 500 mg")  # she stands on Idag too
    amina.press("Vera Holmgren")
    amina.says("Maxdosen är nådd")
    amina.says("Nästa möjliga 09:00")
    assert amina.by_id("given").count() == 0
    amina.picture("signing-most")
    do("2026-03-14T09:00")
    amina = open_phone("amina")
    amina.tap("as-needed")
    amina.says("Alvedon 500 mg")  # she stands on Idag too
    amina.press("Vera Holmgren")
    amina.tap("given")
    amina.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("2026-03-14T10:00")
    amina = open_phone("amina")
    amina.says("Hjälpte det?")


def test_a_count_that_differs_is_signed_by_two_and_the_balance_stays(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    amina = open_phone("amina")
    amina.press("Amina")
    amina.tap("ledgers")
    amina.press("Bror Lindqvist")
    amina.tap("count")
    for _ in range(2):
        amina.says("Hur många finns det?")
        amina.keys("16")
        amina.tap("key-main")
    amina.says("Vem är med?")
    amina.press("Lena Bäcklund")
    amina.keys(PIN)
    amina.tap("key-main")
    chosen(amina, "Narkotika stämmer inte")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Karin")
    karin.tap("ledgers")
    karin.press("Bror Lindqvist")
    karin.says("Räknat 16, saldo 18")
    karin.picture("signing-differs")


def test_one_dose_signed_on_two_phones_without_network_is_told_on_both(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("2026-03-14T08:20")
    for name in ("amina", "lena"):
        phone = open_phone(name)
        phone.press("Ögondroppar")
        phone.tap("given")
        phone.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("deliver")
    for name in ("amina", "lena", "karin"):
        open_phone(name).says("Signerat två gånger")

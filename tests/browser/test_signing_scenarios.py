"""Signing in a real browser: the scripts in which a delegation, a limit, a count or a colleague stands in the
way. The phones are a ward's, and the clock stands where the script puts it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, App, Phone
from tests.ward import PIN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
def ward(serve: Callable[..., App], tmp_path_factory: pytest.TempPathFactory) -> App:
    return serve("tests.browser.signing_ward", "{port}", str(tmp_path_factory.mktemp("ward")))


@pytest.fixture
def open_phone(ward: App, phone: Callable[..., Phone]) -> Callable[[str], Phone]:
    return lambda name: phone(f"{ward.address}/{name}")


@pytest.fixture
def do(ward: App, phone: Callable[..., Phone]) -> Callable[[str], None]:
    """Something that happens beside the phones: the clock is set, everything is delivered."""

    def done(what: str) -> None:
        phone(f"{ward.address}/{what}").button("Klart").wait_for(state="attached", timeout=PATIENCE)

    return done


def tap(phone: Phone, identifier: str) -> None:
    spot = phone.by_id(identifier).first
    spot.wait_for(state="attached", timeout=PATIENCE)
    spot.click()


def chosen(phone: Phone, answer: str) -> None:
    """A report is begun, with this answer in it."""
    expect(phone.choice(answer)).to_have_attribute("aria-checked", "true", timeout=PATIENCE)


def test_signed_at_ten_to_midnight_and_synced_today_is_in_order(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("clock/2026-03-13T23:50")
    lena = open_phone("lena")
    lena.press("Dospåse natt")
    lena.says("Du har delegering")
    tap(lena, "given")
    lena.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("clock/2026-03-14T08:00")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Dospåse natt")
    karin.says("Lena Bäcklund, i går 23:50")
    assert karin.page.get_by_text("Utförd utan giltig delegering").count() == 0
    # And what she did then and tells only now: the time it was done counts.
    lena = open_phone("lena")
    lena.press("Salva natt")
    lena.says("tog slut i går")
    tap(lena, "already")
    lena.press("som planerat")
    tap(lena, "save-already")
    lena.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("deliver")
    karin = open_phone("karin")
    karin.press("Salva natt")
    karin.says("Efterregistrerad")


def test_expired_yesterday_it_says_why_and_who_and_records_what_was_done(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("clock/2026-03-14T08:00")
    lena = open_phone("lena")
    lena.press("Dospåse morgon")
    lena.says("tog slut i går")
    lena.says("Amina Yusuf")
    assert lena.by_id("given").count() == 0
    tap(lena, "already")
    lena.press("Nyss")
    tap(lena, "save-already")
    chosen(lena, "Utan giltig delegering")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Dospåse morgon")
    karin.says("Utförd utan giltig delegering")


def test_at_the_most_of_a_day_it_waits_and_at_nine_it_is_given(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("clock/2026-03-14T08:30")
    amina = open_phone("amina")
    tap(amina, "as-needed")
    amina.page.wait_for_timeout(600)  # a second press within moments is one that nobody meant
    amina.press("Vera Holmgren")
    amina.says("Maxdosen är nådd")
    amina.says("Nästa möjliga 09:00")
    assert amina.by_id("given").count() == 0
    amina.picture("signing-most")
    do("clock/2026-03-14T09:00")
    amina = open_phone("amina")
    tap(amina, "as-needed")
    amina.page.wait_for_timeout(600)  # a second press within moments is one that nobody meant
    amina.press("Vera Holmgren")
    tap(amina, "given")
    amina.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("clock/2026-03-14T10:00")
    amina = open_phone("amina")
    amina.says("Hjälpte det?")


def test_a_count_that_differs_is_signed_by_two_and_the_balance_stays(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    amina = open_phone("amina")
    amina.press("Amina")
    tap(amina, "ledgers")
    amina.press("Bror Lindqvist")
    tap(amina, "count")
    for _ in range(2):
        amina.says("Hur många finns det?")
        amina.keys("16")
        tap(amina, "key-main")
        amina.page.wait_for_timeout(500)
    amina.says("Vem är med?")
    amina.press("Lena Bäcklund")
    amina.keys(PIN)
    tap(amina, "key-main")
    chosen(amina, "Narkotika stämmer inte")
    do("deliver")
    karin = open_phone("karin")
    karin.press("Karin")
    tap(karin, "ledgers")
    karin.press("Bror Lindqvist")
    karin.says("Räknat 16, saldo 18")
    karin.picture("signing-differs")


def test_one_dose_signed_on_two_phones_without_network_is_told_on_both(
    open_phone: Callable[[str], Phone], do: Callable[[str], None]
) -> None:
    do("clock/2026-03-14T08:20")
    for name in ("amina", "lena"):
        phone = open_phone(name)
        phone.press("Ögondroppar")
        tap(phone, "given")
        phone.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    do("deliver")
    for name in ("amina", "lena", "karin"):
        open_phone(name).says("Signerat två gånger")

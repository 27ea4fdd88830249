"""Signing in with a certified OpenID Connect provider, which runs as a process of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from care.rights import Role
from care.staff import RoleInUnit
from endpoint.identity.openid_settings import OpenId, Secret
from endpoint.schema import console_sessions
from tests.endpoint_phone import Refusal
from tests.identity_desk import LOA3, Browser, Desk, desk
from tests.provider.process import Provider, free_port, provider
from tests.statements import AMINA, KARIN, UNIT

SECRET = "a secret with signs: + / & % :"


class Town:
    def __init__(self, desk: Desk, provider: Provider, second: int) -> None:
        self.desk, self.provider = desk, provider
        self.second = second
        """The port of another endpoint, which shows who it is with a key."""


def client_of(id: str, url: str, **more: Any) -> dict[str, Any]:
    return {
        "client_id": id,
        "redirect_uris": [f"{url}/signin/answer"],
        "post_logout_redirect_uris": [f"{url}/console/signed-out"],
        "backchannel_logout_uri": f"{url}/signin/ended",
        "backchannel_logout_session_required": True,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        **more,
    }


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    there, here, second = free_port(), free_port(), free_port()
    openid = OpenId(
        issuer=f"http://127.0.0.1:{there}",
        client_id="rapp",
        client_secret=Secret(SECRET),
        identity_claim="employeeHsaId",
        acr=(LOA3,),
    )
    client = client_of("rapp", f"http://127.0.0.1:{here}", client_secret=SECRET)
    url = f"http://127.0.0.1:{second}"
    with_key = client_of(
        "rapp-with-key",
        url,
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="ES256",
        jwks_uri=f"{url}/signin/keys",
    )
    with (
        provider(there, [client, with_key]) as running,
        desk(tmp_path_factory.mktemp("desk"), here, openid) as made,
    ):
        yield Town(made, running, second)


@pytest.fixture
def here(town: Town) -> Iterator[Town]:
    yield town
    town.desk.leave()
    town.provider.open("karin")


def sessions(here: Town) -> list[Any]:
    return here.desk.parts.database.read_now(lambda c: list(c.execute(select(console_sessions)).all()))


def inbox(browser: Browser) -> bool:
    """Whether the console lets this browser in."""
    answer = browser.client.get(f"{browser.desk.url}/console/inbox")
    return answer.status_code == 200


def test_the_console_is_opened_by_the_provider_and_at_the_page_that_was_asked_for(here: Town) -> None:
    browser = here.desk.browser()
    page = browser.console("karin", "/console/deviations")
    assert (page.status_code, page.url.path) == (200, "/console/deviations")
    assert "Karin Ström" in page.text


def test_what_is_asked_of_the_provider_is_all_that_the_flow_needs(here: Town) -> None:
    asked = here.desk.browser().asked("/console/inbox")
    assert asked["response_type"] == "code"
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    assert asked["acr_values"] == LOA3
    assert '"employeeHsaId":{"essential":true}' in asked["claims"]
    assert "prompt" not in asked
    other = here.desk.browser().asked("/console/inbox")
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & {*other.values()}


def test_a_phone_starts_the_sign_in_polls_and_gets_its_key_certified(here: Town) -> None:
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    assert phone.sign_in_state(started.id).state == "waiting"
    first = browser.get(started.url)
    assert started.number in first.text
    assert "Telefon 3" in first.text
    done = browser.log_in(browser.link(first, "/on"), "amina")
    assert "Du är inloggad som Amina Yusuf" in done.text
    state = phone.sign_in_state(started.id)
    assert (state.state, state.staff, state.name) == ("done", AMINA, "Amina Yusuf")
    phone.certify(started.id, AMINA)
    assert phone.token(AMINA)
    # Nobody was signed in to the console on the way.
    assert not inbox(browser)


def test_the_last_persons_browser_does_not_sign_the_next_one_in_on_a_phone(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    started = here.desk.phone().start_sign_in()
    asked = browser.asked(f"{started.url}/on")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    page = browser.get(f"{started.url}/on")
    assert 'name="login"' in page.text
    assert "Amina" in browser.log_in(page, "amina").text


def test_the_number_does_not_match_and_nobody_is_signed_in(here: Town) -> None:
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    assert "Ingen har loggats in" in browser.post(f"{started.url}/not-mine").text
    assert phone.sign_in_state(started.id).state == "refused"
    assert browser.get(f"{started.url}/on").status_code == 410


@pytest.mark.parametrize("site", ["none", "cross-site", "same-site"])
def test_a_link_that_somebody_sends_leads_to_the_number_and_not_past_it(here: Town, site: str) -> None:
    started, browser = here.desk.phone().start_sign_in(), here.desk.browser()
    sent = browser.client.get(f"{started.url}/on", headers={"Sec-Fetch-Site": site})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/signin/phone/{started.id}")
    pressed = browser.client.get(f"{started.url}/on", headers={"Sec-Fetch-Site": "same-origin"})
    assert pressed.headers["location"].startswith(here.provider.issuer)


def test_turning_back_at_the_provider_signs_nobody_in(here: Town) -> None:
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    page = browser.log_in(browser.get(f"{started.url}/on"), "nobody at all")
    assert (page.status_code, "Inloggningen avbröts" in page.text) == (403, True)
    assert phone.sign_in_state(started.id).state == "refused"


def test_a_sign_in_of_a_phone_serves_once(here: Town) -> None:
    phone = here.desk.phone()
    started = phone.start_sign_in()
    first, second = here.desk.browser(), here.desk.browser()
    waiting = second.get(f"{started.url}/on")
    first.log_in(first.get(f"{started.url}/on"), "amina")
    late = second.log_in(waiting, "karin")
    assert "gäller inte längre" in late.text
    assert phone.sign_in_state(started.id).staff == AMINA


def test_somebody_unknown_is_told_whom_to_ask_and_gets_no_session(here: Town) -> None:
    before, browser = len(sessions(here)), here.desk.browser()
    page = browser.console("stranger")
    assert page.status_code == 403
    assert "Du finns inte i Rapp än" in page.text
    assert "Johan Berg, 08-123 45 67" in page.text
    assert "SE2321000016-X1" in page.text
    # Trying again asks anew: otherwise the provider would give the same person at once.
    assert 'name="login"' in browser.link(page, "/console/sign-in").text
    assert len(sessions(here)) == before
    phone = here.desk.phone()
    started = phone.start_sign_in()
    assert "Du finns inte i Rapp än" in browser.log_in(browser.get(f"{started.url}/on"), "stranger").text
    assert phone.sign_in_state(started.id).state == "refused"


def test_a_level_of_assurance_that_is_too_low_is_not_enough(here: Town) -> None:
    page = here.desk.browser().console("weak")
    assert (page.status_code, "Det behövs en säkrare inloggning" in page.text) == (403, True)


def test_who_has_left_comes_in_nowhere_though_the_provider_still_knows_them(here: Town) -> None:
    inside = here.desk.browser()
    inside.console("karin")
    here.desk.roles(KARIN, RoleInUnit(Role.NURSE, UNIT, date(2025, 1, 1), date(2025, 2, 1)))
    try:
        assert not inbox(inside)
        page = here.desk.browser().console("karin")
        assert "Du har ingen roll här i dag" in page.text
        phone, browser = here.desk.phone(), here.desk.browser()
        started = phone.start_sign_in()
        assert "ingen roll här" in browser.log_in(browser.get(f"{started.url}/on"), "karin").text
    finally:
        here.desk.roles(KARIN, RoleInUnit(Role.NURSE, UNIT, date(2025, 1, 1)))


def test_what_cannot_be_undone_sends_the_reader_to_the_provider_and_back(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    assert browser.get("/console/erase").text == "erase"
    here.desk.ahead = timedelta(minutes=11)
    asked = browser.asked("/console/erase")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    here.desk.ahead = timedelta()
    before = browser.cookie("rapp_console")
    again = browser.get("/console/sign-in?back=/console/erase&again=true")
    # The provider remembers her, and asks all the same.
    page = browser.log_in(again, "karin")
    assert (page.text, page.url.path) == ("erase", "/console/erase")
    assert browser.cookie("rapp_console") not in (None, before)


def test_an_old_sign_in_at_the_provider_is_old_here_too(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    browser.client.cookies.delete("rapp_console")
    # Signed in by what the provider remembers, without a form: the time is that of the form.
    first = sessions(here)
    assert browser.get("/console/inbox").url.path == "/console/inbox"
    fresh = next(row for row in sessions(here) if row not in first)
    assert fresh.signed_in.microsecond == 0
    assert fresh.signed_in <= fresh.seen
    assert fresh.provider_session == first[-1].provider_session


def test_a_session_is_renewed_and_its_tokens_stay_encrypted(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    before = sessions(here)[-1]
    assert b"eyJ" not in before.kept
    here.desk.ahead = timedelta(minutes=9)
    assert inbox(browser)
    assert sessions(here)[-1].kept == before.kept
    here.desk.ahead = timedelta(minutes=11)
    assert inbox(browser)
    after = sessions(here)[-1]
    assert after.kept != before.kept
    assert after.checked > before.checked
    assert after.signed_in == before.signed_in


def test_an_account_that_is_closed_at_the_provider_ends_the_session_at_the_next_renewal(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    held = len(sessions(here))
    here.provider.close("karin")
    assert inbox(browser)
    here.desk.ahead = timedelta(minutes=11)
    assert not inbox(browser)
    assert len(sessions(here)) == held - 1


def test_signing_out_ends_our_session_and_the_providers(here: Town) -> None:
    browser = here.desk.browser()
    browser.console("karin")
    page = browser.post("/console/sign-out")
    assert not inbox(browser)
    assert 'http-equiv="refresh"' in page.text
    form = browser.link(page, "/session/end")
    done = browser.client.post(
        f"{here.provider.issuer}/session/end/confirm",
        data={"xsrf": form.text.split('name="xsrf" value="')[1].split('"')[0], "logout": "yes"},
    )
    there = browser._follow(done)
    assert there.url.path == "/console/signed-out"
    # The provider has forgotten her: it shows its form.
    assert 'name="login"' in browser.get("/console/inbox").text


def test_a_sign_out_at_the_provider_ends_the_sessions_of_that_browser_and_no_others(here: Town) -> None:
    leaving, staying = here.desk.browser(), here.desk.browser()
    leaving.console("karin")
    staying.console("karin")
    form = leaving.client.get(f"{here.provider.issuer}/session/end")
    leaving.client.post(
        f"{here.provider.issuer}/session/end/confirm",
        data={"xsrf": form.text.split('name="xsrf" value="')[1].split('"')[0], "logout": "yes"},
    )
    assert not inbox(leaving)
    assert inbox(staying)


def test_an_answer_serves_once_and_only_the_browser_that_asked(here: Town) -> None:
    browser, other = here.desk.browser(), here.desk.browser()
    back = browser.back(browser.get("/console/inbox"), "karin")
    stolen = other.get(back)
    assert (stolen.status_code, "gäller inte längre" in stolen.text) == (400, True)
    assert browser.get(back).url.path == "/console/inbox"
    replayed = browser.client.get(back)
    assert (replayed.status_code, "set-cookie" in replayed.headers) == (400, False)


def test_two_answers_at_once_are_one_sign_in(here: Town) -> None:
    browser, held = here.desk.browser(), len(sessions(here))
    back = browser.back(browser.get("/console/inbox"), "karin")
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda _: browser.client.get(back).status_code, range(4)))
    assert statuses == [303, 400, 400, 400]
    assert len(sessions(here)) == held + 1


def test_a_code_without_its_verifier_is_worth_nothing(here: Town) -> None:
    browser = here.desk.browser()
    first = browser.get("/console/inbox")
    code = browser.back(first, "karin").split("code=")[1].split("&")[0]
    # The code of one sign-in put into another: other verifier, other nonce.
    victim = here.desk.browser()
    back = victim.back(victim.get("/console/inbox"), "amina")
    mixed = back.replace(back.split("code=")[1].split("&")[0], code)
    page = victim.get(mixed)
    assert page.status_code == 403
    assert not inbox(victim)


def test_an_answer_that_names_another_provider_is_refused(here: Town) -> None:
    browser = here.desk.browser()
    back = browser.back(browser.get("/console/inbox"), "karin")
    own = back.split("iss=")[1].split("&")[0]
    assert browser.get(back.replace(own, "https%3A%2F%2Fother.example")).status_code == 400
    browser = here.desk.browser()
    back = browser.back(browser.get("/console/inbox"), "karin")
    assert browser.get(back.replace(f"iss={own}", "")).status_code == 400
    assert not inbox(browser)


def test_a_sign_in_that_took_too_long_begins_again(here: Town) -> None:
    browser = here.desk.browser()
    back = browser.back(browser.get("/console/inbox"), "karin")
    here.desk.ahead = timedelta(minutes=11)
    assert browser.get(back).status_code == 400


def test_a_phone_cannot_be_certified_for_somebody_else(here: Town) -> None:
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    browser.log_in(browser.get(f"{started.url}/on"), "amina")
    with pytest.raises(Refusal):
        phone.certify(started.id, KARIN)


def test_a_client_may_show_who_it_is_with_a_key_of_its_own(here: Town, tmp_path: Path) -> None:
    path, key = tmp_path / "client.pem", ECKey.generate_key("P-256", private=True)
    path.write_bytes(key.as_pem(private=True))
    path.chmod(0o600)
    openid = OpenId(
        issuer=here.provider.issuer,
        client_id="rapp-with-key",
        private_key_file=path,
        identity_claim="employeeHsaId",
        acr=(LOA3,),
    )
    with desk(tmp_path / "desk", here.second, openid) as made:
        browser = made.browser()
        assert browser.console("karin").url.path == "/console/inbox"
        shown = browser.client.get(f"{made.url}/signin/keys").json()["keys"]
        assert [sorted(one) for one in shown] == [["crv", "kid", "kty", "use", "x", "y"]]

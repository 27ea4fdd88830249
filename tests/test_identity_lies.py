"""What a provider says is believed only when all of it holds: a provider that lies, over real HTTP."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from endpoint.identity.openid import OpenIdProvider
from endpoint.identity.openid_settings import OpenId, Secret
from endpoint.schema import console_sessions
from tests.identity_desk import LOA3, Browser, Desk, desk
from tests.lying_provider import Liar, lying_provider
from tests.provider.process import free_port

CONSOLE = "/signin/console"
_HOUR = 3600


class Town:
    def __init__(self, desk: Desk, liar: Liar) -> None:
        self.desk, self.liar = desk, liar

    @property
    def openid(self) -> OpenIdProvider:
        assert isinstance(self.desk.parts.provider, OpenIdProvider)
        return self.desk.parts.provider

    def sessions(self) -> int:
        return len(self.desk.parts.database.read_now(lambda c: c.execute(select(console_sessions)).all()))

    def try_console(self, path: str = CONSOLE) -> tuple[httpx.Response, bool]:
        """Sign in to the console: the last page, and whether the browser is in."""
        browser = self.desk.browser()
        page = browser.get(path)
        return page, inside(browser)


def inside(browser: Browser) -> bool:
    return browser.client.get(f"{browser.desk.url}/console/inbox").status_code == 200


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    there, port = free_port(), free_port()
    openid = OpenId(
        issuer=f"http://127.0.0.1:{there}",
        client_id="rapp",
        client_secret=Secret("secret"),
        identity_claim="employeeHsaId",
        acr=(LOA3,),
        amr=("pop", "swk"),
        required=("groups=rapp", "sid"),
    )
    with lying_provider(there) as liar, desk(tmp_path_factory.mktemp("desk"), port, openid) as made:
        yield Town(made, liar)


@pytest.fixture
def here(town: Town) -> Iterator[Town]:
    town.liar.fresh()
    town.openid.flow.known.forget()
    yield town
    town.desk.leave()


def now(ahead: int = 0) -> int:
    return int(time.time()) + ahead


def says(**claims: Any) -> Callable[[Liar], None]:
    """An ID token with these claims; None leaves one out."""

    def lie(liar: Liar) -> None:
        liar.claims = lambda said: said.update(claims)

    return lie


def signs(how: Callable[[Liar], Callable[[dict[str, Any]], str]]) -> Callable[[Liar], None]:
    def lie(liar: Liar) -> None:
        liar.sign = how(liar)

    return lie


def answers(**given: Any) -> Callable[[Liar], None]:
    def lie(liar: Liar) -> None:
        liar.answer = lambda said: said.update(given)

    return lie


def describes(**given: Any) -> Callable[[Liar], None]:
    def lie(liar: Liar) -> None:
        liar.metadata = lambda said: said.update(given)

    return lie


def _tampered(liar: Liar) -> Callable[[dict[str, Any]], str]:
    def sign(claims: dict[str, Any]) -> str:
        header, _, signature = liar.signed(claims).split(".")
        changed = liar.unsigned(claims | {"employeeHsaId": "SE2321000016-A1"}).split(".")[1]
        return f"{header}.{changed}.{signature}"

    return sign


def _encryption_key(liar: Liar) -> None:
    liar.shown[0]["use"] = "enc"


def _secret_key_shown(liar: Liar) -> None:
    liar.shown = [{"kty": "oct", "k": "c2VjcmV0", "kid": liar.key.kid, "alg": "HS256"}]


def _other_key(liar: Liar) -> Callable[[dict[str, Any]], str]:
    other = ECKey.generate_key("P-256", {"kid": liar.key.kid}, private=True)
    return lambda claims: liar.signed(claims, other)


LIES = {
    "wrong issuer": says(iss="https://other.example"),
    "an issuer that only begins the same": says(iss="http://127.0.0.1"),
    "no issuer": says(iss=None),
    "wrong audience": says(aud="somebody-else"),
    "no audience": says(aud=None),
    "several audiences without azp": says(aud=["rapp", "other"]),
    "azp of another client": says(aud=["rapp", "other"], azp="other"),
    "azp of another client, one audience": says(azp="other"),
    "wrong nonce": says(nonce="another"),
    "no nonce": says(nonce=None),
    "a nonce that is no text": says(nonce=["x"]),
    "expired": says(exp=now(-60)),
    "no expiry": says(exp=None),
    "an expiry that is no time": says(exp="tomorrow"),
    "an expiry beyond time": says(exp=1e30),
    "issued ahead of now": says(iat=now(_HOUR)),
    "issued before it was asked for": says(iat=now(-_HOUR)),
    "not valid yet": says(nbf=now(_HOUR)),
    "no subject": says(sub=None),
    "an endless subject": says(sub="x" * 256),
    "alg none": signs(lambda liar: liar.unsigned),
    "HS256 under the public key": signs(lambda liar: liar.with_public_key_as_secret),
    "unknown kid": signs(lambda liar: lambda claims: liar.signed(claims, kid="unknown")),
    "no kid, of several keys that fit": lambda liar: (
        liar.shown.append(ECKey.generate_key("P-256", {"kid": "2"}).as_dict(private=False)),
        signs(lambda it: lambda claims: it.signed(claims, kid=None))(liar),
    )[1],
    "another key under the same kid": signs(_other_key),
    "changed after it was signed": signs(_tampered),
    "a key for encryption": _encryption_key,
    "a secret among the keys": _secret_key_shown,
    "no token at all": signs(lambda _liar: lambda _claims: "not a token"),
    "an empty token": signs(lambda _liar: lambda _claims: ""),
    "an access token of another": says(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no acr": says(acr=None),
    "too low an acr": says(acr="http://id.sambi.se/loa/loa2"),
    "an acr that is a list": says(acr=[LOA3]),
    "no amr": says(amr=None),
    "another amr": says(amr=["pwd"]),
    "no auth_time": says(auth_time=None),
    "auth_time ahead of now": says(auth_time=now(_HOUR)),
    "a sign-in older than was asked for": says(auth_time=now(-11 * _HOUR)),
    "no identity": says(employeeHsaId=None),
    "two identities": says(employeeHsaId=["SE2321000016-K1", "SE2321000016-A1"]),
    "an identity of nobody": says(employeeHsaId="SE2321000016-ZZ"),
    "an empty identity": says(employeeHsaId=" "),
    "without the required group": says(groups=["other"]),
    "without a required claim": says(sid=None),
    "wrong iss in the answer": answers(iss="https://other.example"),
    "no iss in the answer": answers(iss=None),
    "wrong state": answers(state="another"),
    "no state": answers(state=None),
    "no code": answers(code=None),
    "a code that was not given": answers(code="made-up"),
    "an error": answers(error="login_required"),
    "a provider by another name": describes(issuer="https://other.example"),
    "PKCE without S256": describes(code_challenge_methods_supported=["plain"]),
    "no authorization code flow": describes(response_types_supported=["id_token"]),
    "keys without https": describes(jwks_uri="http://keys.example/jwks"),
    "an address that is no web address": describes(token_endpoint="file:///etc/passwd"),
    "metadata that cannot be read": describes(token_endpoint=7),
}

REASONS = {
    "wrong issuer": "issued by 'https://other",
    "an issuer that only begins the same": "issued by 'http://127.0.0.1'",
    "no issuer": "issued by None",
    "wrong audience": "meant for ['somebody-else']",
    "no audience": "meant for [None]",
    "several audiences without azp": "azp: None",
    "azp of another client": "azp: 'other'",
    "azp of another client, one audience": "azp: 'other'",
    "wrong nonce": "nonce:",
    "no nonce": "nonce:",
    "a nonce that is no text": "nonce:",
    "expired": "expired",
    "no expiry": "exp is missing",
    "an expiry that is no time": "exp is missing",
    "an expiry beyond time": "exp is missing",
    "issued ahead of now": "issued ahead",
    "issued before it was asked for": "issued before",
    "not valid yet": "not hold yet",
    "no subject": "sub is missing",
    "an endless subject": "sub is missing",
    "alg none": "algorithm 'none'",
    "HS256 under the public key": "algorithm 'HS256'",
    "unknown kid": "does not show: 'unknown'",
    "no kid, of several keys that fit": "does not show: None",
    "another key under the same kid": "signature does not hold",
    "changed after it was signed": "signature does not hold",
    "a key for encryption": "does not show",
    "a secret among the keys": "does not show",
    "no token at all": "not a signed token",
    "an empty token": "no ID token",
    "an access token of another": "at_hash",
    "no acr": "acr is None",
    "too low an acr": "acr is 'http://id.sambi.se/loa/loa2'",
    "an acr that is a list": "acr is [",
    "no amr": "amr is None",
    "another amr": "amr is ['pwd']",
    "no auth_time": "auth_time is missing",
    "auth_time ahead of now": "auth_time is ahead",
    "a sign-in older than was asked for": "older sign-in",
    "no identity": "claim employeeHsaId",
    "two identities": "claim employeeHsaId",
    "an identity of nobody": "no member of staff",
    "an empty identity": "claim employeeHsaId",
    "without the required group": "claim groups=rapp",
    "without a required claim": "claim sid",
    "wrong iss in the answer": "answer is from",
    "no iss in the answer": "iss is missing",
    "wrong state": "was not sent",
    "no state": "was not sent",
    "no code": "neither a code",
    "a code that was not given": "invalid_grant",
    "an error": "login_required",
    "a provider by another name": "calls itself",
    "PKCE without S256": "PKCE with S256",
    "no authorization code flow": "code flow",
    "keys without https": "not https: http://keys",
    "an address that is no web address": "not https: file",
    "metadata that cannot be read": "cannot be read",
}
"""Why each is refused, in the log: for what is wrong, and not for something else."""


def test_the_liar_is_believed_when_it_does_not_lie(here: Town) -> None:
    page, came_in = here.try_console()
    assert (page.url.path, came_in) == ("/console/inbox", True)
    here.liar.sign = lambda claims: here.liar.signed(claims, here.liar.rsa)
    assert here.try_console()[1]
    here.liar.claims = lambda said: said.update(aud=["rapp", "other"], azp="rapp", at_hash=None)
    assert here.try_console()[1]


@pytest.mark.parametrize("name", LIES)
def test_a_lie_signs_nobody_in(here: Town, name: str, caplog: pytest.LogCaptureFixture) -> None:
    LIES[name](here.liar)
    before = here.sessions()
    page, came_in = here.try_console()
    assert page.status_code in (400, 403, 503)
    assert not came_in
    assert here.sessions() == before
    assert "eyJ" not in page.text
    assert "Traceback" not in page.text
    (told,) = [record.getMessage() for record in caplog.records if record.name == "rapp.signin"]
    assert REASONS[name] in told


def test_an_old_sign_in_is_not_enough_on_a_phone_nor_for_what_cannot_be_undone(here: Town) -> None:
    # The provider ignores prompt=login: the last person's sign-in, two minutes ago.
    here.liar.claims = lambda said: said.update(auth_time=now(-120))
    assert here.try_console()[1]
    page, came_in = here.try_console(f"{CONSOLE}?again=true")
    assert (page.status_code, came_in) == (403, False)
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    assert browser.get(f"{started.url}/on").status_code == 403
    assert phone.sign_in_state(started.id).state == "refused"


def test_a_clock_that_is_a_little_off_is_allowed_for_and_no_more(here: Town) -> None:
    for off, fine in ((8, True), (-8, True), (60, False)):
        here.liar.claims = lambda said, off=off: said.update(  # type: ignore[misc]
            iat=now(off), auth_time=now(off)
        )
        assert here.try_console(f"{CONSOLE}?again=true")[1] is fine, off


def test_new_keys_of_the_provider_are_found_without_telling_us(here: Town) -> None:
    assert here.try_console()[1]
    assert here.try_console()[1]
    assert here.liar.asked.count("/jwks") == 1
    old = here.liar.shown
    here.liar.key = ECKey.generate_key("P-256", {"kid": "new"}, private=True)
    here.liar.shown = [here.liar.key.as_dict(private=False)]
    assert here.try_console()[1]
    assert here.liar.asked.count("/jwks") == 2
    # And a token under the key that was taken away is worth nothing.
    here.liar.sign = lambda claims: here.liar.signed(claims, kid=old[0]["kid"])
    assert not here.try_console()[1]
    # Nobody makes us ask for keys all the time.
    assert here.liar.asked.count("/jwks") == 2


def test_a_link_that_leads_elsewhere_ends_at_the_console(here: Town) -> None:
    for back in ("//elsewhere.example", "https://elsewhere.example", "/%5Celsewhere.example", "/a%0Ab"):
        page, came_in = here.try_console(f"{CONSOLE}?back={back}")
        assert (page.url.host, came_in) == ("127.0.0.1", True)
        assert page.url.path == "/console/inbox", back


@pytest.mark.parametrize("status", [302, 500, 503])
def test_a_provider_that_is_down_says_so_and_lets_one_try_again(here: Town, status: int) -> None:
    here.liar.token_status, here.liar.token_headers = status, {"Location": f"{here.liar.issuer}/elsewhere"}
    phone, browser = here.desk.phone(), here.desk.browser()
    started = phone.start_sign_in()
    page = browser.get(f"{started.url}/on")
    assert (page.status_code, "Inloggningstjänsten svarar inte" in page.text) == (503, True)
    assert "/elsewhere" not in here.liar.asked
    assert phone.sign_in_state(started.id).state == "waiting"
    here.liar.fresh()
    here.openid.flow.known.forget()
    browser.link(browser.link(page, "/signin/phone/"), "/on")
    assert phone.sign_in_state(started.id).state == "done"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"id_token": 7}', b" " * 600_000])
def test_an_answer_that_cannot_be_read_signs_nobody_in(here: Town, body: bytes) -> None:
    here.liar.token_body = body
    page, came_in = here.try_console()
    assert (page.status_code, came_in) == (503, False)


def test_tokens_without_an_id_token_sign_nobody_in(here: Town) -> None:
    here.liar.token_body = b'{"access_token": "access"}'
    assert here.try_console()[0].status_code == 400


def test_a_browser_without_cookies_is_not_sent_in_a_circle(here: Town) -> None:
    browser = here.desk.browser()
    response = browser.client.get(f"{here.desk.url}{CONSOLE}")
    answer = browser.client.get(response.headers["location"]).headers["location"]
    browser.client.cookies.clear()
    assert browser.get(answer).status_code == 400


# ---------------------------------------------------------------- renewal


def test_a_renewal_for_somebody_else_ends_the_session(here: Town) -> None:
    browser = here.desk.browser()
    browser.get(CONSOLE)
    here.liar.refreshed = lambda said: said.update(sub="somebody-else")
    here.desk.ahead = timedelta(minutes=4)
    assert inside(browser)
    here.liar.refreshed = lambda said: said.update(sub="somebody-else", exp=now(_HOUR))
    here.desk.ahead = timedelta(minutes=11)
    assert not inside(browser)


def test_a_provider_that_does_not_answer_ends_nobodys_work(here: Town) -> None:
    browser = here.desk.browser()
    browser.get(CONSOLE)
    here.liar.token_status, here.liar.token_body = 503, b""
    here.desk.ahead = timedelta(minutes=11)
    assert inside(browser)
    here.liar.token_status, here.liar.token_body = 400, b'{"error": "invalid_grant"}'
    assert inside(browser)
    here.desk.ahead = timedelta(minutes=13)
    assert not inside(browser)


def test_a_session_that_nobody_can_be_asked_about_is_over(here: Town) -> None:
    """A session of the demo, or one kept under a master key that is no more."""
    for kept in (None, b"under another key than the one that is"):
        browser = here.desk.browser()
        browser.get(CONSOLE)
        held = here.sessions()
        here.desk.parts.database.write_now(
            lambda c, kept=kept: c.execute(update(console_sessions).values(kept=kept))
        )
        assert not inside(browser)
        assert here.sessions() == held - 1


# ---------------------------------------------------------------- back-channel logout


def end(here: Town, token: str) -> int:
    answer = here.desk.client().post(f"{here.desk.url}/signin/ended", data={"logout_token": token})
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code


LOGOUT_LIES: dict[str, Callable[[Liar], str]] = {
    "of another issuer": lambda it: it.signed(
        it.logout_token(lambda c: c.update(iss="https://other.example"))
    ),
    "for another client": lambda it: it.signed(it.logout_token(lambda c: c.update(aud="other"))),
    "expired": lambda it: it.signed(it.logout_token(lambda c: c.update(exp=now(-60)))),
    "without an end": lambda it: it.signed(it.logout_token(lambda c: c.update(exp=None))),
    "without events": lambda it: it.signed(it.logout_token(lambda c: c.update(events=None))),
    "of another event": lambda it: it.signed(it.logout_token(lambda c: c.update(events={"x": {}}))),
    "with a nonce": lambda it: it.signed(it.logout_token(lambda c: c.update(nonce="x"))),
    "of nobody": lambda it: it.signed(it.logout_token(lambda c: c.update(sub=None, sid=None))),
    "without jti": lambda it: it.signed(it.logout_token(lambda c: c.update(jti=None))),
    "unsigned": lambda it: it.unsigned(it.logout_token()),
    "with the public key as secret": lambda it: it.with_public_key_as_secret(it.logout_token()),
    "under another key": lambda it: _other_key(it)(it.logout_token()),
    "that is an ID token": lambda it: it.id_token("nonce", lambda _claims: None),
    "that is no token": lambda _it: "x",
    "that is not there": lambda _it: "",
}


@pytest.mark.parametrize("lie", LOGOUT_LIES.values(), ids=LOGOUT_LIES.keys())
def test_a_logout_token_that_does_not_hold_ends_nothing(here: Town, lie: Callable[[Liar], str]) -> None:
    browser = here.desk.browser()
    browser.get(CONSOLE)
    assert end(here, lie(here.liar)) == 400
    assert inside(browser)


def test_a_logout_token_ends_that_session_or_all_of_the_person_and_counts_once(here: Town) -> None:
    first, second = here.desk.browser(), here.desk.browser()
    first.get(CONSOLE)
    here.liar.claims = lambda said: said.update(sid="session-2")
    second.get(CONSOLE)
    token = here.liar.signed(here.liar.logout_token())
    assert end(here, token) == 200
    assert (inside(first), inside(second)) == (False, True)
    assert end(here, token) == 400
    assert end(here, here.liar.signed(here.liar.logout_token(lambda c: c.update(sid=None)))) == 200
    assert not inside(second)

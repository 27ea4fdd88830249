"""Phones and a real endpoint behind real TLS: anchors are followed, doubted, healed, and never forged.

The system's trust is that of `certifi`, which is made to be authorities of the test.
"""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import certifi
import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select

from endpoint import standing
from endpoint.__main__ import main
from endpoint.anchors import SETTING, AnchorFile, state
from endpoint.app import create_app
from endpoint.parts import Parts
from endpoint.schema import devices
from endpoint.settings import Settings
from sync import BadAnswer, OtherEndpoint, Untrusted, trust
from sync.link import Link
from tests.authorities import Authority
from tests.endpoint_server import Server, enrol_code
from tests.fresh_tables import with_tables
from tests.phones import Phone, until
from tests.tls_front import Front, running
from wire import signature
from wire.anchors import Anchors, AnchorsSigned, digest, fingerprint, opened, signed
from wire.encoding import decode, encode
from wire.messages import Enrolled

# A handshake that a stop cuts off leaves its socket to the collector (anyio).
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

UNIT = "11111111-1111-5111-8111-111111111111"
STATED = "/v1/anchors"


class Place:
    """An endpoint, what stands in front of it, and phones."""

    def __init__(self, folder: Path, app: Litestar, front: Front) -> None:
        self.folder, self.app, self.front = folder, app, front
        self.phones: list[Phone] = []

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    @property
    def key(self) -> str:
        return fingerprint(self.parts.keys.sign_public)

    def state(self, *authorities: Authority) -> None:
        """Set the endpoint's anchors."""
        held = AnchorFile("given", tuple(one.der for one in authorities))
        self.app.state.parts = replace(self.parts, settings=replace(self.parts.settings, anchors=held))

    async def show(self, authority: Authority) -> None:
        await self.front.show(authority.issue(self.folder))

    def phone(self, link: Callable[[str], Link] = Link) -> Phone:
        self.phones.append(Phone(self.folder / f"phone-{len(self.phones)}", link))
        return self.phones[-1]

    async def enrolled(self, key: str = "") -> Phone:
        phone = self.phone()
        await phone.sync.enrol(self.front.url, self.code(), "Telefon 3", key)
        return phone

    def code(self) -> str:
        return enrol_code(self.parts.database, UNIT)

    async def pinned(self, *authorities: Authority) -> Phone:
        """A phone that has been told of these anchors, over a line that it believes."""
        self.state(*authorities)
        phone = await self.enrolled()
        await until(lambda: anchors(phone) == {one.der for one in authorities})
        return phone


def anchors(phone: Phone) -> set[bytes]:
    assert phone.store.device
    return set(phone.store.device.anchors)


def start_again(phone: Phone) -> None:
    """As when the app is opened: it asks for its standing at once."""
    phone.sync.stop()
    phone.sync.start()


def told(here: Place) -> list[str | None]:
    """By which anchors the phones say that they know the endpoint."""
    return list(here.parts.database.read_now(lambda c: c.scalars(select(devices.c.anchors)).all()))


def doubts(phone: Phone) -> bool:
    return phone.sync.state.reason == "delivery.untrusted"


@pytest.fixture(scope="module")
def public() -> Authority:
    return Authority("Allmän utfärdare")


@pytest.fixture(scope="module")
def other() -> Authority:
    return Authority("En annan utfärdare")


@pytest.fixture(scope="module")
def own() -> Authority:
    """Of the municipality: no system trusts it."""
    return Authority("Kommunens egen")


@pytest.fixture(autouse=True)
def system(tmp_path: Path, public: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "system.pem"
    file.write_bytes(public.pem + other.pem)
    monkeypatch.setattr(certifi, "where", lambda: str(file))


@pytest.fixture
async def here(tmp_path: Path, public: Authority) -> AsyncIterator[Place]:
    front = Front()
    with_tables(tmp_path / "endpoint.sqlite")
    app = create_app(Settings(data=tmp_path, public_url=front.url))
    with running(app) as front.behind:
        place = Place(tmp_path, app, front)
        await place.show(public)
        yield place
        for phone in place.phones:
            phone.close()
        await front.close()
    gc.collect()


async def test_a_phone_that_has_been_told_believes_its_anchors_and_no_other_that_the_system_does(
    here: Place, public: Authority, other: Authority
) -> None:
    phone = await here.pinned(public)
    await here.show(other)
    phone.sync.wake()
    await until(lambda: doubts(phone))
    assert anchors(phone) == {public.der}
    await here.show(public)
    phone.sync.wake()
    await until(lambda: not doubts(phone))


async def test_without_the_setting_a_phone_believes_whom_its_system_does(
    here: Place, public: Authority, other: Authority, own: Authority
) -> None:
    phone = await here.enrolled()
    await until(lambda: "/v1/device" in here.front.paths())
    assert STATED not in here.front.paths()
    await here.show(other)
    here.front.asked.clear()
    phone.sync.wake()
    await until(lambda: "/v1/push" in here.front.paths())
    assert anchors(phone) == set()
    await here.show(own)
    phone.sync.wake()
    await until(lambda: doubts(phone))


async def test_a_change_is_followed_over_the_line_as_it_is_and_nobody_is_asked_who_is_not_believed(
    here: Place, public: Authority, own: Authority
) -> None:
    phone = await here.pinned(public)
    here.state(public, own)
    assert phone.sync._sessions
    # As when the hour of a session is over: the next one's answer says that there is news.
    phone.sync._sessions.tell_anew()
    phone.sync.wake()
    await until(lambda: anchors(phone) == {public.der, own.der})
    await here.show(own)
    here.front.asked.clear()
    here.state(own)
    start_again(phone)
    await until(lambda: anchors(phone) == {own.der})
    phone.sync.wake()
    await until(lambda: told(here) == [digest([own.der])])
    assert here.front.paths().count(STATED) == 1
    assert not [one for one in phone.seen if one.reason == "delivery.untrusted"]


async def test_anchors_that_cannot_be_had_keep_nothing_else_from_being_done(
    here: Place, public: Authority
) -> None:
    phone = await here.enrolled()
    before = phone.store.device
    assert before
    here.state(public)
    here.front.instead = lambda path: b"{}" if path.startswith(STATED) else None
    here.parts.database.write_now(lambda c: standing.renew_key(c, before.id, "", here.parts.now()))
    start_again(phone)
    await until(lambda: phone.store.device and phone.store.device.private != before.private)
    assert anchors(phone) == set()


async def test_without_the_setting_again_the_system_is_believed_again(
    here: Place, public: Authority, other: Authority
) -> None:
    phone = await here.pinned(public)
    here.state()
    start_again(phone)
    await until(lambda: anchors(phone) == set())
    await here.show(other)
    here.front.asked.clear()
    phone.sync.wake()
    await until(lambda: "/v1/push" in here.front.paths())


async def test_a_change_without_warning_heals_and_only_a_nonce_goes_over_the_unbelieved_line(
    here: Place, public: Authority, own: Authority
) -> None:
    phone = await here.pinned(public)
    here.state(own)
    await here.show(own)
    here.front.asked.clear()
    phone.sync.wake()
    await until(lambda: anchors(phone) == {own.der})
    await until(lambda: "/v1/push" in here.front.paths())
    assert phone.store.device
    unbelieved = here.front.asked[: here.front.paths().index(STATED) + 1]
    assert len(unbelieved) == 1
    assert re.match(rb"GET /v1/anchors\?nonce=[0-9a-f]{32} HTTP/1.1\r\n", unbelieved[0])
    assert b"authorization" not in unbelieved[0].lower()
    assert phone.store.device.id.encode() not in unbelieved[0]
    start_again(phone)
    here.front.asked.clear()
    await until(lambda: "/v1/device" in here.front.paths())
    assert STATED not in here.front.paths()


async def test_an_authority_that_has_ended_is_replaced_by_its_successor(
    here: Place, public: Authority, own: Authority
) -> None:
    ended = Authority("Kommunens förra", starts=-400, ends=-1)
    phone = await here.pinned(public)
    phone.store.keeper.use_anchors((ended.der,))
    here.state(own)
    await here.show(own)
    start_again(phone)
    await until(lambda: anchors(phone) == {own.der})


Forgery = Callable[[Place, Authority, str], bytes]


def of_another_key(here: Place, own: Authority, nonce: str) -> bytes:
    stranger = signature.new_key()
    return encode(signed(Anchors(nonce=nonce, seal_public=b"s" * 32, certificates=(own.der,)), stranger))


def in_the_name_of_the_endpoint(here: Place, own: Authority, nonce: str) -> bytes:
    answer = decode(of_another_key(here, own, nonce), AnchorsSigned)
    return encode(replace(answer, sign_public=here.parts.keys.sign_public))


def of_another_question(here: Place, own: Authority, nonce: str) -> bytes:
    """Once stated by the endpoint itself, and kept by whoever listened."""
    return encode(state(AnchorFile("", (own.der,)), here.parts.keys, "0" * 32))


def in_another_context(here: Place, own: Authority, nonce: str) -> bytes:
    data = encode(Anchors(nonce=nonce, seal_public=b"s" * 32, certificates=(own.der,)))
    private = here.parts.keys.sign_private
    made = signature.sign(private, signature.Context.PAGE, data)
    return encode(AnchorsSigned(sign_public=signature.public_of(private), data=data, signature=made))


def changed_on_the_way(here: Place, own: Authority, nonce: str) -> bytes:
    answer = state(AnchorFile(), here.parts.keys, nonce)
    data = encode(replace(decode(answer.data, Anchors), certificates=(own.der,)))
    return encode(replace(answer, data=data))


def unreadable(here: Place, own: Authority, nonce: str) -> bytes:
    return encode(state(AnchorFile("", (own.der[:-1],)), here.parts.keys, nonce))


def nothing_at_all(here: Place, own: Authority, nonce: str) -> bytes:
    return b"<html>Log in</html>"


@pytest.mark.parametrize(
    "forged",
    [
        of_another_key,
        in_the_name_of_the_endpoint,
        of_another_question,
        in_another_context,
        changed_on_the_way,
        unreadable,
        nothing_at_all,
    ],
)
async def test_what_the_endpoint_has_not_signed_for_this_question_is_not_taken(
    here: Place, public: Authority, own: Authority, monkeypatch: pytest.MonkeyPatch, forged: Forgery
) -> None:
    """Somebody stands in the line, with a certificate of their own and answers of their own."""
    phone = await here.pinned(public)
    monkeypatch.setattr(trust, "ASK_EVERY_S", 0.0)
    here.front.instead = lambda path: forged(here, own, path.partition("nonce=")[2])
    await here.show(own)
    here.front.asked.clear()
    for tries in (1, 2):
        phone.sync.wake()
        await until(lambda least=tries: here.front.paths().count(STATED) >= least)  # type: ignore[misc]
    assert set(here.front.paths()) == {STATED}
    assert doubts(phone)
    assert anchors(phone) == {public.der}
    here.front.instead = None
    here.state(own)
    phone.sync.wake()
    await until(lambda: anchors(phone) == {own.der})


async def test_a_closed_phone_says_so_to_an_endpoint_of_an_authority_of_its_own(
    here: Place, public: Authority, own: Authority
) -> None:
    phone = await here.pinned(public, own)
    await here.show(own)
    word = phone.sync._delivery._standing._word("closed", UNIT)  # type: ignore[union-attr]
    phone.sync.stop()
    phone.store.keeper.destroy(word)
    assert phone.store.device is None
    here.front.asked.clear()
    phone.sync.start()
    await until(lambda: phone.store.keeper.last_word is None)
    assert here.front.paths() == ["/v1/device/closed"]


async def test_a_name_that_is_not_the_endpoints_is_refused_whoever_vouches_for_it(
    here: Place, public: Authority
) -> None:
    phone = await here.pinned(public)
    await here.front.show(public.issue(here.folder, "127.0.0.2"))
    phone.sync.wake()
    await until(lambda: doubts(phone))


async def test_an_authority_below_another_and_a_certificate_signed_by_itself_are_anchors_too(
    here: Place, public: Authority, other: Authority
) -> None:
    below = Authority("Utfärdare under en annan", public)
    phone = await here.pinned(below)
    await here.show(below)
    here.front.asked.clear()
    start_again(phone)
    await until(lambda: "/v1/device" in here.front.paths())
    await here.show(public)
    phone.sync.wake()
    await until(lambda: doubts(phone))
    for ca in (True, False):
        itself = Authority("Rapp", ca=ca)
        here.state(itself)
        await here.front.show(itself.as_server(here.folder))
        start_again(phone)
        await until(lambda it=itself: anchors(phone) == {it.der})  # type: ignore[misc]
        here.front.asked.clear()
        start_again(phone)
        await until(lambda: "/v1/device" in here.front.paths())
        assert STATED not in here.front.paths()


# Enrolment by a link that names the endpoint's key.


async def test_a_link_enrols_at_an_endpoint_of_an_authority_of_its_own(here: Place, own: Authority) -> None:
    here.state(own)
    await here.show(own)
    with pytest.raises(Untrusted):
        await here.enrolled()
    assert here.front.asked == [], "by a code alone nothing is told to whom nobody believes"
    phone = await here.enrolled(here.key)
    assert anchors(phone) == {own.der}
    unbelieved, *believed = here.front.asked
    assert unbelieved.startswith(b"GET /v1/anchors?nonce=")
    assert b"/v1/enrol" in believed[0]


@pytest.mark.parametrize("by_link", [True, False])
async def test_a_links_code_can_be_read_by_nobody_in_the_line_whom_the_system_believes(
    here: Place, by_link: bool
) -> None:
    """Where no anchors are set; a code that is typed can be."""
    phone, code = here.phone(), here.code()
    await phone.sync.enrol(here.front.url, code, "Telefon 3", here.key if by_link else "")
    assert anchors(phone) == set()
    [asked] = [one for one in here.front.asked if b"/v1/enrol" in one]
    assert (code.encode() in asked) != by_link


@pytest.mark.parametrize("seal_public", [b"", b"short"])
async def test_a_key_without_its_form_seals_no_code(here: Place, seal_public: bytes) -> None:
    private = here.parts.keys.sign_private
    here.front.instead = lambda path: encode(
        signed(Anchors(nonce=path.partition("nonce=")[2], seal_public=seal_public), private)
    )
    with pytest.raises(BadAnswer):
        await here.phone().sync.enrol(here.front.url, here.code(), "Telefon 3", here.key)
    assert here.front.paths() == [STATED]


async def test_a_link_of_another_key_tells_nobody_the_code(here: Place) -> None:
    phone = here.phone()
    code = here.code()
    with pytest.raises(OtherEndpoint):
        await phone.sync.enrol(here.front.url, code, "Telefon 3", fingerprint(b"k" * 32))
    assert here.front.paths() == [STATED]
    assert phone.store.device is None
    await phone.sync.enrol(here.front.url, code, "Telefon 3", here.key)


async def test_a_link_to_an_endpoint_that_states_no_key_tells_nobody_the_code(here: Place) -> None:
    here.front.instead = lambda path: b"{}"
    phone = here.phone()
    with pytest.raises(Exception, match="AnchorsSigned"):
        await phone.sync.enrol(here.front.url, here.code(), "Telefon 3", here.key)
    assert here.front.paths() == [STATED]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [("sign_public", OtherEndpoint), ("seal_public", OtherEndpoint), ("unit", BadAnswer)],
)
async def test_whoever_sits_in_a_line_that_the_system_believes_cannot_put_words_of_their_own(
    here: Place, other: Authority, changed: str, fault: type[Exception]
) -> None:
    """They pass on what the endpoint states, and answer the enrolment themselves: with keys of their own, or
    with the right ones and a unit that these have not signed."""
    await here.show(other)
    keys = here.parts.keys
    theirs = signature.public_of(signature.new_key())
    enrolled = Enrolled(
        device="0192eeee-0000-7000-8000-000000000001",
        unit=UNIT,
        unit_name="",
        sign_public=theirs if changed == "sign_public" else keys.sign_public,
        seal_public=theirs if changed == "seal_public" else keys.seal_public,
        now=here.parts.now(),
    )
    here.front.instead = lambda path: encode(enrolled) if path == "/v1/enrol" else None
    phone = here.phone()
    with pytest.raises(fault):
        await phone.sync.enrol(here.front.url, here.code(), "Telefon 3", here.key)
    assert phone.store.device is None


# What is run beside it.


async def test_a_command_says_whether_phones_would_believe_the_certificate(
    here: Place,
    public: Authority,
    own: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = here.folder / "anchors.pem"
    file.write_bytes(own.pem)
    (await here.pinned(own, public)).sync.wake()
    await until(lambda: told(here) == [digest([own.der, public.der])])
    words = ["anchors", "--data", str(here.folder)]
    monkeypatch.setenv("RAPP_PUBLIC_URL", here.front.url)
    assert await asyncio.to_thread(main, words) == 0
    assert "is not set" in capsys.readouterr().out
    monkeypatch.setenv(SETTING, str(file))
    assert await asyncio.to_thread(main, words) == 1
    said = capsys.readouterr().out
    assert "CN=Kommunens egen" in said
    assert "certificate verify failed" in said
    assert "0 of 1 phones have told" in said
    assert "not yet: Telefon 3, " in said
    await here.show(own)
    file.write_bytes(own.pem + public.pem)
    assert await asyncio.to_thread(main, words) == 0
    said = capsys.readouterr().out
    assert f"{here.front.url}: phones believe it" in said
    assert "1 of 1 phones have told" in said
    monkeypatch.setenv("RAPP_PUBLIC_URL", "http://127.0.0.1:1")
    assert await asyncio.to_thread(main, words) == 1
    assert "not https" in capsys.readouterr().out


def test_served_by_its_command_it_states_them_and_says_that_one_ends_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = Authority("Snart slut", ends=30)
    file = tmp_path / "anchors.pem"
    file.write_bytes(soon.pem)
    monkeypatch.setenv(SETTING, str(file))
    server = Server(tmp_path / "served", "--workers", "2")
    server.start()
    try:
        answers = [httpx.get(f"{server.url}{STATED}", params={"nonce": "n"}) for _ in range(4)]
    finally:
        server.stop()
    assert {opened(decode(one.content, AnchorsSigned), "n").certificates for one in answers} == {(soon.der,)}
    assert f"{SETTING}: CN=Snart slut ends" in server.log.read_text()

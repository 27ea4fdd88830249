"""Anchors of TLS as a statement, as a setting, and as what a phone keeps."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from msgspec.structs import replace

from endpoint import anchors
from endpoint.__main__ import main
from endpoint.anchors import SETTING, AnchorFile, from_environment
from endpoint.errors import SettingError
from endpoint.settings import from_environment as all_settings
from endpoint.settings import to_environment
from storage import Device, DiskFull
from sync import OtherEndpoint, Untrusted, errors, trust
from sync.link import Link
from sync.trust import Trust
from tests import store_case
from tests.authorities import Authority
from tests.endpoint_server import in_process, parts_of
from tests.phones import store_at
from tests.test_sync_link import OURS, STATE, answering, untrusted
from wire import signature
from wire.anchors import Anchors, AnchorsSigned, digest, fingerprint, is_certificate, opened, signed
from wire.encoding import decode, encode
from wire.errors import SignatureError, WireError
from wire.messages import (
    DeviceStanding,
    SignInState,
)

KEY = signature.new_key()
NONCE = "0f" * 16
ONE, TWO = Authority("Ett"), Authority("Två")

# The statement.

stated = st.builds(
    Anchors,
    nonce=st.text(max_size=64),
    seal_public=st.binary(min_size=32, max_size=32),
    certificates=st.lists(st.sampled_from([ONE.der, TWO.der]), max_size=3).map(tuple),
)


@given(stated)
def test_what_is_signed_is_what_is_read(said: Anchors) -> None:
    travelled = decode(encode(signed(said, KEY)), AnchorsSigned)
    assert opened(travelled, said.nonce) == said


@given(stated, st.data())
@settings(max_examples=200)
def test_any_changed_byte_is_found(said: Anchors, data: st.DataObject) -> None:
    answer = signed(said, KEY)
    field = data.draw(st.sampled_from(["data", "signature", "sign_public"]))
    old: bytes = getattr(answer, field)
    place = data.draw(st.integers(0, len(old) - 1))
    new = old[:place] + bytes([old[place] ^ data.draw(st.integers(1, 255))]) + old[place + 1 :]
    with pytest.raises(WireError):
        opened(replace(answer, **{field: new}), said.nonce)


@given(stated, st.text(max_size=64))
def test_an_answer_to_another_question_is_none(said: Anchors, nonce: str) -> None:
    if nonce != said.nonce:
        with pytest.raises(SignatureError, match="not asked for now"):
            opened(signed(said, KEY), nonce)


@given(st.lists(st.binary(), unique=True), st.randoms())
def test_a_set_of_anchors_has_one_name_whatever_their_order(some: list[bytes], source: Any) -> None:
    other = list(some)
    source.shuffle(other)
    assert digest(some) == digest(other)
    assert (digest(some) == "") == (not some)
    assert digest([*some, b"another" * 99]) != digest(some)


def test_two_certificates_in_one_are_none() -> None:
    assert is_certificate(ONE.der)
    for one in (b"", b"\0", ONE.der[:-1], ONE.pem, ONE.der + TWO.der):
        assert not is_certificate(one)


# The setting.


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "anchors.pem"


def read(file: Path, *content: bytes) -> AnchorFile:
    file.write_bytes(b"".join(content))
    return from_environment({SETTING: str(file)})


def test_without_the_setting_nothing_is_named() -> None:
    assert from_environment({}) == from_environment({SETTING: " "}) == AnchorFile()
    assert AnchorFile().name == ""


def test_a_file_of_authorities_is_read_and_survives_the_way_to_a_worker(file: Path) -> None:
    held = read(file, ONE.pem, b"a comment\n", TWO.pem, ONE.pem)
    assert held.certificates == (ONE.der, TWO.der)
    chosen = all_settings({SETTING: str(file)})
    assert chosen.anchors == held
    assert all_settings(to_environment(chosen)) == chosen


def test_an_authority_below_another_and_a_server_that_signs_itself_are_read(file: Path) -> None:
    below, itself = Authority("Under", ONE), Authority("Rapp", ca=False)
    assert read(file, below.pem, itself.pem).certificates == (below.der, itself.der)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no certificates in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "has no certificates in PEM"),
        (Authority("Server", ONE, ca=False).pem, "CN=Server is neither an authority's"),
        (b"".join(Authority(f"{n}").pem for n in range(9)), "9 certificates: at most 8"),
        (ONE.pem + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "a private key"),
    ],
    ids=["empty", "damaged", "server", "nine", "key"],
)
def test_a_file_that_would_leave_phones_without_a_line_is_refused(
    file: Path, content: bytes, told: str
) -> None:
    with pytest.raises(SettingError, match=f"{SETTING}: .*{told}"):
        read(file, content)


def test_a_file_that_is_not_there_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SETTING, str(file))
    assert main(["serve", "--data", str(file.parent / "data")]) == 1
    assert capsys.readouterr().err == f"{SETTING}: {file} cannot be read\n"


def test_it_is_said_sixty_days_before_an_anchor_ends(file: Path) -> None:
    soon, ended = Authority("Snart slut", ends=59), Authority("Slut", starts=-9, ends=-2)
    held = read(file, ONE.pem, soon.pem, ended.pem)
    now = datetime.now(UTC)
    day = f"{now + timedelta(days=59):%Y-%m-%d}"
    assert anchors.ending(held, now)[0] == f"{SETTING}: CN=Snart slut ends {day}"
    assert [one.split(" ", 1)[1].rsplit(" ", 1)[0] for one in anchors.ending(held, now)] == [
        "CN=Snart slut ends",
        "CN=Slut has ended",
    ]
    assert len(anchors.ending(held, now - timedelta(days=2))) == 1


# What the endpoint says.


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient[Any]]:
    with in_process(tmp_path) as made:
        yield made


def test_anybody_may_ask_and_the_answer_is_for_their_question(client: TestClient[Any]) -> None:
    keys = parts_of(client).keys
    answer = client.get("/v1/anchors", params={"nonce": NONCE})
    assert answer.headers["Rapp-Protocol"] == "1"
    said = opened(decode(answer.content, AnchorsSigned), NONCE)
    assert said == Anchors(nonce=NONCE, seal_public=keys.seal_public)
    assert decode(answer.content, AnchorsSigned).sign_public == keys.sign_public
    refused = client.get("/v1/anchors", params={"nonce": "x" * 65})
    assert (refused.status_code, refused.json()["field"]) == (400, "nonce")


# What a phone does with it.


class _Standing(msgspec.Struct, frozen=True):
    """What a phone of before anchors reads."""

    device: str
    standing: str


def test_phones_and_endpoints_of_before_understand_each_other() -> None:
    told = DeviceStanding(
        device="d", nonce="", state="open", unit="u", unit_name="", name="", seal_public=b"", standing="s",
        now=datetime.now(UTC),
    )  # fmt: skip
    assert decode(encode(told), DeviceStanding).anchors is None
    assert decode(encode(replace(told, anchors="")), DeviceStanding).anchors == ""
    assert decode(encode(replace(told, anchors="a" * 64)), _Standing) == _Standing("d", "s")


def test_a_file_of_before_anchors_opens_and_keeps_them_from_then_on(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    device = store_case.device()
    names = [name for name in Device.__struct_fields__ if name != "anchors"]
    before = msgspec.msgpack.encode({name: getattr(device, name) for name in names})
    assert msgspec.msgpack.decode(before, type=Device) == device
    store.enrol(device)
    store.keeper.use_anchors((ONE.der,))
    store.close()
    again = store_at(tmp_path)
    assert again.device == replace(device, anchors=(ONE.der,))
    again.close()


async def test_an_endpoint_that_says_nothing_of_anchors_leaves_them_as_they_are() -> None:
    kept: list[tuple[bytes, ...]] = []
    line = answering(200, encode(signed(Anchors(nonce="", seal_public=b""), KEY)))
    held = Trust(line, signature.public_of(KEY), (ONE.der,), kept.append)
    await held.follow(None)
    await held.follow(digest([ONE.der]))
    with pytest.raises(errors.BadAnswer, match="not asked for now"):
        await held.follow("")
    assert kept == []


async def test_another_key_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust.os, "urandom", lambda n: bytes.fromhex(NONCE))
    line = answering(200, encode(signed(Anchors(nonce=NONCE, seal_public=b""), signature.new_key())))
    held = Trust(line, signature.public_of(KEY), (ONE.der,), lambda _: pytest.fail("taken"))
    with pytest.raises(OtherEndpoint):
        await held.follow("")


async def test_anchors_that_cannot_be_kept_hold_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: tuple[bytes, ...]) -> None:
        raise DiskFull("full")

    monkeypatch.setattr(trust.os, "urandom", lambda n: bytes.fromhex(NONCE))
    said = Anchors(nonce=NONCE, seal_public=b"", certificates=(TWO.der,))
    line = answering(200, encode(signed(said, KEY)))
    held = Trust(line, signature.public_of(KEY), (ONE.der,), full)
    await held.follow(digest([TWO.der]))
    await held.follow(digest([TWO.der]))
    assert line._anchors == (TWO.der,)


class Doubted(Link):
    """A line that is not believed until it believes in TWO. `stated`: what anybody answers who is asked."""

    def __init__(self, stated: bytes) -> None:
        self.paths: list[str] = []
        self.stated = stated
        super().__init__("https://rapp.example.se", httpx.MockTransport(self._answers))

    def _answers(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        if request.url.path == "/v1/anchors":
            return httpx.Response(200, content=self.stated, headers=OURS)
        if self._anchors != (TWO.der,):
            raise untrusted()
        return httpx.Response(200, content=STATE, headers=OURS)


async def test_a_call_that_meets_other_anchors_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trust.os, "urandom", lambda n: bytes.fromhex(NONCE))
    said = Anchors(nonce=NONCE, seal_public=b"", certificates=(TWO.der,))
    line = Doubted(encode(signed(said, KEY)))
    Trust(line, signature.public_of(KEY), (ONE.der,), lambda _: None)
    assert (await line.get("/v1/signin/1", SignInState, "token")).state == "waiting"
    assert line.paths == ["/v1/signin/1", "/v1/anchors", "/v1/signin/1"]
    await line.close()


async def test_a_line_that_stays_unbelieved_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Doubted(b"<html>")
    Trust(line, signature.public_of(KEY), (ONE.der,), lambda _: pytest.fail("taken"))
    for asked, every in ((1, trust.ASK_EVERY_S), (1, trust.ASK_EVERY_S), (2, 0.0)):
        monkeypatch.setattr(trust, "ASK_EVERY_S", every)
        with pytest.raises(Untrusted):
            await line.get("/v1/signin/1", SignInState)
        assert line.paths.count("/v1/anchors") == asked
    await line.close()


async def test_a_line_that_nobody_looks_after_is_only_untrusted() -> None:
    line = Doubted(b"")
    with pytest.raises(Untrusted):
        await line.get("/v1/signin/1", SignInState)
    assert line.paths == ["/v1/signin/1"]
    await line.close()


def test_a_fingerprint_fits_in_a_link() -> None:
    name = fingerprint(signature.public_of(KEY))
    assert len(name) == 43
    assert name.replace("-", "").replace("_", "").isalnum()

"""The endpoint in MessagePack: for who asks for it, and whatever is sent is answered in words."""

import gzip

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.facts import Ref
from care.sbar import SbarCalled
from sync.packing import packed
from tests.endpoint_phone import Phone, fresh_id
from tests.shared_town import here, phone
from tests.statements import AMINA
from wire.encoding import Encoding, decode, encode
from wire.messages import Page, Problem, Pulled, PushRequest, Receipt, Signed, opened
from wire.signature import Context

__all__ = ["here", "phone"]

PACKED = Encoding.MSGPACK.value
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.binary() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 9) | st.binary(), inner),
    max_leaves=10,
)


def pulled(phone: Phone, accept: str) -> tuple[str, bytes]:
    headers = {"authorization": f"Bearer {phone.token(AMINA)}", "accept": accept}
    answer = phone.client.get("/v1/pull", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"], answer.content


def pushed(phone: Phone, content: bytes, accept: str = PACKED, path: str = "/v1/push") -> tuple[int, bytes]:
    token = phone.token()
    headers = {"authorization": f"Bearer {token}", "accept": accept, "content-type": PACKED}
    answer = phone.client.post(path, content=content, headers=headers)
    return answer.status_code, answer.content


@pytest.mark.parametrize("accept", [PACKED, f"{PACKED}, application/json;q=0.5"])
def test_who_reads_it_gets_it_all_through(phone: Phone, accept: str) -> None:
    kind, content = pulled(phone, accept)
    assert kind == PACKED
    [page, *_] = msgspec.msgpack.decode(content, type=Pulled).pages
    assert msgspec.msgpack.decode(page.data, type=Page).facts
    assert opened(page, phone.known.sign_public, Context.PAGE, Page).facts


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_who_does_not_gets_json_all_through(phone: Phone, accept: str) -> None:
    kind, content = pulled(phone, accept)
    assert kind == "application/json"
    [page, *_] = msgspec.json.decode(content, type=Pulled).pages
    assert msgspec.json.decode(page.data, type=Page).facts


def test_a_push_in_it_is_taken_in_and_receipted(phone: Phone) -> None:
    fact = phone.fact(SbarCalled(to="a", number="1"), Ref("sbar", fresh_id()), AMINA)
    request = PushRequest(items=(phone.seal(fact),))
    for encoding, status in ((Encoding.MSGPACK, "accepted"), (Encoding.JSON, "known")):
        code, content = pushed(phone, encode(request, Encoding.MSGPACK), encoding.value)
        assert code == 200, content
        receipt = opened(decode(content, Signed), phone.known.sign_public, Context.RECEIPT, Receipt)
        assert [(one.status, one.hash) for one in receipt.results] == [(status, fact.hash)]


def test_calls_that_take_little_take_json_alone(phone: Phone) -> None:
    code, content = pushed(phone, msgspec.msgpack.encode({"public": b"", "proof": b""}), path="/v1/session")
    assert (code, msgspec.json.decode(content, type=Problem).code) == (400, "bad_json")


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANYTHING.map(msgspec.msgpack.encode) | st.binary() | st.binary().map(b"\x81\xa5items".__add__))
def test_whatever_is_sent_is_refused_in_words(phone: Phone, content: bytes) -> None:
    code, said = pushed(phone, content)
    assert 400 <= code < 500
    assert msgspec.json.decode(said, type=Problem).code


@pytest.mark.parametrize(
    "content",
    [
        b"\x81\x91\x01\x01",  # a list for a key
        b"\x81\x81\x01\x01\x01",  # a map for a key
        b"\x82\xa5items\x90\xa4left\xc7\x05\x07abcde",  # of a kind that nobody knows
        b"\x82\xa5items\x90\xa4left\xd6\xff\x00\x00\x00\x01",  # a time
        b"\x81\xa5items\xdd\xff\xff\xff\xff",
        b"\x91" * 200_000,
    ],
    ids=["list for a key", "map for a key", "unknown kind", "time for a number", "claims to be long", "deep"],
)
def test_what_json_cannot_say_is_refused_too(phone: Phone, content: bytes) -> None:
    code, said = pushed(phone, content)
    assert code == 400
    assert msgspec.json.decode(said, type=Problem).code in ("bad_msgpack", "bad_request")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True))
def test_a_bit_that_turned_on_the_way_sets_nothing_aside(phone: Phone, where: float) -> None:
    fact = phone.fact(SbarCalled(to="a", number="1"), Ref("sbar", fresh_id()), AMINA)
    sent = packed(PushRequest(items=(phone.seal(fact),)), Encoding.MSGPACK)
    body = bytearray(sent.body)
    at = int(where * 8 * (len(body) - 10)) + 80  # behind gzip's own head, of which some bits mean nothing
    body[at // 8] ^= 1 << at % 8
    headers = {"authorization": f"Bearer {phone.token()}", **sent.headers}
    answer = phone.client.post("/v1/push", content=bytes(body), headers=headers)
    if answer.status_code == 200:
        # A few bits of how it is packed may stand either way.
        assert gzip.decompress(body) == gzip.decompress(sent.body)
        return
    assert answer.status_code == 400
    assert msgspec.json.decode(answer.content, type=Problem).code == "bad_encoding"

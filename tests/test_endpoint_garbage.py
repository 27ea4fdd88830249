"""Whatever is sent, the answer is a Problem with a code: never a fault of ours."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from care.facts import Ref
from care.sbar import SbarCalled
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_town import Town
from tests.shared_town import here, phone
from tests.statements import AMINA
from wire.envelope import stated
from wire.messages import (
    CertifyRequest,
    EnrolRequest,
    Problem,
    PushRequest,
    Receipt,
    SessionRequest,
    Signed,
    opened,
)
from wire.seal import Sealed
from wire.signature import Context

__all__ = ["here", "phone"]

CALLS = ["/v1/enrol", "/v1/session", "/v1/push", "/v1/signin/x/certify"]
PATHS = [*CALLS, "/v1/signin"]
TRIES = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answered(phone: Phone, path: str, content: bytes, **headers: str) -> int:
    sent = {"authorization": f"Bearer {phone.token()}", "content-type": "application/json"} | headers
    answer = phone.client.post(path, content=content, headers=sent)
    if answer.status_code >= 400:
        problem = msgspec.json.decode(answer.content, type=Problem)
        assert problem.code
    assert answer.status_code < 500, answer.text
    status: int = answer.status_code
    return status


@given(path=st.sampled_from(PATHS), content=st.binary(max_size=300))
@example(path="/v1/push", content=b"[" * 100_000)
@example(path="/v1/push", content=b'{"items":' * 50_000)
@example(path="/v1/push", content=b'{"items":[],"protocol":1e999}')
@example(path="/v1/push", content=b'{"items":[],"protocol":' + b"9" * 5000 + b"}")
@example(path="/v1/session", content=b'"\\ud800"')
@TRIES
def test_bytes_that_are_no_message_are_refused(phone: Phone, path: str, content: bytes) -> None:
    assert answered(phone, path, content) >= 400 or path == "/v1/signin"


_fields = st.sampled_from(
    [
        name
        for message in (PushRequest, EnrolRequest, SessionRequest, CertifyRequest, Sealed)
        for name in message.__struct_fields__
    ]
)
_base64 = st.binary(max_size=80).map(lambda data: msgspec.json.decode(msgspec.json.encode(data)))
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | _base64,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_fields, inner, max_size=4),
    max_leaves=12,
)


@given(path=st.sampled_from(PATHS), message=st.dictionaries(_fields, _values, max_size=6))
@example(path="/v1/push", message={"items": [{"id": "\0", "enc": "", "box": ""}]})
@example(path="/v1/push", message={"items": [{"id": "å" * 9000, "enc": "AA==", "box": "AAAA" * 99}]})
@example(path="/v1/enrol", message={"code": "\0", "name": "\0", "public": "", "proof": ""})
@example(path="/v1/enrol", message={"code": "ß" * 9999, "name": "a", "public": "AA==", "proof": "AA=="})
@TRIES
def test_messages_of_the_wrong_form_are_refused(phone: Phone, path: str, message: dict[str, Any]) -> None:
    answered(phone, path, json.dumps(message).encode())


@given(statement=st.dictionaries(st.sampled_from(["device", "staff", "at", "nonce"]), _values))
@example(statement={"device": "\0", "at": "2026-01-01T00:00:00Z", "nonce": "AAAA"})
@example(statement={"device": "x", "at": "0001-01-01T00:00:00+14:00", "nonce": "AAAA"})
@example(statement={"device": "x", "at": "9999-12-31T23:59:59-14:00", "nonce": "AAAA"})
@TRIES
def test_session_statements_of_the_wrong_form_are_refused(phone: Phone, statement: dict[str, Any]) -> None:
    data = json.dumps(statement).encode()
    request = {"data": data, "device_signature": b"\0" * 64, "staff_signature": b"\0" * 64}
    assert answered(phone, "/v1/session", msgspec.json.encode(request)) == 401


@given(data=st.binary(max_size=200) | _values.map(lambda value: json.dumps(value).encode()))
@example(data=b'{"id":"\\u0000"}')
@TRIES
def test_sealed_bytes_that_are_no_fact_are_set_aside(phone: Phone, data: bytes) -> None:
    id = fresh_id()
    sealed = phone.sealer.seal(id, bytes(stated(data, phone.private)) if data else b"")
    [result] = phone.push_sealed([sealed])
    assert (result.status, result.reason) == ("quarantined", "malformed")


_bodies = st.dictionaries(
    st.sampled_from(["order", "at", "reason", "key", "roles", "start", "end", "holder", "plan", "to"]),
    _values,
)
_types = st.sampled_from(
    [
        *("dose.given", "delegation.issued", "delegation.revoked", "order.placed", "order.paused"),
        *("sbar.answered", "deviation.status", "person.scale2_set", "x.y"),
    ]
)
_kinds = st.sampled_from(["dose", "delegation", "order", "sbar", "report", "person", "x"])
_times = st.datetimes(timezones=st.timezones()) | st.datetimes()


@given(type=_types, kind=_kinds, body=_bodies, at=_times)
@settings(TRIES, max_examples=150)
def test_signed_facts_with_any_body_are_answered_each_for_itself(
    phone: Phone, type: str, kind: str, body: dict[str, Any], at: Any
) -> None:
    fact = phone.fact(SbarCalled(to="a", number="1"), Ref(kind, fresh_id()), AMINA).fact()
    strange = msgspec.structs.replace(fact, type=type, at=at, body=msgspec.Raw(json.dumps(body).encode()))
    sealed = phone.sealer.seal(fact.id, bytes(phone.signed(strange, AMINA)))
    good = phone.seal(phone.fact(SbarCalled(to="a", number="1"), Ref("sbar", fresh_id()), AMINA))
    results = phone.push_sealed([sealed, good])
    assert results[1].status == "accepted"
    assert results[0].status in ("accepted", "quarantined")


@given(token=st.text(max_size=50), query=st.text(max_size=60))
@TRIES
def test_tokens_and_queries_are_refused(phone: Phone, token: str, query: str) -> None:
    headers = {"authorization": f"Bearer {token}".encode("utf-8", "surrogatepass")}
    assert phone.client.get("/v1/pull", headers=headers).status_code == 401
    mine = {"authorization": f"Bearer {phone.token(AMINA)}"}
    answer = phone.client.get("/v1/pull", params={"cursor": query, "wait": "0"}, headers=mine)
    assert answer.status_code in (200, 400, 410)


@given(kind=st.text(max_size=20), id=st.text(max_size=40), stream=st.text(max_size=40))
@TRIES
def test_aggregates_by_any_name_are_answered(phone: Phone, kind: str, id: str, stream: str) -> None:
    headers = {"authorization": f"Bearer {phone.token(AMINA)}"}
    for of in (f"{quote(kind, safe='')}/{quote(id, safe='')}", f"dose/{fresh_id()}", f"a%00b/{fresh_id()}"):
        answer = phone.client.get(f"/v1/aggregate/{of}", params={"stream": stream}, headers=headers)
        assert answer.status_code in (400, 404), answer.text


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "\xff"])
def test_bodies_that_are_not_encoded_as_they_say_are_refused(phone: Phone, encoding: str) -> None:
    whole = gzip.compress(b'{"items":[]}')
    for content in (b"x", whole[:-9], b"\x1f\x8b"):
        sent = {
            "authorization": f"Bearer {phone.token()}".encode(),
            "content-encoding": encoding.encode("latin-1"),
        }
        answer = phone.client.post("/v1/push", content=content, headers=sent)
        assert answer.status_code == 400
        assert msgspec.json.decode(answer.content, type=Problem).code


def test_an_unknown_call_and_a_wrong_method_are_problems_too(phone: Phone) -> None:
    for answer in (phone.client.get("/v1/push"), phone.client.get("/v2/x"), phone.client.delete("/v1/pull")):
        assert answer.status_code in (404, 405)
        assert msgspec.json.decode(answer.content, type=Problem).code == "no_such_call"


def test_a_fault_of_ours_shows_nothing_of_our_insides(
    phone: Phone, here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from endpoint import devices

    def broken(*_: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr(devices, "enrol", broken)
    content = b'{"code":"a","name":"b","public":"","proof":""}'
    answer = phone.client.post("/v1/enrol", content=content)
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "secret" not in answer.text


def test_an_empty_batch_is_answered_with_an_empty_receipt(phone: Phone) -> None:
    headers = {"authorization": f"Bearer {phone.token()}"}
    answer = phone.client.post("/v1/push", content=b'{"items":[]}', headers=headers)
    signed = msgspec.json.decode(answer.content, type=Signed)
    assert opened(signed, phone.known.sign_public, Context.RECEIPT, Receipt).results == ()

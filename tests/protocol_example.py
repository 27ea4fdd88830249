"""Makes docs/protocol-example.md: ``python -m tests.protocol_example > docs/protocol-example.md``."""

import json
from datetime import UTC, date, datetime
from unittest.mock import patch

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pyhpke.kem_primitives import x25519

from care.deviation import DeviationReported
from care.facts import Clock, Fact, Ref, encode, raw, type_of
from care.ids import dose_id, stock_id
from care.ledger import name_of
from care.published import Answered
from wire import anchors, encoding, enrolled, seal, signature
from wire.anchors import Anchors
from wire.checksum import Tally
from wire.encoding import Encoding
from wire.envelope import stated
from wire.messages import (
    Enrolled,
    Left,
    Page,
    Placed,
    PushRequest,
    PushResult,
    Receipt,
    SessionStatement,
    Signed,
    Snapshot,
    StreamSum,
    Sums,
    signed,
)
from wire.signature import Context

DEVICE, DEVICE_KEY = "0198c0de-0000-7000-8000-000000000003", bytes(range(32))
ENDPOINT_KEY, SEAL_KEY, EPHEMERAL = bytes(range(32, 64)), bytes(range(64, 96)), bytes(range(96, 128))
NONCE, SESSION_NONCE = bytes(range(12)), bytes(range(16))
UNIT = "11111111-1111-5111-8111-111111111111"
FACT, CASE = "0198c0de-1111-7111-8111-111111111111", "0198c0de-2222-7222-8222-222222222222"
CODE, NAME = "K7MW-3R9P-X2", "Telefon 3"
SIGN_IN, STAFF = "0198c0de-4444-7444-8444-444444444444", "22222222-2222-5222-8222-222222222222"
STAFF_KEY = bytes(range(144, 176))
ORDER, SLOT, DAY = "0198c0de-3333-7333-8333-333333333333", "morning", date(2026, 11, 29)
PERSON, PREPARATION, MONTH = "33333333-3333-5333-8333-333333333333", "Oxynorm  5 MG", "2026-11"
ANCHORS = bytes(range(128, 136)), bytes(range(136, 144))
AT = datetime(2026, 11, 28, 21, 40, 5, tzinfo=UTC)


def fact() -> Fact:
    """A report without a sign-in: signed by the phone itself."""
    body = DeviationReported(
        category="fall",
        answers=Answered(form="fall", form_version="1", response=raw_form()),
        claimed="Amina",
    )
    fact_type, version = type_of(body)
    return Fact(
        id=FACT, type=fact_type, version=version, aggregate=Ref("deviation", CASE), rank=1, at=AT,
        clock=Clock(offset_ms=-1200, age_s=30), device=DEVICE, seq=1, unit=UNIT, body=raw(body),
    )  # fmt: skip


def raw_form() -> msgspec.Raw:
    return msgspec.Raw(b'{"resourceType":"QuestionnaireResponse","status":"completed"}')


class _Drawn:
    """The ephemeral key of the example, where a fresh one is drawn."""

    @staticmethod
    def generate() -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(EPHEMERAL)


def made() -> dict[str, str]:
    """Everything of the example by its name, as it stands in the document."""
    envelope = stated(encode(fact()), DEVICE_KEY)
    with patch.object(x25519, "X25519PrivateKey", _Drawn), patch.object(seal.os, "urandom", lambda n: NONCE):
        sealer = seal.Sealer(seal.public_of(SEAL_KEY), DEVICE)
        sealed = sealer.seal(FACT, bytes(envelope))
    statement = encoding.encode(SessionStatement(device=DEVICE, at=AT, nonce=SESSION_NONCE))
    result = PushResult(id=FACT, status="accepted", hash=envelope.hash)
    receipt = signed(Receipt(device=DEVICE, received=AT, results=(result,)), ENDPOINT_KEY, Context.RECEIPT)
    page = Page(
        stream=f"chief:{UNIT}", epoch="5f1e2d3c", after=0, upto=1, more=False, now=AT,
        facts=(Placed(position=1, envelope=bytes(envelope)),),
    )  # fmt: skip
    part = Snapshot(
        stream=page.stream, epoch=page.epoch, cut=2, after="", upto=f"{page.epoch}.2.1.1", now=AT,
        facts=page.facts, left_out=(Ref("deviation", ORDER),), left=Left(count=1, sum=bytes(8)),
    )  # fmt: skip
    answer = enrolled.signed_by(
        Enrolled(
            device=DEVICE, unit=UNIT, unit_name="Granen", sign_public=signature.public_of(ENDPOINT_KEY),
            seal_public=seal.public_of(SEAL_KEY), now=AT,
        ),
        ENDPOINT_KEY, signature.public_of(DEVICE_KEY),
    )  # fmt: skip
    persons = encoding.encode(SessionStatement(device=DEVICE, staff=STAFF, at=AT, nonce=SESSION_NONCE))
    total = StreamSum(epoch=page.epoch, position=1, sum=bytes(Tally().plus([envelope.hash])))
    known_by = Anchors(nonce=NONCE.hex(), seal_public=seal.public_of(SEAL_KEY), certificates=ANCHORS)
    return {
        "device": DEVICE,
        "device private": DEVICE_KEY.hex(),
        "device public": signature.public_of(DEVICE_KEY).hex(),
        "endpoint sign_private": ENDPOINT_KEY.hex(),
        "endpoint sign_public": signature.public_of(ENDPOINT_KEY).hex(),
        "endpoint seal_private": SEAL_KEY.hex(),
        "endpoint seal_public": seal.public_of(SEAL_KEY).hex(),
        "fingerprint": anchors.fingerprint(signature.public_of(ENDPOINT_KEY)),
        "anchors nonce": NONCE.hex(),
        "anchors answer": encoding.encode(anchors.signed(known_by, ENDPOINT_KEY)).decode(),
        "anchors name": anchors.digest(ANCHORS),
        "enrol code": CODE,
        "enrol name": NAME,
        "enrol proof": signature.sign(DEVICE_KEY, Context.ENROL, (CODE + NAME).encode()).hex(),
        "enrol answer": encoding.encode(answer).decode(),
        "sign-in": SIGN_IN,
        "staff": STAFF,
        "staff private": STAFF_KEY.hex(),
        "staff public": signature.public_of(STAFF_KEY).hex(),
        "certify proof": signature.sign(STAFF_KEY, Context.CERTIFY, (SIGN_IN + STAFF).encode()).hex(),
        "person's statement": persons.decode(),
        "person's device_signature": signature.sign(DEVICE_KEY, Context.SESSION, persons).hex(),
        "person's staff_signature": signature.sign(STAFF_KEY, Context.SESSION, persons).hex(),
        "session statement": statement.decode(),
        "session device_signature": signature.sign(DEVICE_KEY, Context.SESSION, statement).hex(),
        "fact": envelope.data.decode(),
        "fact signature": envelope.signature.hex(),
        "fact hash": envelope.hash.hex(),
        "ephemeral private": EPHEMERAL.hex(),
        "enc": sealed.enc.hex(),
        "box nonce": NONCE.hex(),
        "box": sealed.box.hex(),
        "push": encoding.encode(PushRequest(items=(sealed,), left=0)).decode(),
        "push answer": _text(receipt),
        "page": _text(signed(page, ENDPOINT_KEY, Context.PAGE)),
        "page in MessagePack": encoding.encode(
            signed(page, ENDPOINT_KEY, Context.PAGE, Encoding.MSGPACK), Encoding.MSGPACK
        ).hex(),
        "snapshot": _text(signed(part, ENDPOINT_KEY, Context.SNAPSHOT)),
        "order": ORDER,
        "day": DAY.isoformat(),
        "slot": SLOT,
        "dose": dose_id(ORDER, DAY, SLOT),
        "person": PERSON,
        "preparation": PREPARATION,
        "month": MONTH,
        "stock": stock_id(PERSON, name_of(PREPARATION), MONTH),
        "sums": _text(signed(Sums(streams={page.stream: total}, now=AT), ENDPOINT_KEY, Context.SUMS)),
    }


def _text(message: Signed) -> str:
    return encoding.encode(message).decode()


TEXT = """# The protocol: an example to check a client against

A phone is enrolled, somebody signs in on it, and one report is saved without a sign-in, pushed, receipted,
and read by the unit's chief. Beside them the ids that a client works out.
docs/protocol.md says what each part is. Bytes are hexadecimal here, but in JSON they are base64, as they
travel. The keys are no secrets: they count upwards. What is drawn at random (the ephemeral key, the nonces)
is given, so that a client that uses the same gets the same bytes. `tests/test_protocol_example.py` reads
this page and works it out anew with nothing of Rapp's own code, but the standards' formulas.
`python -m tests.protocol_example` makes it.

Lines are `name: value`.

"""
PARTS = {
    "Keys": ("device", "device private", "device public", "endpoint sign_private", "endpoint sign_public",
             "endpoint seal_private", "endpoint seal_public"),
    "`GET /v1/anchors`, with stand-ins of eight bytes for two certificates":
        ("fingerprint", "anchors nonce", "anchors answer", "anchors name"),
    "`POST /v1/enrol` with a typed code": ("enrol code", "enrol name", "enrol proof", "enrol answer"),
    "`POST /v1/signin/{id}/certify`":
        ("sign-in", "staff", "staff private", "staff public", "certify proof"),
    "A session of the person on the device: `POST /v1/session`":
        ("person's statement", "person's device_signature", "person's staff_signature"),
    "A session of the device": ("session statement", "session device_signature"),
    "The fact, its signature and its hash": ("fact", "fact signature", "fact hash"),
    "The seal: HPKE's `enc`, and the box": ("ephemeral private", "enc", "box nonce", "box"),
    "`POST /v1/push` and what answers it, a Receipt": ("push", "push answer"),
    "In the answer to `GET /v1/pull`, one of `pages`": ("page",),
    "The same in MessagePack": ("page in MessagePack",),
    "And in the answer to a first sync one of `snapshots`, where one aggregate is left out": ("snapshot",),
    "Ids that follow from others":
        ("order", "day", "slot", "dose", "person", "preparation", "month", "stock"),
    "And `sums`, where this is all there is of the stream": ("sums",),
}  # fmt: skip


def document() -> str:
    """The page."""
    values = made()
    parts = [
        f"## {title}\n\n```\n" + "\n".join(f"{name}: {values[name]}" for name in names) + "\n```\n"
        for title, names in PARTS.items()
    ]
    return TEXT + "\n".join(parts)


if __name__ == "__main__":
    print(document(), end="")
    assert json.loads(made()["push"])

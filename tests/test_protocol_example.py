"""The example of the protocol's description, worked out anew with the standards' formulas alone."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from care import streams
from tests.protocol_example import document

PAGE = Path(__file__).parent.parent / "docs" / "protocol-example.md"


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    lines = [line.partition(": ") for line in PAGE.read_text().splitlines()]
    return {name: value for name, colon, value in lines if colon}


def test_the_page_is_what_the_code_makes() -> None:
    assert PAGE.read_text() == document()


def signs(private: str, context: bytes, data: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).sign(context + b"\0" + data)


def read(signed: str, public: str, context: bytes) -> dict[str, object]:
    """What is inside of a Signed, once its signature holds."""
    message = {name: base64.b64decode(value) for name, value in json.loads(signed).items()}
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(message["signature"], context + b"\0" + message["data"])
    found: dict[str, object] = json.loads(message["data"])
    return found


def test_signatures_and_the_hash(example: dict[str, str]) -> None:
    private, statement, fact = example["device private"], example["session statement"], example["fact"]
    assert signs(private, b"rapp session 1", statement.encode()).hex() == example["session device_signature"]
    assert signs(private, b"rapp fact 1", fact.encode()).hex() == example["fact signature"]
    assert hashlib.sha256(fact.encode()).hexdigest() == example["fact hash"]
    said = json.loads(fact)
    assert (said["type"], said["device"], said["seq"]) == ("deviation.reported", example["device"], 1)


def test_an_enrolment(example: dict[str, str]) -> None:
    said = (example["enrol code"] + example["enrol name"]).encode()
    assert signs(example["device private"], b"rapp enrol 1", said).hex() == example["enrol proof"]
    answer = json.loads(example["enrol answer"])
    keys = [base64.b64decode(answer[name]).hex() for name in ("sign_public", "seal_public")]
    assert keys == [example["endpoint sign_public"], example["endpoint seal_public"]]
    words = [answer["device"], answer["unit"], answer["unit_name"], *keys, example["device public"]]
    signature = signs(example["endpoint sign_private"], b"rapp enrolled 1", "\0".join(words).encode())
    assert base64.b64decode(answer["signature"]) == signature


def test_a_person_on_the_phone(example: dict[str, str]) -> None:
    said = (example["sign-in"] + example["staff"]).encode()
    assert signs(example["staff private"], b"rapp certify 1", said).hex() == example["certify proof"]
    statement = example["person's statement"].encode()
    assert json.loads(statement)["staff"] == example["staff"]
    for whose in ("device", "staff"):
        signature = signs(example[f"{whose} private"], b"rapp session 1", statement).hex()
        assert signature == example[f"person's {whose}_signature"]


def test_the_page_in_messagepack_says_what_it_says_in_json(example: dict[str, str]) -> None:
    message = msgspec.msgpack.decode(bytes.fromhex(example["page in MessagePack"]))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(example["endpoint sign_public"]))
    key.verify(message["signature"], b"rapp page 1\0" + message["data"])
    packed = msgspec.msgpack.decode(message["data"])
    [placed] = packed["facts"]
    placed["envelope"] = base64.b64encode(placed["envelope"]).decode()
    packed["now"] = packed["now"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert packed == read(example["page"], example["endpoint sign_public"], b"rapp page 1")


def test_a_part_of_a_first_sync(example: dict[str, str]) -> None:
    public = example["endpoint sign_public"]
    part, page = (
        read(example[name], public, context.encode())
        for name, context in (("snapshot", "rapp snapshot 1"), ("page", "rapp page 1"))
    )
    assert part["facts"] == page["facts"]
    assert str(part["upto"]).startswith(str(part["epoch"]))
    assert (part["after"], part["left_out"]) == ("", [["deviation", example["order"]]])
    assert len(base64.b64decode(part["left"]["sum"])) == 8  # type: ignore[index]


def test_ids_that_follow_from_others(example: dict[str, str]) -> None:
    """RFC 9562, 5.5."""
    dose = uuid5(example["order"], f"{example['day']}/{example['slot']}")
    assert dose == example["dose"]
    preparation = " ".join(example["preparation"].casefold().split())
    assert preparation != example["preparation"]
    assert uuid5(example["person"], f"{preparation}/{example['month']}") == example["stock"]


def test_the_description_says_of_each_kind_where_it_stands() -> None:
    text = (PAGE.parent / "protocol.md").read_text()
    table = text.partition("| kind | streams |")[2].partition("| all others |")[0]
    assert {document.kind for document in streams._rules} == set(
        re.findall(r"`([a-z-]+)`(?=[^|]*\|[^|]*\|$)", table, re.M)
    )


def uuid5(within: str, name: str) -> str:
    digest = bytearray(hashlib.sha1(bytes.fromhex(within.replace("-", "")) + name.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def test_the_anchors_and_the_key_of_a_link(example: dict[str, str]) -> None:
    public, answer = bytes.fromhex(example["endpoint sign_public"]), json.loads(example["anchors answer"])
    assert base64.b64decode(answer.pop("sign_public")) == public
    name = base64.urlsafe_b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")
    assert name == example["fingerprint"]
    said = read(json.dumps(answer), example["endpoint sign_public"], b"rapp anchors 1")
    assert said["nonce"] == example["anchors nonce"]
    assert base64.b64decode(said["seal_public"]).hex() == example["endpoint seal_public"]  # type: ignore[arg-type]
    each = [hashlib.sha256(base64.b64decode(one)).digest() for one in said["certificates"]]  # type: ignore[attr-defined]
    assert hashlib.sha256(b"".join(sorted(each))).hexdigest() == example["anchors name"]
    assert each != sorted(each), "that they are sorted shows"


def test_the_seal(example: dict[str, str]) -> None:
    """RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; then its exporter."""
    ephemeral = X25519PrivateKey.from_private_bytes(bytes.fromhex(example["ephemeral private"]))
    enc, to = ephemeral.public_key().public_bytes_raw(), bytes.fromhex(example["endpoint seal_public"])
    assert enc.hex() == example["enc"]
    secret = kem(ephemeral.exchange(X25519PublicKey.from_public_bytes(to)), enc + to)
    # The endpoint comes to the same from its own key and `enc`.
    own = X25519PrivateKey.from_private_bytes(bytes.fromhex(example["endpoint seal_private"]))
    assert kem(own.exchange(X25519PublicKey.from_public_bytes(enc)), enc + to) == secret
    aead = AESGCM(exported(secret, b"rapp seal 1", b"rapp seal 1"))
    nonce, envelope = (
        bytes.fromhex(example["box nonce"]),
        bytes.fromhex(example["fact signature"]) + example["fact"].encode(),
    )
    fact_id = json.loads(example["fact"])["id"]
    associated = f"{example['device']}\0{fact_id}".encode()
    assert (nonce + aead.encrypt(nonce, envelope, associated)).hex() == example["box"]


def test_what_travels(example: dict[str, str]) -> None:
    fact_id = json.loads(example["fact"])["id"]
    [item] = json.loads(example["push"])["items"]
    assert item["id"] == fact_id
    assert base64.b64decode(item["enc"]).hex() == example["enc"]
    assert base64.b64decode(item["box"]).hex() == example["box"]
    receipt = read(example["push answer"], example["endpoint sign_public"], b"rapp receipt 1")
    assert receipt["device"] == example["device"]
    assert receipt["results"] == [
        {
            "id": fact_id,
            "status": "accepted",
            "hash": base64.b64encode(bytes.fromhex(example["fact hash"])).decode(),
        }
    ]
    page = read(example["page"], example["endpoint sign_public"], b"rapp page 1")
    assert (page["after"], page["upto"]) == (0, 1)
    [placed] = page["facts"]  # type: ignore[misc]
    envelope = base64.b64decode(placed["envelope"])
    assert envelope[:64].hex() == example["fact signature"]
    assert envelope[64:].decode() == example["fact"]
    sums = read(example["sums"], example["endpoint sign_public"], b"rapp sums 1")
    told = sums["streams"][page["stream"]]  # type: ignore[index]
    assert (told["epoch"], told["position"]) == (page["epoch"], page["upto"])
    assert base64.b64decode(told["sum"]) == hashlib.sha256(envelope[64:]).digest()[:8]


# RFC 9180, with the numbers of its suite: KEM 0x0020, KDF 0x0001, AEAD 0x0002.

KEM, HPKE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"


def extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int = 32) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]


def kem(shared: bytes, context: bytes) -> bytes:
    """The shared secret of 4.1."""
    return expand(KEM, extract(KEM, b"", b"eae_prk", shared), b"shared_secret", context)


def exported(secret: bytes, info: bytes, context: bytes) -> bytes:
    """The key schedule of 5.1 in base mode, and the exporter of 5.3."""
    schedule = b"\0" + extract(HPKE, b"", b"psk_id_hash", b"") + extract(HPKE, b"", b"info_hash", info)
    exporter = expand(HPKE, extract(HPKE, secret, b"secret", b""), b"exp", schedule)
    return expand(HPKE, exporter, b"sec", context)

"""Envelope, signature, seal, signed message, cursor: any changed byte is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.dose import DoseCorrected
from care.facts import Ref, encode
from tests.statements import NOON, fact, new_id
from wire import seal, signature
from wire.cursor import Cursor
from wire.encoding import decode
from wire.envelope import Envelope, envelope, stated
from wire.errors import EnvelopeError, MessageError, SealError, SignatureError
from wire.messages import PushResult, Receipt, opened, signed
from wire.signature import Context

KEY = signature.new_key()
PUBLIC = signature.public_of(KEY)
ENDPOINT = seal.new_key()
DATA = encode(fact(DoseCorrected(corrects="x"), Ref("dose", new_id())))


def test_an_envelope_carries_its_bytes_verbatim() -> None:
    sent = stated(DATA, KEY)
    came = envelope(bytes(sent))
    came.verify(PUBLIC)
    assert came.data == DATA
    assert came.hash == sent.hash


@given(st.integers(0, 64 + len(DATA) - 1), st.integers(1, 255))
def test_any_changed_byte_of_an_envelope_is_noticed(at: int, change: int) -> None:
    changed = bytearray(bytes(stated(DATA, KEY)))
    changed[at] ^= change
    with pytest.raises(SignatureError):
        envelope(bytes(changed)).verify(PUBLIC)


def test_a_signature_for_one_thing_is_not_one_for_another() -> None:
    made = signature.sign(KEY, Context.SESSION, DATA)
    with pytest.raises(SignatureError):
        Envelope(made, DATA).verify(PUBLIC)


def test_a_bad_key_is_a_signature_error() -> None:
    with pytest.raises(SignatureError):
        signature.verify(b"short", Context.FACT, b"x" * 64, DATA)
    with pytest.raises(SignatureError):
        signature.sign(b"short", Context.FACT, DATA)


@given(st.binary(max_size=64))
def test_too_few_bytes_are_no_envelope(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        envelope(data)


def test_what_is_sealed_opens_at_the_endpoint_and_nowhere_else() -> None:
    sealer = seal.Sealer(seal.public_of(ENDPOINT), "phone-1")
    first, second = sealer.seal("a", DATA), sealer.seal("b", DATA)
    opener = seal.Opener(ENDPOINT)
    assert opener.open(first, "phone-1") == opener.open(second, "phone-1") == DATA
    assert DATA[:40] not in first.box
    with pytest.raises(SealError):
        seal.Opener(seal.new_key()).open(first, "phone-1")


def test_a_seal_is_bound_to_its_fact_and_its_phone() -> None:
    sealer = seal.Sealer(seal.public_of(ENDPOINT), "phone-1")
    sealed = sealer.seal("a", DATA)
    opener = seal.Opener(ENDPOINT)
    with pytest.raises(SealError):
        opener.open(sealed, "phone-2")
    with pytest.raises(SealError):
        opener.open(seal.Sealed("b", sealed.enc, sealed.box), "phone-1")


def test_an_older_key_of_the_endpoint_still_opens_what_was_sealed_to_it() -> None:
    sealed = seal.Sealer(seal.public_of(ENDPOINT), "p").seal("a", DATA)
    assert seal.Opener(seal.new_key(), ENDPOINT).open(sealed, "p") == DATA


@given(st.binary(max_size=40), st.binary(max_size=60))
def test_garbage_is_a_seal_error(enc: bytes, box: bytes) -> None:
    with pytest.raises(SealError):
        seal.Opener(ENDPOINT).open(seal.Sealed("a", enc, box), "phone-1")


def test_a_receipt_counts_only_with_the_endpoints_signature() -> None:
    receipt = Receipt(device="d", received=NOON, results=(PushResult(id="a", status="accepted", hash=b"h"),))
    answer = signed(receipt, KEY, Context.RECEIPT)
    assert opened(answer, PUBLIC, Context.RECEIPT, Receipt) == receipt
    with pytest.raises(SignatureError):
        opened(answer, signature.public_of(signature.new_key()), Context.RECEIPT, Receipt)
    with pytest.raises(SignatureError):
        opened(answer, PUBLIC, Context.PAGE, Receipt)


def test_a_message_with_a_wrong_field_names_it() -> None:
    with pytest.raises(MessageError, match="device"):
        decode(b'{"device": 7, "received": "2026-01-01T00:00:00Z", "results": []}', Receipt)


@given(st.text(max_size=120))
def test_a_cursor_reads_back_or_is_refused(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except MessageError:
        return
    assert Cursor.parse(str(cursor)) == cursor

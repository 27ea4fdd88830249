"""Messages as JSON and as MessagePack: they say the same, and what is neither is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wire.encoding import Encoding, decode, encode
from wire.errors import MessageError, SignatureError
from wire.messages import (
    Page,
    Placed,
    Pulled,
    PushRequest,
    PushResult,
    Receipt,
    Signed,
    Tombstone,
    opened,
    signed,
)
from wire.seal import Sealed
from wire.signature import Context, new_key, public_of

NOW = datetime(2026, 11, 30, 4, 5, 6, 789_000, UTC)
KEY = new_key()
ERASED = Placed(position=4, envelope=b"", erased=Tombstone(id="e", hash=b"h" * 32))
PAGE = Page(
    stream="unit:a",
    epoch="1",
    after=2,
    upto=4,
    more=False,
    facts=(Placed(position=3, envelope=b"\x00\xff{"), ERASED),
    now=NOW,
)
MESSAGES = [
    PAGE,
    Pulled(pages=(signed(PAGE, KEY, Context.PAGE),), streams=("unit:a",), now=NOW, heads={"unit:a": 4}),
    PushRequest(items=(Sealed("a", b"\x80" * 32, b"\xde\xad" * 20),), left=3),
    Receipt(device="d", received=NOW, results=(PushResult(id="a", status="accepted", hash=b"\x81" * 32),)),
]


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_a_message_reads_back_from_either(message: Page, encoding: Encoding) -> None:
    assert decode(encode(message, encoding), type(message)) == message


def test_in_messagepack_nothing_is_base64() -> None:
    envelope = bytes(range(256)) * 4
    facts = (Placed(position=1, envelope=envelope),)
    page = Page(stream="s", epoch="1", after=0, upto=1, more=False, facts=facts, now=NOW)
    pages = (signed(page, KEY, Context.PAGE, Encoding.MSGPACK),)
    whole = encode(Pulled(pages=pages, now=NOW), Encoding.MSGPACK)
    assert envelope in whole
    assert len(whole) < len(envelope) + 250


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_signed_is_read_in_the_encoding_that_it_was_signed_in(encoding: Encoding) -> None:
    message = signed(PAGE, KEY, Context.PAGE, encoding)
    assert opened(message, public_of(KEY), Context.PAGE, Page) == PAGE
    other = encode(PAGE, Encoding.JSON if encoding is Encoding.MSGPACK else Encoding.MSGPACK)
    with pytest.raises(SignatureError):
        opened(Signed(data=other, signature=message.signature), public_of(KEY), Context.PAGE, Page)


@given(some.binary(max_size=60) | some.binary(max_size=60).map(lambda rest: b"\x81" + rest))
def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(MessageError, match="Receipt"):
        decode(data, Receipt)


@pytest.mark.parametrize(
    "data",
    [b"\xdf\xff\xff\xff\xff", b"\x81\xa7results\xdd\xff\xff\xff\xff", b"\x81\xa1x" + b"\x91" * 100_000],
    ids=["a map that claims to be long", "a list that does", "deep"],
)
def test_a_length_that_is_only_claimed_costs_nothing(data: bytes) -> None:
    with pytest.raises(MessageError):
        decode(data, Receipt)

"""A slot opens with the PIN, the device secret and its own place, and with nothing less."""

import os
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from storage.keys import SCRYPT_MOST, SCRYPT_N, TARGET_S, Signer, SlotKeys, measured, unwrap, wrap
from storage.rows import RowKeys
from wire.signature import Context, new_key, public_of, sign

PIN = "482913"
SECRET = bytes(range(32))
SLOT = b"a slot, 16 bytes"
KEYS = SlotKeys(b"\1" * 32, b"\2" * 32, b"\3" * 32, datetime(2026, 3, 3, tzinfo=UTC))


def test_a_slot_opens_with_everything_right_and_with_nothing_less() -> None:
    lock = wrap(KEYS, PIN, SECRET, SLOT, SCRYPT_N)
    assert unwrap(lock, PIN, SECRET, SLOT) == KEYS
    assert unwrap(lock, "482914", SECRET, SLOT) is None
    assert unwrap(lock, PIN, bytes(32), SLOT) is None
    assert unwrap(lock, PIN, SECRET, b"b slot, 16 bytes") is None
    assert unwrap(replace(lock, salt=bytes(16)), PIN, SECRET, SLOT) is None


def test_a_slot_is_never_made_cheaper_to_guess_than_the_floor_and_keeps_its_own_price() -> None:
    assert SCRYPT_N >= 2**15
    with pytest.raises(ValueError, match="at least"):
        wrap(KEYS, PIN, SECRET, SLOT, SCRYPT_N // 2)
    dearer = wrap(KEYS, PIN, SECRET, SLOT, SCRYPT_N * 2)
    assert dearer.n == SCRYPT_N * 2
    assert unwrap(dearer, PIN, SECRET, SLOT) == KEYS
    assert unwrap(replace(dearer, n=SCRYPT_N), PIN, SECRET, SLOT) is None


def test_the_same_keys_are_never_wrapped_to_the_same_bytes() -> None:
    one, two = (wrap(KEYS, PIN, SECRET, SLOT, SCRYPT_N) for _ in range(2))
    assert one.salt != two.salt
    assert one.wrapped != two.wrapped


def test_a_ready_signer_signs_as_the_wire_does() -> None:
    private, data = new_key(), os.urandom(300)
    signer = Signer(private)
    assert signer.public == public_of(private)
    assert signer.sign(Context.SESSION, data) == sign(private, Context.SESSION, data)
    signer.stated(data).verify(public_of(private))


def test_lookups_of_two_rings_and_of_two_things_never_meet() -> None:
    one, two = RowKeys(b"\1" * 32, b"ring"), RowKeys(b"\2" * 32, b"ring")
    assert one.lookup("aggregate", "dose", "1") == one.lookup("aggregate", "dose", "1")
    made = {keys.lookup("aggregate", kind, "1") for keys in (one, two) for kind in ("dose", "order")}
    assert len(made | {RowKeys(b"\1" * 32, b"device").lookup("aggregate", "dose", "1")}) == 5
    assert {len(lookup) for lookup in made} == {16}


def test_a_payload_says_its_format_and_key_version() -> None:
    payload = RowKeys(b"\1" * 32, b"ring").seal("facts", b"key", b"content")
    assert payload[:2] == bytes((1, 1))
    assert len(payload) == 2 + 12 + len(b"content") + 16


@pytest.mark.parametrize(
    ("floor_ms", "memory_mib", "n"),
    [
        (15, 4096, SCRYPT_MOST),  # faster than the ceiling lets it be made dear
        (65, 4096, 2**17),
        (90, 4096, 2**17),
        (130, 4096, 2**16),
        (249, 4096, 2**16),
        (250, 4096, SCRYPT_N),
        (900, 4096, SCRYPT_N),
        (65, 64, 2**16),  # there is no room for more
        (65, 32, SCRYPT_N),
    ],
)
def test_a_slot_is_as_dear_as_the_device_bears_and_never_below_the_floor(
    floor_ms: int, memory_mib: int, n: int
) -> None:
    def take(tried: int) -> float:
        if tried // 1024 > memory_mib:
            raise MemoryError
        return floor_ms / 1000 * tried / SCRYPT_N

    assert measured(take) == n
    if SCRYPT_N < n < SCRYPT_MOST and memory_mib == 4096:
        assert TARGET_S <= take(n) < 2 * TARGET_S


def test_the_ceiling_is_what_a_phone_with_two_gibibytes_can_give() -> None:
    assert 128 * 8 * SCRYPT_MOST == 128 * 2**20  # RFC 7914: 128 * r * n bytes


def test_this_very_device_is_measured() -> None:
    assert measured() in (2**15, 2**16, 2**17)

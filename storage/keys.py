"""Keys: what a PIN opens. A slot holds a person's signing key and the keys of the two rings.

``KEK = HKDF-SHA256(scrypt(PIN, salt, n, r=8, p=1), salt=device secret, info="rapp 1 slot")``; the slot is
AES-256-GCM under it, with the slot's id, salt and n as associated data. Neither a stolen file without the
device secret nor the device secret without a PIN opens one.
"""

import os
from datetime import datetime
from itertools import pairwise

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct

from storage.errors import PinRule
from storage.rows import derived
from wire.envelope import Envelope
from wire.signature import Context

SCRYPT_N = 2**15
"""32 MiB and about 70 ms; the least that a slot is made with."""
PIN_LENGTH = 6
"""Digits that a PIN has at least."""
_LONGEST_PIN = 64
_R, _P = 8, 1
_SALT = 16
_NONCE = 12
_FORMAT = b"\x01"


class SlotKeys(Struct, frozen=True):
    """What a slot holds once opened."""

    signing_key: bytes
    """Ed25519 private key of the person on this phone, 32 bytes."""
    phone_key: bytes
    own_key: bytes
    certified_until: datetime


class Lock(Struct, frozen=True):
    """How a slot was locked: ``salt`` and scrypt's ``n`` in the clear, and the wrapped content."""

    salt: bytes
    n: int
    wrapped: bytes


class Signer:
    """A private key made ready once: signs as wire.signature.sign does, without reading the key each time."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, context: Context, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(context.value + b"\0" + data)

    def stated(self, data: bytes) -> Envelope:
        """Sign the bytes of a new fact."""
        return Envelope(self.sign(Context.FACT, data), data)


def check_pin(pin: str) -> None:
    """Raise PinRule unless the PIN is six digits or more, and neither one digit nor a run such as 123456."""
    if not (pin.isascii() and pin.isdigit()):
        raise PinRule("digits")
    if not PIN_LENGTH <= len(pin) <= _LONGEST_PIN:
        raise PinRule("length")
    steps = {ord(after) - ord(digit) for digit, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        raise PinRule("easy")


def wrap(keys: SlotKeys, pin: str, secret: bytes, slot: bytes, n: int = SCRYPT_N) -> Lock:
    """Lock a slot's content under a PIN and the device secret."""
    if n < SCRYPT_N:
        raise ValueError(f"n: at least {SCRYPT_N}")
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    aead = AESGCM(_kek(pin, secret, salt, n))
    box = aead.encrypt(nonce, msgspec.msgpack.encode(keys), _associated(slot, salt, n))
    return Lock(salt, n, _FORMAT + nonce + box)


def unwrap(lock: Lock, pin: str, secret: bytes, slot: bytes) -> SlotKeys | None:
    """What the slot holds, or None when the PIN does not open it. Takes scrypt's time."""
    aead = AESGCM(_kek(pin, secret, lock.salt, lock.n))
    nonce, box = lock.wrapped[1 : 1 + _NONCE], lock.wrapped[1 + _NONCE :]
    try:
        content = aead.decrypt(nonce, box, _associated(slot, lock.salt, lock.n))
    except InvalidTag:
        return None
    return msgspec.msgpack.decode(content, type=SlotKeys)


def _kek(pin: str, secret: bytes, salt: bytes, n: int) -> bytes:
    stretched = Scrypt(salt=salt, length=32, n=n, r=_R, p=_P).derive(pin.encode())
    return derived(stretched, b"rapp 1 slot", salt=secret)


def _associated(slot: bytes, salt: bytes, n: int) -> bytes:
    return _FORMAT + slot + salt + n.to_bytes(4, "big")

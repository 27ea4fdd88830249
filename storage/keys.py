"""Keys: what a PIN opens. A slot holds a person's signing key and the keys of the two rings.

``KEK = HKDF-SHA256(scrypt(PIN, salt, n, r=8, p=1), salt=device secret, info="rapp 1 slot")``; the slot is
AES-256-GCM under it, with the slot's id, salt and n as associated data. Neither a stolen file without the
device secret nor the device secret without a PIN opens one.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct

from storage.rows import SECRET, derived
from wire.envelope import Envelope
from wire.signature import Context

SCRYPT_N = 2**15
"""The least n that a slot is made with: 32 MiB."""
SCRYPT_MOST = 2**17
"""The most, however fast the device: 128 MiB. A phone with 2 GiB has about that to spare beside the app and
the system; with 256 MiB the system would close other apps, or this one, just when it is opened. Where this is
faster than `TARGET_S`, a guess is cheaper by as much as the processor is better."""
TARGET_S = 0.25
"""What opening a slot is to take at least. n doubles, so it takes less than twice as long."""
_R, _P = 8, 1
"""What the slot's format says. Whoever changes them makes a new format, and still reads this one."""
_SALT = 16
_NONCE = 12
_FORMAT = b"\x01"


class SlotKeys(Struct, frozen=True, weakref=True):
    """What a slot holds once opened."""

    signing_key: bytes
    """Ed25519 private key of the person on this phone, 32 bytes."""
    phone_key: bytes
    own_key: bytes
    certified_until: datetime

    @property
    def versions(self) -> tuple[int, int]:
        """How many secrets there are of the phone's key and of the person's own."""
        return len(self.phone_key) // SECRET, len(self.own_key) // SECRET


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


def measured(take: Callable[[int], float] | None = None) -> int:
    """The n of this device: the least that takes `TARGET_S`, found by trying. Takes about half a second.

    `take`: tries one n, in seconds. What there is no memory for is not chosen.
    """
    take = take or _seconds
    n, took = SCRYPT_N, take(SCRYPT_N)
    with suppress(MemoryError):
        while n < SCRYPT_MOST and took < TARGET_S:
            took = take(2 * n)
            n *= 2
    return n


def _seconds(n: int) -> float:
    begun = time.perf_counter()
    _kek("", bytes(32), bytes(_SALT), n)
    return time.perf_counter() - begun


def wrap(keys: SlotKeys, pin: str, secret: bytes, slot: bytes, n: int) -> Lock:
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

"""A slot that also opens by a key which the phone's keystore gives for a finger or a face.

    slot   AES-256-GCM(HKDF-SHA256(key, salt = device secret, info = "rapp 1 biometric"), msgpack SlotKeys)
           kept beside the slot's tries as 01 | nonce (12) | ciphertext and tag
           associated data: 01 | slot id (16) | SHA-256 of the slot's lock

The platform says that a finger is known to the phone, not whose it is: so only where one person has a slot.
The PIN always opens. It is asked for after some tries, or days, without it; another PIN or sign-in ends all.
"""

import os
from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from storage.keys import SlotKeys
from storage.rows import derived

MOST_TRIES = 5
"""Tries, each counted before the finger is asked for, that are given without a PIN in between."""
PIN_EVERY = timedelta(days=3)
"""So long the PIN need not be given."""
KEY = 32
_FORMAT = b"\x01"
_NONCE = 12


class Biometric(Struct, frozen=True):
    """What is kept of it: the wrapped keys, when the PIN was last given, and the tries since then."""

    box: bytes
    pin_at: datetime
    tried: int = 0

    def usable(self, now: datetime) -> bool:
        """Whether it opens now. A clock that was set back before the PIN was given asks for the PIN."""
        return self.tried < MOST_TRIES and self.pin_at <= now < self.pin_at + PIN_EVERY


def wrap(keys: SlotKeys, key: bytes, secret: bytes, place: bytes) -> bytes:
    """Lock a slot's content under a key. `place`: the slot's id and the digest of its lock."""
    nonce = os.urandom(_NONCE)
    box = _aead(key, secret).encrypt(nonce, msgspec.msgpack.encode(keys), _FORMAT + place)
    return _FORMAT + nonce + box


def unwrap(box: bytes, key: bytes, secret: bytes, place: bytes) -> SlotKeys | None:
    """What the slot holds, or None when the key does not open it."""
    try:
        content = _aead(key, secret).decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], _FORMAT + place)
    except (InvalidTag, ValueError):
        return None
    return msgspec.msgpack.decode(content, type=SlotKeys)


def _aead(key: bytes, secret: bytes) -> AESGCM:
    return AESGCM(derived(key, b"rapp 1 biometric", salt=secret))

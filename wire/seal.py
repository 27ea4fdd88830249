"""Seals: what a phone saves is, at once, also encrypted to the endpoint, so that a locked phone can send it.

HPKE (RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) once per unlock; its exported
secret (5.3, context ``rapp seal 1``, 32 bytes) is an AES-256-GCM key, and each fact is sealed under it with
a fresh random 96-bit nonce. Associated data is ``device || 0x00 || fact id``.
Pieces of photos are sealed alike, under names that no fact has (wire/pieces.py).
"""

import os
from collections import OrderedDict
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey
from pyhpke.exceptions import PyHPKEError

from wire.errors import SealError

_SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
_INFO = b"rapp seal 1"
_NONCE = 12
_CONTEXTS_KEPT = 512


class Sealed(Struct, frozen=True):
    """One sealed fact as it travels: whose it is for, is known; what it says, is not."""

    id: str
    """The fact's id, in the clear, so that answers can name it."""
    enc: bytes
    """HPKE encapsulated key, 32 bytes; the same for all facts of one unlock."""
    box: bytes
    """Nonce (12 bytes), ciphertext and tag."""


def new_key() -> bytes:
    """A fresh X25519 private key for the endpoint, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


class Sealer:
    """Seals facts of one device to one endpoint, from one unlock to the next lock."""

    def __init__(self, endpoint_public: bytes, device: str) -> None:
        try:
            key = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(endpoint_public))
        except ValueError as error:
            raise SealError(f"not an endpoint's key: {error}") from error
        self._enc, context = _SUITE.create_sender_context(key, info=_INFO)
        self._aead = AESGCM(context.export(_INFO, 32))
        self._device = device

    def seal(self, fact_id: str, envelope: bytes) -> Sealed:
        """Seal an envelope's bytes."""
        nonce = os.urandom(_NONCE)
        box = self._aead.encrypt(nonce, envelope, _associated(self._device, fact_id))
        return Sealed(fact_id, self._enc, nonce + box)


class Opener:
    """Opens what phones sealed to this endpoint. Remembers the contexts of recent unlocks."""

    def __init__(self, *private: bytes) -> None:
        """The current key first, then older ones that may still be in use on phones with unsent facts."""
        self._keys = [
            KEMKey.from_pyca_cryptography_key(X25519PrivateKey.from_private_bytes(p)) for p in private
        ]
        self._contexts: OrderedDict[bytes, list[AESGCM]] = OrderedDict()

    def open(self, sealed: Sealed, device: str) -> bytes:
        """The envelope's bytes. Raises SealError."""
        if len(sealed.enc) != 32 or len(sealed.box) <= _NONCE:
            raise SealError("too short for a seal")
        associated = _associated(device, sealed.id)
        for aead in self._contexts_of(sealed.enc):
            try:
                return aead.decrypt(sealed.box[:_NONCE], sealed.box[_NONCE:], associated)
            except InvalidTag:
                continue
        raise SealError("the seal does not open: other key, other device, or changed bytes")

    def _contexts_of(self, enc: bytes) -> list[AESGCM]:
        known = self._contexts.get(enc)
        if known is None:
            known = [aead for key in self._keys if (aead := _recipient(enc, key))]
            self._contexts[enc] = known
            while len(self._contexts) > _CONTEXTS_KEPT:
                self._contexts.popitem(last=False)
        return known


def _recipient(enc: bytes, key: Any) -> AESGCM | None:
    try:
        return AESGCM(_SUITE.create_recipient_context(enc, key, info=_INFO).export(_INFO, 32))
    except (PyHPKEError, ValueError):
        return None


def _associated(device: str, fact_id: str) -> bytes:
    return device.encode() + b"\0" + fact_id.encode()

"""Ed25519 signatures (RFC 8032), each bound to what it is for.

What is signed is ``context || 0x00 || bytes``, so that no signature can be taken for one of another kind.
"""

from enum import Enum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wire.errors import SignatureError

SIGNATURE_LENGTH = 64
KEY_LENGTH = 32


class Context(Enum):
    """What a signature says."""

    FACT = b"rapp fact 1"
    """By the author (or, without one, the device): I state this."""
    PAGE = b"rapp page 1"
    """By the endpoint: these facts stand in this stream, in this order."""
    WHOLE = b"rapp whole 1"
    """By the endpoint: this is all that stands in this stream of this aggregate."""
    SNAPSHOT = b"rapp snapshot 1"
    """By the endpoint: these aggregates stood so in this stream, at this place of it."""
    SUMS = b"rapp sums 1"
    """By the endpoint: so far these streams go, and so much stands in each of them."""
    RECEIPT = b"rapp receipt 1"
    """By the endpoint: I have these facts, durably."""
    PHOTO = b"rapp photo 1"
    """By the endpoint: I have so much of this photo."""
    SESSION = b"rapp session 1"
    """By a device, and by a person on it: it is me, now."""
    CERTIFY = b"rapp certify 1"
    """By a new key of a person: I am held by whoever just signed in."""
    ENROL = b"rapp enrol 1"
    """By a new key of a device: I am held by whoever has the code."""
    ENROLLED = b"rapp enrolled 1"
    """By the endpoint: I know the device with this key, by this id and in this unit."""
    EXPORT = b"rapp export 1"
    """By the endpoint: these files, with these hashes, are what was handed out of a person's record."""
    LOG_HEAD = b"rapp log head 1"
    """By the endpoint: a unit's log of a day had so many rows and ended so."""
    LOG_CONTROL = b"rapp log control 1"
    """By the endpoint: this is what was drawn of the log, and decided of it, when the control was closed."""
    ANCHORS = b"rapp anchors 1"
    """By the endpoint: by these authorities my certificate is known, asked just now."""
    DEVICE = b"rapp device 1"
    """By the endpoint: this is what the phone is to do, asked just now."""
    DEVICE_DONE = b"rapp device done 1"
    """By a device: I have destroyed my keys, or I have moved."""
    DEVICE_KEY = b"rapp device key 1"
    """By a device's old key and by its new one: from now on the new one speaks for me."""


def spoken(context: Context, data: bytes) -> bytes:
    """What is signed to say bytes in a context."""
    return context.value + b"\0" + data


def new_key() -> bytes:
    """A fresh private key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public half of a private key, 32 bytes."""
    return _private(private).public_key().public_bytes_raw()


def sign(private: bytes, context: Context, data: bytes) -> bytes:
    """Sign bytes in a context. 64 bytes."""
    return _private(private).sign(spoken(context, data))


def verify(public: bytes, context: Context, signature: bytes, data: bytes) -> None:
    """Raise SignatureError unless the signature holds over the bytes in that context."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, spoken(context, data))
    except InvalidSignature as error:
        raise SignatureError(f"{context.name.lower()}: the signature does not hold") from error
    except ValueError as error:
        raise SignatureError(f"{context.name.lower()}: not a public key: {error}") from error


def _private(private: bytes) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(private)
    except ValueError as error:
        raise SignatureError(f"not a private key: {error}") from error

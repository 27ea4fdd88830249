"""The envelope: a fact's bytes and the signature over exactly those bytes, carried verbatim for ever.

On the wire and in the store: 64 bytes of signature, then the fact's bytes.
"""

import hashlib
from functools import cached_property

from msgspec import Struct

from care.facts import Fact, decode
from wire.errors import EnvelopeError
from wire.signature import SIGNATURE_LENGTH, Context, sign, verify


class Envelope(Struct, frozen=True, dict=True):
    signature: bytes
    data: bytes
    """The fact's bytes, as its author's device wrote them."""

    def __bytes__(self) -> bytes:
        return self.signature + self.data

    @cached_property
    def hash(self) -> bytes:
        """`hash_of` its bytes."""
        return hash_of(self.data)

    def fact(self) -> Fact:
        """Read the fact. Raises care.FactError."""
        return decode(self.data)

    def verify(self, public: bytes) -> None:
        """Raise SignatureError unless the key's holder stated this."""
        verify(public, Context.FACT, self.signature, self.data)


def hash_of(data: bytes) -> bytes:
    """SHA-256 of a fact's bytes: its identity in chains, receipts and checksums. 32 bytes."""
    return hashlib.sha256(data).digest()


def stated(data: bytes, private: bytes) -> Envelope:
    """Sign the bytes of a new fact."""
    return Envelope(sign(private, Context.FACT, data), data)


def envelope(data: bytes) -> Envelope:
    """Read an envelope from its bytes. Raises EnvelopeError; checks no signature."""
    if len(data) <= SIGNATURE_LENGTH:
        raise EnvelopeError(f"{len(data)} bytes are too few for a signature and a fact")
    return Envelope(data[:SIGNATURE_LENGTH], data[SIGNATURE_LENGTH:])

"""The anchors of TLS: by which authorities a phone knows its endpoint, as the endpoint's key has signed them.

Certificates are checked by OpenSSL, the statement by `wire.signature`. What is stated is of now, since it
answers a nonce of the asker's: so it can come over a line that nobody believes, and nothing in it is counted.
"""

import base64
import hashlib
import ssl
from collections.abc import Sequence
from contextlib import suppress

from wire.encoding import decode, encode
from wire.errors import MessageError, SignatureError
from wire.messages import Message
from wire.signature import Context, public_of, sign, verify

MOST = 8
"""Anchors that an endpoint may have at once."""


class Anchors(Message, frozen=True, kw_only=True):
    """From now on the endpoint's certificate comes from one of these. Signed in context ANCHORS."""

    nonce: str
    seal_public: bytes
    """The endpoint's X25519 key, for whoever enrols: facts are sealed to it."""
    certificates: tuple[bytes, ...] = ()
    """X.509, DER. Empty: from any authority that the system trusts."""


class AnchorsSigned(Message, frozen=True, kw_only=True):
    """Anchors, and the key that signed them. Who asks knows that key, or its fingerprint."""

    sign_public: bytes
    data: bytes
    signature: bytes


def signed(anchors: Anchors, private: bytes) -> AnchorsSigned:
    """The statement with the endpoint's signature."""
    data = encode(anchors)
    return AnchorsSigned(
        sign_public=public_of(private), data=data, signature=sign(private, Context.ANCHORS, data)
    )


def opened(answer: AnchorsSigned, nonce: str) -> Anchors:
    """What is stated, once the signature of the key beside it holds and it answers this nonce.

    Whether that key is the endpoint's is for the caller to see. Raises SignatureError or MessageError, also
    for a certificate that OpenSSL cannot read: with it in place of others nobody would be believed.
    """
    verify(answer.sign_public, Context.ANCHORS, answer.signature, answer.data)
    anchors = decode(answer.data, Anchors)
    if anchors.nonce != nonce:
        raise SignatureError("anchors: not asked for now")
    for one in anchors.certificates:
        if not is_certificate(one):
            raise MessageError("anchors: not a certificate")
    return anchors


def is_certificate(der: bytes) -> bool:
    """Whether OpenSSL reads it as one certificate."""
    return context([der]).cert_store_stats()["x509"] == 1


def digest(certificates: Sequence[bytes]) -> str:
    """What a set of anchors is called, in 64 signs; none: empty."""
    each = sorted(hashlib.sha256(one).digest() for one in certificates)
    return hashlib.sha256(b"".join(each)).hexdigest() if each else ""


def fingerprint(public: bytes) -> str:
    """What an endpoint's signing key is called in a link: SHA-256 in base64url without padding, 43 signs."""
    return base64.urlsafe_b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def context(certificates: Sequence[bytes]) -> ssl.SSLContext:
    """TLS that believes these authorities alone; names are checked. What cannot be read is left out."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # An anchor may be an authority below another one: the chain ends where it is met.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for one in certificates:
        with suppress(ssl.SSLError, ValueError):
            made.load_verify_locations(cadata=one)
    return made

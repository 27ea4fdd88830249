"""The answer to an enrolment, signed: a phone that took another id, unit or key than was meant would speak to
nobody, and a new code would be needed."""

from msgspec.structs import replace

from wire.errors import SignatureError
from wire.messages import Enrolled
from wire.signature import Context, sign, verify


def signed_by(answer: Enrolled, private: bytes, phone: bytes) -> Enrolled:
    """The answer to the phone with that public key, with the signature of the endpoint's key."""
    return replace(answer, signature=sign(private, Context.ENROLLED, _said(answer, phone)))


def check(answer: Enrolled, phone: bytes) -> None:
    """Whether it came as it was sent, to the phone with that public key. Raises SignatureError, also when it
    is not signed."""
    if answer.signature is None:
        raise SignatureError("enrolled: not signed")
    verify(answer.sign_public, Context.ENROLLED, answer.signature, _said(answer, phone))


def _said(answer: Enrolled, phone: bytes) -> bytes:
    keys = answer.sign_public, answer.seal_public, phone
    words = answer.device, answer.unit, answer.unit_name, *(key.hex() for key in keys)
    return "\0".join(words).encode()

"""Enrolment: once in a phone's life, with a short-lived code from the console."""

from typing import TYPE_CHECKING

from storage import Device, Store
from sync.backoff import TRIES
from sync.errors import BadAnswer, OtherEndpoint, Refused
from sync.session import APP
from sync.trust import ask
from wire import enrolled
from wire.anchors import Anchors, fingerprint
from wire.errors import SignatureError
from wire.messages import CODE, ENROLS, Enrolled, EnrolRequest
from wire.seal import Sealer
from wire.signature import KEY_LENGTH, Context, new_key, public_of, sign

if TYPE_CHECKING:
    from sync.link import Link


async def enrol(link: "Link", code: str, phone_name: str, store: Store, key: str = "") -> Device:
    """Make the phone's own key, prove it, and keep what the endpoint answers.

    The endpoint's two public keys come with this answer and are never replaced by a later one. With the
    `key`'s fingerprint nobody else is told the code: the endpoint shows that key first, by which
    authorities its certificate is to be believed, and what the code is sealed to. Raises SyncError (Refused
    when the code does not hold, OtherEndpoint when the key is another) and StorageError.
    """
    known = await _introduced(link, key) if key else None
    private = new_key()
    sealer = Sealer(known[1].seal_public, ENROLS) if known else None
    request = EnrolRequest(
        code="" if sealer else code,
        sealed_code=sealer.seal(CODE, code.encode()) if sealer else None,
        name=phone_name,
        public=public_of(private),
        proof=sign(private, Context.ENROL, (code + phone_name).encode()),
        app=APP,
    )
    # The answer may be lost on the way: the code is good once, but the same key gets the same answer.
    answer = await link.post("/v1/enrol", request, Enrolled, tries=TRIES)
    if len(answer.sign_public) != KEY_LENGTH or len(answer.seal_public) != KEY_LENGTH or not answer.device:
        raise BadAnswer("enrolled: keys without their form")
    if known and (answer.sign_public, answer.seal_public) != (known[0], known[1].seal_public):
        raise OtherEndpoint("enrolled: other keys than those that were shown")
    if known or answer.signature is not None:
        _check(answer, public_of(private))
    device = Device(
        id=answer.device,
        unit=answer.unit,
        unit_name=answer.unit_name,
        name=phone_name,
        private=private,
        endpoint_url=link.url,
        sign_public=answer.sign_public,
        seal_public=answer.seal_public,
        anchors=known[1].certificates if known else (),
    )
    store.enrol(device)
    return device


def _check(answer: Enrolled, phone: bytes) -> None:
    try:
        enrolled.check(answer, phone)
    except SignatureError as error:
        raise BadAnswer(str(error)) from error


async def _introduced(link: "Link", key: str) -> tuple[bytes, Anchors]:
    """The endpoint's signing key, which has that fingerprint, and what it states; the line goes by it."""
    try:
        public, anchors = await ask(link.ask_anybody, lambda public: fingerprint(public) == key)
    except Refused as error:
        raise OtherEndpoint(f"it states no key: {error}") from error
    if len(anchors.seal_public) != KEY_LENGTH:
        raise BadAnswer("anchors: a key without its form")
    link.believe(anchors.certificates)
    return public, anchors

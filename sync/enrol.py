"""Enrolment: once in a phone's life, with a short-lived code from the console."""

from typing import TYPE_CHECKING

from storage import Device, Store
from sync.backoff import TRIES
from sync.errors import BadAnswer
from sync.session import APP
from wire.messages import Enrolled, EnrolRequest
from wire.signature import KEY_LENGTH, Context, new_key, public_of, sign

if TYPE_CHECKING:
    from sync.link import Link


async def enrol(link: "Link", code: str, phone_name: str, store: Store) -> Device:
    """Make the phone's own key, prove it, and keep what the endpoint answers.

    The endpoint's two public keys come with this answer and are never replaced by a later one. Raises
    SyncError (Refused when the code does not hold) and StorageError.
    """
    private = new_key()
    request = EnrolRequest(
        code=code,
        name=phone_name,
        public=public_of(private),
        proof=sign(private, Context.ENROL, (code + phone_name).encode()),
        app=APP,
    )
    # The answer may be lost on the way: the code is good once, but the same key gets the same answer.
    answer = await link.post("/v1/enrol", request, Enrolled, tries=TRIES)
    if len(answer.sign_public) != KEY_LENGTH or len(answer.seal_public) != KEY_LENGTH or not answer.device:
        raise BadAnswer("enrolled: keys without their form")
    device = Device(
        id=answer.device,
        unit=answer.unit,
        unit_name=answer.unit_name,
        name=phone_name,
        private=private,
        endpoint_url=link.url,
        sign_public=answer.sign_public,
        seal_public=answer.seal_public,
    )
    store.enrol(device)
    return device

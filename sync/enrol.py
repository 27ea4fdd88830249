"""Enrolment: once in a phone's life, with a short-lived code from the console."""

import asyncio

from storage import Device, Store
from sync.errors import BadAnswer, Offline
from sync.link import Link
from wire.messages import Enrolled, EnrolRequest
from wire.signature import KEY_LENGTH, Context, new_key, public_of, sign

APP = "rapp 0.1.0"
_TRIES = 3
_BETWEEN_TRIES_S = 1.0


async def enrol(link: Link, code: str, phone_name: str, store: Store) -> Device:
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
    answer = await _asked(link, request)
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


async def _asked(link: Link, request: EnrolRequest) -> Enrolled:
    """Ask again when the answer was lost: the code is good once, but the same key gets the same answer."""
    for _ in range(_TRIES - 1):
        try:
            return await link.post("/v1/enrol", request, Enrolled)
        except Offline:
            await asyncio.sleep(_BETWEEN_TRIES_S)
    return await link.post("/v1/enrol", request, Enrolled)

"""A new key for a phone: the old one says so, the new one shows that it is held."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from endpoint import standing
from endpoint.database import insert_once
from endpoint.errors import NotKnown
from endpoint.schema import device_keys, devices
from wire.errors import SignatureError
from wire.messages import DeviceKeyRequest
from wire.signature import KEY_LENGTH, Context, verify


def replace_key(connection: Connection, device: str, request: DeviceKeyRequest, now: datetime) -> None:
    """Let the new key speak for the phone from now on. The same one again: nothing more.

    What was signed with the old one still holds, since it may wait on the phone. It opens no session.
    """
    query = select(devices.c.public).where(devices.c.id == device).with_for_update()
    present = connection.scalars(query).one()
    said = device.encode() + request.public
    if len(request.public) != KEY_LENGTH:
        raise NotKnown("bad_proof", "not a public key", field="public")
    _holds(request.public, request.by_new, said, "by_new")
    former = standing.public_keys(connection, device, present)
    if request.public == present:
        return
    if request.public in former:
        raise NotKnown("bad_proof", "a key that was replaced does not come back", field="public")
    _holds(present, request.by_old, said, "by_old")
    kept = {"device": device, "public": present, "end": now}
    connection.execute(insert_once(connection, device_keys), [kept])
    changes = {"public": request.public, "keyed": now, "new_key": False}
    connection.execute(update(devices).where(devices.c.id == device).values(changes))
    standing.note(connection, device, "device", "new_key", now)


def _holds(public: bytes, signature: bytes, said: bytes, field: str) -> None:
    try:
        verify(public, Context.DEVICE_KEY, signature, said)
    except SignatureError as error:
        raise NotKnown("bad_proof", str(error), field=field) from error

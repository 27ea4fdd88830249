"""What a phone asks and tells of itself: its standing, what it has done, a new key, a renewed certificate."""

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, JSONBody
from msgspec.structs import replace

from endpoint import device_done, device_key, devices_told, renewal, standing
from endpoint.api.callers import provide_caller
from endpoint.chains import compared
from endpoint.errors import NotAllowed, NotReadable
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from endpoint.renewal import lasting_of
from endpoint.sessions import Caller
from wire.messages import DeviceKeyRequest, Noted, Renewed, Signed, signed
from wire.signature import Context

_NONCE_MOST = 64


@get("/device", dependencies={"caller": Provide(provide_caller)}, responses=PROBLEMS)
async def device_standing(
    caller: NamedDependency[Caller], parts: NamedDependency[Parts], nonce: FromQuery[str] = ""
) -> Signed:
    """What the phone is to do: a signed DeviceStanding. A device's session suffices."""
    if len(nonce) > _NONCE_MOST:
        raise NotReadable("bad_request", f"at most {_NONCE_MOST} signs", field="nonce")
    now = parts.now()
    await parts.database.write(lambda connection: devices_told.heard(connection, {caller.device: None}, now))
    told, held = await parts.database.read(
        lambda connection: (
            standing.standing(connection, parts.keys, caller.device, now, parts.settings, nonce),
            compared(connection, [caller.device]).get(caller.device),
        )
    )
    told = replace(told, chain=held.end if held else None)
    return signed(told, parts.keys.sign_private, Context.DEVICE)


@post(["/device/closed", "/device/moved"], status_code=200, responses=PROBLEMS)
async def done(data: JSONBody[Signed], parts: NamedDependency[Parts]) -> Noted:
    """The phone has destroyed its keys, or has moved: a DeviceDone that its key has signed. No session."""
    now = parts.now()
    woken = await parts.database.write(lambda connection: device_done.done(connection, parts.keys, data, now))
    parts.database.wake.up(woken)
    return Noted(now=now)


@post("/device/key", status_code=200, dependencies={"caller": Provide(provide_caller)}, responses=PROBLEMS)
async def new_key(
    data: JSONBody[DeviceKeyRequest], caller: NamedDependency[Caller], parts: NamedDependency[Parts]
) -> Noted:
    """Give the phone a new key, which the old one signs."""
    if caller.closing:
        raise NotAllowed("closing_device", "this phone is being closed")
    now = parts.now()
    await parts.database.write(
        lambda connection: device_key.replace_key(connection, caller.device, data, now)
    )
    return Noted(now=now)


@post("/certificate", status_code=200, dependencies={"caller": Provide(provide_caller)}, responses=PROBLEMS)
async def renew(caller: NamedDependency[Caller], parts: NamedDependency[Parts]) -> Renewed:
    """Renew the certificate of the person's key, without a new sign-in. A person's session."""
    now = parts.now()
    lasting = lasting_of(parts.settings)
    renewed, woken = await parts.database.write(
        lambda connection: renewal.renew(connection, parts.keys, caller, now, lasting)
    )
    parts.database.wake.up(woken)
    return renewed


device = Router("/v1", route_handlers=[device_standing, done, new_key, renew])

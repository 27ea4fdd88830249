"""Photos of reports: their pieces come in from the phones that took them, and go to those who read."""

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from endpoint import photo_pieces, photo_read
from endpoint.api.callers import provide_caller
from endpoint.errors import NotAllowed
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from endpoint.sessions import Caller
from wire.messages import Signed, signed
from wire.pieces import PhotoPart, PhotoPieces
from wire.signature import Context


@post("/photo/{photo:str}", status_code=200, responses=PROBLEMS)
async def take(
    data: JSONBody[PhotoPieces],
    photo: FromPath[str],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
) -> Signed:
    """Take in pieces of a photo whose fact has been pushed; a signed PhotoHeld. A device's session suffices.

    None: only say what is held.
    """
    now = parts.now()
    held = await parts.database.thread(
        lambda: photo_pieces.take(parts.database, parts.keys, caller, photo, data.pieces, now)
    )
    return signed(held, parts.keys.sign_private, Context.PHOTO)


@get("/photo/{photo:str}/{n:int}", responses=PROBLEMS)
async def read(
    photo: FromPath[str],
    n: FromPath[int],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
) -> PhotoPart:
    """A piece of a photo, for whoever handles its report; a person's session. Logged with the first piece."""
    _, now = caller.person, parts.now()
    if caller.closing:
        raise NotAllowed("closing_device", "this phone is being closed")
    found = await parts.database.read(lambda connection: photo_read.part(connection, caller, photo, n, now))
    if (entry := found.entry) is not None:
        await parts.database.write(lambda connection: photo_read.log(connection, entry, now))
    return found.part


photo = Router("/v1", route_handlers=[take, read], dependencies={"caller": Provide(provide_caller)})

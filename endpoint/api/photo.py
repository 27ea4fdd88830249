"""Photos of what was reported: their pieces come in, from the phones that took them."""

from litestar import Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from endpoint import photo_pieces
from endpoint.api.callers import provide_caller
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from endpoint.sessions import Caller
from wire.messages import Signed, signed
from wire.pieces import PhotoPieces
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


photo = Router("/v1", route_handlers=[take], dependencies={"caller": Provide(provide_caller)})

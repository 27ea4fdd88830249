"""Photos: after the report itself, piece by piece, as far as the line holds; nothing is sent twice that has
arrived.

The pieces of a photo stay on the phone until the endpoint has signed that it has the whole of it.
"""

import logging
from collections.abc import AsyncIterator

from msgspec import Struct

from storage import Damaged, Store
from sync.errors import BadAnswer, Malformed, Refused, TooLarge
from sync.session import Sessions
from wire.errors import WireError
from wire.messages import Signed, opened
from wire.pieces import PhotoHeld, PhotoPieces, Piece
from wire.signature import Context

_NOT_NOW = frozenset({"no_such_photo", "no_such_call"})
"""Its fact has not been taken in; or the endpoint is from before there were photos."""
_log = logging.getLogger(__name__)


class PhotoOutcome(Struct):
    """What became of the photos that waited, by the ids of their facts. ``stuck`` still wait."""

    sent: set[str]
    stuck: set[str]


async def send_photos(store: Store, sessions: Sessions, outcome: PhotoOutcome) -> AsyncIterator[None]:
    """Send what waits, the oldest photo first. Pauses after each piece: what is more urgent is sent then.

    A photo that is not taken is passed by. Raises SyncError, StorageError; what has arrived stays there.
    """
    for photo in store.photos_waiting():
        try:
            async for _ in _send(store, sessions, photo, outcome):
                yield
        except Damaged as error:
            _log.warning("photo: %r", error)
            store.doubt_photo(photo)
            outcome.stuck.add(photo)
        except Refused as error:
            if error.code not in _NOT_NOW and not isinstance(error, Malformed | TooLarge):
                raise
            _log.warning("photo: %r", error)
            outcome.stuck.add(photo)


async def _send(store: Store, sessions: Sessions, photo: str, outcome: PhotoOutcome) -> AsyncIterator[None]:
    pieces = {one.n: one for one in store.pieces_of(photo)}
    held = await ask(sessions, photo)
    while held.state == "wanted":
        missing = [n for n in pieces if n not in held.held]
        before = held.held
        held = await ask(sessions, photo, *(pieces[n] for n in missing[:1]))
        yield
        if held.state == "wanted" and set(held.held) <= set(before):
            # It was not what the endpoint took for a piece of it, or there is no more to send.
            store.doubt_photo(photo)
            outcome.stuck.add(photo)
            return
    if held.state == "refused":
        store.doubt_photo(photo)
        outcome.stuck.add(photo)
        return
    store.take_held(held)
    outcome.sent.add(photo)


async def ask(sessions: Sessions, photo: str, *pieces: Piece) -> PhotoHeld:
    """Send pieces of a photo, or none, and read what the endpoint has of it then.

    Raises BadAnswer unless the endpoint's key signed it, for this device and this photo.
    """
    message = PhotoPieces(pieces=pieces)
    path = f"/v1/photo/{photo}"
    answer = await sessions.ask(None, lambda token: sessions.link.post(path, message, Signed, token))
    try:
        held = opened(answer, sessions.device.sign_public, Context.PHOTO, PhotoHeld)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    if held.device != sessions.device.id or held.photo != photo:
        raise BadAnswer("photo: for another phone, or another photo")
    return held

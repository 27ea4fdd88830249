"""A photo of a case for somebody who handles it, fetched when they ask: nothing of it is stored here."""

import asyncio
import hashlib
from collections.abc import Callable

from care.photo import Photo, pieces
from storage import Unlocked
from sync.backoff import TRIES
from sync.errors import BadAnswer, Offline
from sync.session import Sessions
from wire.pieces import PhotoPart

_BETWEEN_TRIES_S = 1.0
Told = Callable[[int, int], None]
"""How many pieces have come, of how many. Called on the sync's thread."""


async def fetch_photo(sessions: Sessions, who: Unlocked, photo: Photo, told: Told) -> bytes | None:
    """The bytes that its fact names; None: they have not come to the endpoint yet.

    Raises SyncError: BadAnswer when they are others.
    """
    count = pieces(photo.size)
    found = []
    for n in range(count):
        part = await _piece(sessions, who, photo.id, n)
        if part.count == 0:
            return None
        found.append(part.data)
        told(n + 1, count)
    data = b"".join(found)
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise BadAnswer("photo: not the one that its fact names")
    return data


async def _piece(sessions: Sessions, who: Unlocked, photo: str, n: int) -> PhotoPart:
    """One piece; a line that breaks is tried again, so that what has come is not fetched anew."""
    path = f"/v1/photo/{photo}/{n}"
    for left in reversed(range(TRIES)):
        try:
            return await sessions.ask(who, lambda token: sessions.link.get(path, PhotoPart, token))
        except Offline:
            if not left:
                raise
            await asyncio.sleep(_BETWEEN_TRIES_S)
    raise AssertionError("unreachable")

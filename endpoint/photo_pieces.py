"""Pieces of photos from the phones that took them, until each is the picture that its fact names.

That fact is here before any of its bytes are taken; it is signed by whoever took the picture, and says which
bytes they are.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from care.errors import FactError
from care.facts import body_of
from care.ids import is_uuid
from care.photo import CHUNK, DeviationPhotographed, pieces
from endpoint.database import Database, insert_once
from endpoint.errors import NotFound, TooLarge
from endpoint.keys import Keys
from endpoint.photos import photo_pieces, photos, whole
from endpoint.schema import facts
from endpoint.sessions import Caller
from wire.envelope import envelope
from wire.errors import SealError
from wire.pieces import BOX_MOST, PIECES_MOST, PhotoHeld, PhotoState, Piece, open_piece

TYPE = "deviation.photographed"


def take(
    database: Database, keys: Keys, caller: Caller, photo: str, sent: Sequence[Piece], now: datetime
) -> PhotoHeld:
    """Take some pieces of a photo in, each once, and say what is held of it. Blocking.

    What does not open, or is no piece of it, is passed by: it is not among what is held. Raises TooLarge, and
    NotFound for what is no photo of the phone that calls.
    """
    if not is_uuid(photo):
        raise NotFound("no_such_photo", "not an id")
    if len(sent) > PIECES_MOST or any(len(one.box) > BOX_MOST for one in sent):
        raise TooLarge("too_large", f"at most {PIECES_MOST} pieces of {BOX_MOST} bytes", field="pieces")
    parts = _opened(keys, caller, photo, sent)

    def put(connection: Connection) -> PhotoHeld:
        return _take(connection, caller, photo, parts, now)

    return database.write_now(put)


def _opened(keys: Keys, caller: Caller, photo: str, sent: Sequence[Piece]) -> dict[int, bytes]:
    """The bytes of the pieces by their numbers; opened outside of any transaction."""
    found: dict[int, bytes] = {}
    for piece in sent:
        try:
            found[piece.n] = open_piece(keys.opener, photo, piece, caller.device)
        except (SealError, UnicodeEncodeError):
            continue
    return found


def _take(
    connection: Connection, caller: Caller, photo: str, parts: dict[int, bytes], now: datetime
) -> PhotoHeld:
    said = _said(connection, caller, photo)

    def held(state: PhotoState, numbers: Sequence[int] = ()) -> PhotoHeld:
        return PhotoHeld(device=caller.device, photo=photo, state=state, held=tuple(numbers), received=now)

    if said is None:
        return held("erased")
    if whole(connection, [photo]):
        return held("whole")
    count = pieces(said.size)
    rows = [
        {"photo": photo, "n": n, "received": now, "data": data}
        for n, data in sorted(parts.items())
        if 0 <= n < count and len(data) == min(CHUNK, said.size - n * CHUNK)
    ]
    if rows:
        connection.execute(insert_once(connection, photo_pieces), rows)
    numbers = connection.scalars(
        select(photo_pieces.c.n).where(photo_pieces.c.photo == photo).order_by(photo_pieces.c.n)
    ).all()
    if len(numbers) < count:
        return held("wanted", numbers)
    return held(_complete(connection, photo, said, now))


def _said(connection: Connection, caller: Caller, photo: str) -> DeviationPhotographed | None:
    """What the photo's fact says; None: it has been erased. Two that send the same photo take turns from here
    on.

    Raises NotFound unless the fact is here, and was stated on the phone that calls.
    """
    row = connection.execute(
        select(facts.c.type, facts.c.device, facts.c.erased, facts.c.envelope)
        .where(facts.c.id == photo)
        .with_for_update()
    ).one_or_none()
    if row is not None and row.erased is not None:
        return None
    if row is None or row.type != TYPE or row.device != caller.device:
        raise NotFound("no_such_photo", "no fact of this phone names it")
    try:
        body = body_of(envelope(row.envelope).fact())
    except FactError as error:
        raise NotFound("no_such_photo", str(error)) from error
    if not isinstance(body, DeviationPhotographed):
        raise NotFound("no_such_photo", "a photo of a later version")
    return body


def _complete(connection: Connection, photo: str, said: DeviationPhotographed, now: datetime) -> PhotoState:
    """All pieces are here: they are the picture that the fact names, or nothing is kept of them."""
    query = select(photo_pieces.c.data).where(photo_pieces.c.photo == photo).order_by(photo_pieces.c.n)
    data = b"".join(connection.scalars(query))
    connection.execute(delete(photo_pieces).where(photo_pieces.c.photo == photo))
    if hashlib.sha256(data).hexdigest() != said.sha256:
        return "refused"
    row = {"id": photo, "media": said.media, "received": now, "data": data}
    connection.execute(insert_once(connection, photos), [row])
    return "whole"

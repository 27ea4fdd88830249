"""A photo on its way: cut into pieces, each sealed to the endpoint by itself, and what it says it has of
them.

A piece is sealed as a fact is (wire/seal.py), under the name ``<id of the photo's fact>/<number>``: it opens
as no other piece, of no other photo, from no other phone, and never as a fact.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from care.photo import CHUNK
from wire.messages import Message
from wire.seal import Opener, Sealed, Sealer

PIECES_MOST = 8
"""Pieces in one call."""
BOX_MOST = CHUNK + 28
"""Bytes of a sealed piece: with its nonce and its tag."""

PhotoState = Literal["wanted", "whole", "refused", "erased"]
"""``wanted``: more of it is to come. ``whole``: it is held, durably, and is what its fact says. ``refused``:
all had come and was something else; nothing is kept of it, and it may be sent again. ``erased``: its fact
is."""


class Piece(Message, frozen=True, kw_only=True):
    """``n``: from 0. ``enc`` and ``box`` as in a sealed fact."""

    n: int
    enc: bytes
    box: bytes


class PhotoPieces(Message, frozen=True, kw_only=True):
    """Some pieces of a photo, in any order and as often as need be; none: what is held already is asked
    for."""

    pieces: tuple[Piece, ...] = ()


class PhotoHeld(Message, frozen=True, kw_only=True):
    """What the endpoint has of a photo. Signed by it in context PHOTO. ``held``: numbers, while it is
    wanted."""

    device: str
    photo: str
    state: PhotoState
    held: tuple[int, ...] = ()
    received: datetime


class PhotoPart(Message, frozen=True, kw_only=True):
    """A piece of a photo for somebody who handles its report; ``count`` 0: it has not come yet, or not all of
    it. Not signed: what all of it must be, its fact says."""

    photo: str
    n: int
    count: int
    data: bytes


def cut(data: bytes) -> Iterator[bytes]:
    """The pieces of a photo's bytes, in their order."""
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def sealed_pieces(sealer: Sealer, photo: str, data: bytes) -> list[Piece]:
    """A photo's bytes in pieces, sealed."""
    found = []
    for n, part in enumerate(cut(data)):
        sealed = sealer.seal(_name(photo, n), part)
        found.append(Piece(n=n, enc=sealed.enc, box=sealed.box))
    return found


def open_piece(opener: Opener, photo: str, piece: Piece, device: str) -> bytes:
    """The bytes of a piece. Raises SealError."""
    return opener.open(Sealed(_name(photo, piece.n), piece.enc, piece.box), device)


def _name(photo: str, n: int) -> str:
    return f"{photo}/{n}"

"""Photos of what is reported: a fact of the report names each, the picture's bytes travel after it.

The fact holds the digest of the bytes and is signed by whoever took the picture, so that what arrives later
can be nothing else. The photo is called by the id of its fact.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from care.facts import Body, Fact, states

Shows = Literal["wound", "place", "equipment", "other"]
"""Sår eller skada, plats, utrustning, annat."""

Media = Literal["image/jpeg"]

BYTES_MOST = 400 * 1024
"""Bytes of one picture (p): enough to judge a wound by on a large screen, and a minute of poor coverage."""
SIDE_MOST = 1600
"""Pixels of its longer side (p)."""
PHOTOS_MOST = 6
"""So many a phone offers to add to one report (p). More that arrive are kept all the same."""
CHUNK = 64 * 1024
"""Bytes of one piece: what is lost when the line breaks."""

_Side = Annotated[int, Meta(ge=1, le=SIDE_MOST)]


@states("deviation.photographed")
class DeviationPhotographed(Body, frozen=True, kw_only=True):
    """A picture of what happened. ``sha256``: of its bytes, in hex; ``size``: how many they are.

    They are sent after this, in pieces (docs/protocol.md).
    """

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1, le=BYTES_MOST)]
    width: _Side
    height: _Side
    shows: Shows = "other"
    media: Media = "image/jpeg"


class Photo(Struct, frozen=True):
    """A picture as those know it who read the report. ``id``: its fact's, by which its bytes are fetched."""

    id: str
    by: str
    at: datetime
    sha256: str
    size: int
    width: int
    height: int
    shows: Shows = "other"
    media: Media = "image/jpeg"


def taken(fact: Fact, body: DeviationPhotographed) -> Photo:
    """The picture that a fact names."""
    return Photo(
        fact.id,
        fact.author or "",
        fact.time,
        body.sha256,
        body.size,
        body.width,
        body.height,
        body.shows,
        body.media,
    )


def pieces(size: int) -> int:
    """In how many pieces so many bytes are sent."""
    return -(-size // CHUNK)

"""Photos of reports: whole pictures, kept as documents are, beside them.

A photo is called by the id of the fact that names it. Whose it is, and which bytes it must be, stands there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, delete, select

from endpoint.schema import Moment, metadata

photos = Table(
    "photos",
    metadata,
    Column("id", String, primary_key=True),
    Column("media", String, nullable=False),
    Column("received", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Whole pictures. ``id``: of the fact; whose and what it is stands there."""

photo_pieces = Table(
    "photo_pieces",
    metadata,
    Column("photo", String, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("received", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""What has come of pictures that are not whole. A phone keeps all of one until it is told that it is."""


class Picture(NamedTuple):
    media: str
    data: bytes


def one(connection: Connection, photo: str) -> Picture | None:
    """A whole picture; None: it has not come, or not all of it. Whoever asks has been let in to its
    report."""
    row = connection.execute(select(photos.c.media, photos.c.data).where(photos.c.id == photo)).one_or_none()
    return Picture(row.media, row.data) if row else None


def whole(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of some photos that have come whole."""
    return set(connection.scalars(select(photos.c.id).where(photos.c.id.in_(ids)))) if ids else set()


def blank(connection: Connection, ids: Sequence[str]) -> None:
    """Take the bytes of photos away whose facts are erased, in the same transaction."""
    connection.execute(delete(photos).where(photos.c.id.in_(ids)))
    connection.execute(delete(photo_pieces).where(photo_pieces.c.photo.in_(ids)))

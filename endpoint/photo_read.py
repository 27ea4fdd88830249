"""Photos for those who read a report on a phone: asked for one at a time, piece by piece, and logged."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from care.deviation import DeviationDocument
from care.ids import is_uuid
from care.photo import CHUNK, pieces
from care.rights import Act, laws
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import streams_of
from endpoint import documents, photos
from endpoint.audit.chain import Entry, note, roles_then
from endpoint.errors import NotFound
from endpoint.pages import streams_now
from endpoint.photo_pieces import TYPE
from endpoint.schema import facts
from endpoint.sessions import Caller
from wire.pieces import PhotoPart


class Found(Struct, frozen=True):
    """A piece, and the row of the log that comes before it is handed out; None: a later piece of the same."""

    part: PhotoPart
    entry: Entry | None


def part(connection: Connection, caller: Caller, photo: str, n: int, now: datetime) -> Found:
    """Piece `n` of a photo of a case that is the caller's to handle.

    Raises NotFound: no such photo, or not theirs to see, which is answered alike. The skyddsombud reads cases
    and sees no photos.
    """
    case = _case(connection, photo)
    theirs = set(streams_now(connection, caller.person, caller.unit, now))
    handle = {str(one) for one in streams_of(case) if one.of not in _NO_PHOTOS} if case else set()
    if case is None or not handle & theirs or all(one.id != photo for one in case.photos):
        raise NotFound("no_such_photo", "nothing by that name for this reader")
    found = photos.one(connection, photo)
    if found is None:
        return Found(PhotoPart(photo=photo, n=n, count=0, data=b""), None)
    count = pieces(len(found.data))
    if not 0 <= n < count:
        raise NotFound("no_such_photo", f"it has {count} pieces", field="n")
    data = found.data[n * CHUNK : (n + 1) * CHUNK]
    entry = _entry(connection, caller, case, now) if n == 0 and case.person else None
    return Found(PhotoPart(photo=photo, n=n, count=count, data=data), entry)


_NO_PHOTOS = frozenset({"safety", "staff"})
"""Classes of stream by which a case is read and its photos are not."""


def log(connection: Connection, entry: Entry, now: datetime) -> None:
    """Called before the piece is answered: what cannot be logged is not shown."""
    note(connection, [entry], now)


def _case(connection: Connection, photo: str) -> DeviationDocument | None:
    if not is_uuid(photo):
        return None
    query = select(facts.c.aggregate).where(facts.c.id == photo, facts.c.type == TYPE)
    kind, _, id = (connection.scalar(query) or "").partition("/")
    return documents.one(connection, DeviationDocument, id) if kind == DeviationDocument.kind else None


def _entry(connection: Connection, caller: Caller, case: DeviationDocument, now: datetime) -> Entry | None:
    staff = documents.one(connection, StaffDocument, caller.person)
    if staff is None or case.person is None:
        return None
    return Entry(
        at=now,
        staff=staff.id,
        device=caller.device,
        unit=case.unit,
        person=case.person,
        act="read",
        what="deviation",
        role=roles_then(staff, case.unit, local_day(now)),
        law=laws(Act.DEVIATION_HANDLE),
        reason="",
    )

"""The log: who read or wrote what of whom, where and when, under which law. Kept for five years."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, and_, or_, select

from care.rights import Act, laws
from care.signing import local_day
from endpoint.audit.chain import Entry, Kind, note, roles_then
from endpoint.audit.tables import audit
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts

__all__ = ["CONSOLE", "Entry", "Kind", "note", "of_reader", "rows", "seen"]

CONSOLE = "console"
"""The device of what is done on the console."""
WINDOW = timedelta(minutes=15)
"""Reading the same of the same person again within this is one row."""
_REMEMBERED_MOST = 20_000


async def seen(
    parts: Parts,
    reader: Reader,
    what: str,
    act: Act,
    persons: Mapping[str, str],
    kind: Kind = "read",
    reason: str = "",
    device: str = CONSOLE,
) -> None:
    """Log that a page or export of the console shows these persons (id -> unit) to the reader.

    Reading is one row per reader, person, page and quarter of an hour, so that a page may keep itself fresh;
    everything else is a row each time. Call it before what it is about is answered: what cannot be logged is
    not shown.
    """
    entries = [
        of_reader(reader, what, act, person, unit, kind, reason, device) for person, unit in persons.items()
    ]
    recent = _recent.setdefault(parts.database, {})
    fresh = [one for one in entries if kind != "read" or _is_new(recent, one)]
    if fresh:
        await parts.database.write(lambda connection: note(connection, fresh, reader.now))
        if kind == "read":
            _remember(recent, fresh)


def of_reader(
    reader: Reader,
    what: str,
    act: Act,
    person: str,
    unit: str,
    kind: Kind = "read",
    reason: str = "",
    device: str = CONSOLE,
) -> Entry:
    """What a reader of the console does now, as a row; for those who log within their own transaction."""
    return Entry(
        at=reader.now,
        staff=reader.staff.id,
        device=device,
        unit=unit,
        person=person,
        act=kind,
        what=what,
        role=roles_then(reader.staff, unit, reader.day),
        law=laws(act),
        reason=reason,
    )


def rows(
    connection: Connection,
    *,
    units: Collection[str] | None = None,
    person: str | None = None,
    staff: str | None = None,
    since: datetime,
    until: datetime,
    performed: bool = False,
) -> list[Entry]:
    """What was recorded from one time up to another, in the order of recording.

    By when it was recorded every row is of one period only, and none comes later to one that is over.
    ``performed``: also what was done in the period and recorded later, as when a phone was without a network.
    """
    c = audit.c
    wanted = and_(c.recorded >= since, c.recorded < until)
    if performed:
        wanted = or_(wanted, and_(c.at >= since, c.at < until))
    query = select(*(c[name] for name in Entry.__struct_fields__)).where(wanted)
    if units is not None:
        query = query.where(c.unit.in_(list(units)))
        if not performed:
            # A row's day is that of its recording: the chains before it need not be looked through.
            query = query.where(c.day >= local_day(since).isoformat())
    if person is not None:
        query = query.where(c.person == person)
    if staff is not None:
        query = query.where(c.staff == staff)
    found = connection.execute(query.order_by(c.recorded, c.unit, c.day, c.number))
    return [Entry(**row) for row in found.mappings()]


_Recent = dict[tuple[str, str, str, str], datetime]
_recent: WeakKeyDictionary[Database, _Recent] = WeakKeyDictionary()
"""What this process has lately logged as read: (reader, person, unit, page) and when."""


def _key(entry: Entry) -> tuple[str, str, str, str]:
    return entry.staff, entry.person, entry.unit, entry.what


def _is_new(recent: _Recent, entry: Entry) -> bool:
    last = recent.get(_key(entry))
    return last is None or not last <= entry.at < last + WINDOW


def _remember(recent: _Recent, entries: Iterable[Entry]) -> None:
    for one in entries:
        recent[_key(one)] = one.at
    if len(recent) > _REMEMBERED_MOST:
        for key in list(recent)[: _REMEMBERED_MOST // 2]:
            del recent[key]

"""Pages: what a reader does not have yet of the streams that they may read."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from care.facts import Ref
from care.ids import is_uuid
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import granted
from care.unit import UnitDocument
from endpoint import documents
from endpoint.aggregates import aggregate_name
from endpoint.errors import Gone, NotAllowed, NotFound
from endpoint.keys import Keys
from endpoint.schema import facts, placed, streams
from endpoint.snapshot import Head, at_place, snapshot
from endpoint.using_phones import phone_among
from wire.checksum import Tally
from wire.cursor import Cursor
from wire.encoding import Encoding
from wire.messages import Page, Placed, Pulled, Signed, StreamSum, Sums, Whole, signed
from wire.signature import Context

FACTS_MOST = 500
BYTES_MOST = 1_000_000
"""Of envelopes in one answer; the first fact goes whatever its size."""
_KIND = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def streams_now(connection: Connection, staff: str, unit: str, now: datetime) -> tuple[str, ...]:
    """The streams that somebody may read now on a phone of a unit, from their document as it stands."""
    document = documents.one(connection, StaffDocument, staff)
    if document is None:
        return ()
    units = documents.all_of(connection, UnitDocument)
    theirs = granted(document, local_day(now), {one.id: one.provider for one in units})
    return tuple(str(stream) for stream in phone_among(units, unit).takes(theirs))


def pull(
    connection: Connection,
    keys: Keys,
    staff: str,
    unit: str,
    cursors: Mapping[str, Cursor],
    now: datetime,
    parts: Mapping[str, str] | None = None,
    encoding: Encoding = Encoding.JSON,
) -> Pulled:
    """Signed pages of what follows the cursors on a phone of a unit. What is not granted is passed over.

    `parts`: how far the reader's first syncs have come, by stream; None: they take no snapshots. Of a long
    stream without a cursor they get the next part of its snapshot. `unit`: the phone's; its stream comes
    first. `encoding`: of what is signed.

    Who holds no role is refused at once: a token lasts for an hour, an employment may end in between.
    """
    names = streams_now(connection, staff, unit, now)
    if not names:
        raise NotAllowed("no_role", "the person holds no role today")
    heads = _heads(connection, names)
    pages: list[Signed] = []
    snapshots: list[Signed] = []
    room_facts, room_bytes = FACTS_MOST, BYTES_MOST
    # What a unit shares comes first: every screen needs it.
    for name in sorted(names, key=lambda name: (name != f"unit:{unit}", not name.startswith("unit:"))):
        after = _after(name, cursors.get(name), heads.get(name))
        if name not in heads or after >= heads[name].position or room_facts <= 0 or room_bytes <= 0:
            continue
        if parts is not None and after == 0 and heads[name].position > FACTS_MOST:
            if not snapshots:
                part = snapshot(connection, name, heads[name], parts.get(name, ""), now)
                snapshots.append(signed(part, keys.sign_private, Context.SNAPSHOT, encoding))
            continue
        found = _stretch(connection, name, after, room_facts, room_bytes)
        room_facts -= len(found)
        room_bytes -= sum(len(one.envelope) for one in found)
        page = _page(name, heads[name], after, found, now)
        pages.append(signed(page, keys.sign_private, Context.PAGE, encoding))
    return Pulled(
        pages=tuple(pages),
        snapshots=tuple(snapshots),
        streams=names,
        now=now,
        heads={name: head.position for name, head in heads.items()},
        sums=signed(_sums(heads, now), keys.sign_private, Context.SUMS, encoding),
    )


def whole(
    connection: Connection, keys: Keys, staff: str, unit: str, ref: Ref, stream: str, now: datetime
) -> Signed:
    """All that a stream of a reader's has of an aggregate, signed. `stream` "": the one that has most of it.

    What stands in no stream of theirs is answered like what is nowhere, and a stream that is not theirs like
    one that is not there: that says nothing of the aggregate.
    """
    names = streams_now(connection, staff, unit, now)
    if not names:
        raise NotAllowed("no_role", "the person holds no role today")
    if stream and stream not in names:
        raise NotFound("no_such_stream", "nothing by that name for this reader", field="stream")
    found: dict[str, list[Placed]] = {}
    if is_uuid(ref.id) and _KIND.fullmatch(ref.kind):
        asked = [name for name in names if stream in ("", name)]
        rows = connection.execute(
            select(placed.c.stream, placed.c.position, facts.c.id, facts.c.hash, facts.c.envelope)
            .join(facts, facts.c.id == placed.c.fact)
            .where(facts.c.aggregate == aggregate_name(ref), placed.c.stream.in_(asked))
            .order_by(placed.c.position)
        )
        for name, position, id, hash, data in rows:
            found.setdefault(name, []).append(at_place(position, id, hash, data))
    if not found:
        raise NotFound("no_such_aggregate", "nothing by that name for this reader")
    most = max(names, key=lambda name: len(found.get(name, ())))
    message = Whole(kind=ref.kind, id=ref.id, stream=most, facts=tuple(found[most]), now=now)
    return signed(message, keys.sign_private, Context.WHOLE)


# Asked with every pull: put together once.
_HEADS = select(streams).where(streams.c.name.in_(bindparam("names", expanding=True)))
_STRETCH = (
    select(placed.c.position, facts.c.id, facts.c.hash, facts.c.envelope)
    .join(facts, facts.c.id == placed.c.fact)
    .where(placed.c.stream == bindparam("of"), placed.c.position > bindparam("after"))
    .order_by(placed.c.position)
    .limit(bindparam("most"))
)


def _heads(connection: Connection, names: tuple[str, ...]) -> dict[str, Head]:
    rows = connection.execute(_HEADS, {"names": names})
    return {row.name: Head(row.epoch, row.position, row.sum) for row in rows}


def _sums(heads: Mapping[str, Head], now: datetime) -> Sums:
    found = {
        name: StreamSum(epoch=head.epoch, position=head.position, sum=bytes(Tally(head.position, head.sum)))
        for name, head in heads.items()
    }
    return Sums(streams=found, now=now)


def _after(name: str, cursor: Cursor | None, head: Head | None) -> int:
    """Where to go on. Another epoch means that the stream was rebuilt: from its beginning."""
    if cursor is None or head is None or cursor.epoch != head.epoch:
        return 0
    if cursor.position > head.position:
        raise Gone("cursor_ahead", "the reader has more than the endpoint: read it anew", field=name)
    return cursor.position


def _stretch(connection: Connection, name: str, after: int, facts_most: int, bytes_most: int) -> list[Placed]:
    rows = connection.execute(_STRETCH, {"of": name, "after": after, "most": facts_most})
    found: list[Placed] = []
    size = 0
    for position, id, hash, data in rows:
        size += len(data)
        if found and size > bytes_most:
            break
        found.append(at_place(position, id, hash, data))
    return found


def _page(name: str, head: Head, after: int, found: list[Placed], now: datetime) -> Page:
    upto = found[-1].position
    return Page(
        stream=name,
        epoch=head.epoch,
        after=after,
        upto=upto,
        more=upto < head.position,
        facts=tuple(found),
        now=now,
    )

"""Pushing facts and pulling pages."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from care.facts import Ref
from endpoint import pages
from endpoint import standing as device_standing
from endpoint.api.callers import provide_caller
from endpoint.api.encodings import answered, provide_encoding
from endpoint.arrival import Sent
from endpoint.errors import NotAllowed, NotReadable, TooLarge
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from endpoint.push import push as take_in
from endpoint.request import PACKED
from endpoint.sessions import Caller
from endpoint.wake import rights_of, standing_of
from wire.cursor import Cursor
from wire.encoding import Encoding
from wire.errors import MessageError
from wire.messages import LONG_POLL_S, PROTOCOL, PUSH_MOST, Pulled, PushRequest, Receipt, Signed, signed
from wire.signature import Context

_CURSORS_MOST = 500
"""Streams that one person reads: of a MAS, one for each unit of the vårdgivare."""


class _Stands(Struct, frozen=True):
    """How a phone stood when the count of what was woken was `since`, and what is woken when that changes."""

    standing: str
    watched: list[str]
    since: int


@post("/push", status_code=200, responses=PROBLEMS, opt={PACKED: True})
async def push(
    data: JSONBody[PushRequest],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
    encoding: NamedDependency[Encoding],
) -> Response[Signed]:
    """Take in sealed facts; a signed Receipt. A device's session suffices."""
    if data.protocol != PROTOCOL:
        raise NotReadable("protocol", f"this endpoint speaks {PROTOCOL}", field="protocol")
    if len(data.items) > PUSH_MOST:
        raise TooLarge("too_many", f"at most {PUSH_MOST} facts at a time", field="items")

    async def together(sent: Sequence[Sent]) -> Sequence[Receipt]:
        now = parts.now()
        return await parts.database.thread(
            lambda: take_in(parts.database, parts.keys, sent, now, parts.verifier)
        )

    receipt = await parts.intake.take(Sent(caller, data.items, data.left), together)
    return answered(signed(receipt, parts.keys.sign_private, Context.RECEIPT, encoding), encoding)


@get("/pull", responses=PROBLEMS)
async def pull(
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
    encoding: NamedDependency[Encoding],
    cursor: FromQuery[list[str] | None] = None,
    wait: Annotated[float, QueryParameter(ge=0, le=3600)] = 0,
    standing: FromQuery[str | None] = None,
    snapshot: FromQuery[list[str] | None] = None,
) -> Response[Pulled]:
    """What the person does not have yet. With ``wait``, sleeps until there is something (at most 25 s).

    ``snapshot``: for a caller that takes them; of each stream begun ``<stream>@<upto of its last part>``.

    ``standing``: what the phone knows; when it is another now, the answer comes at once.
    """
    _, cursors = caller.person, _cursors(cursor or [])
    begun = None if snapshot is None else _begun(snapshot)
    if caller.closing:
        raise NotAllowed("closing_device", "this phone is being closed")
    database, loop = parts.database, asyncio.get_running_loop()
    ends = loop.time() + min(wait, LONG_POLL_S)
    before: tuple[tuple[str, ...], str] | None = None
    stands: _Stands | None = None
    while True:
        if stands and database.wake.any_since(stands.watched, stands.since):
            stands = None
        since, now = database.wake.count, parts.now()
        look = partial(_found, parts, caller, cursors, begun, encoding, now, since, stands)
        found, known = await database.read(look)
        stands = known
        left = ends - loop.time()
        here = found.streams, found.standing
        if found.pages or found.snapshots or left <= 0 or database.wake.closed or before not in (None, here):
            return answered(found, encoding)
        if standing is not None and standing != found.standing:
            return answered(found, encoding)
        before = here
        if not await database.wake.sleep([*found.streams, *known.watched], since, left, caller.device):
            # Nothing has been woken: what was found is how it is, and the database is not asked again.
            return answered(replace(found, now=parts.now()), encoding)


@get("/aggregate/{kind:str}/{id:str}", responses=PROBLEMS)
async def aggregate(
    kind: FromPath[str],
    id: FromPath[str],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
    stream: FromQuery[str] = "",
) -> Signed:
    """All that a stream of the person's has of one aggregate: a signed Whole. For what a phone has purged."""
    staff = caller.person
    if caller.closing:
        raise NotAllowed("closing_device", "this phone is being closed")
    now = parts.now()
    return await parts.database.read(
        lambda connection: pages.whole(connection, parts.keys, staff, caller.unit, Ref(kind, id), stream, now)
    )


def _found(
    parts: Parts,
    caller: Caller,
    cursors: dict[str, Cursor],
    begun: dict[str, str] | None,
    encoding: Encoding,
    now: datetime,
    since: int,
    stands: _Stands | None,
    connection: Connection,
) -> tuple[Pulled, _Stands]:
    """What a pull brings, and how the phone stands: as it did, where nothing was woken that says more."""
    found = pages.pull(connection, parts.keys, caller.person, caller.unit, cursors, now, begun, encoding)
    if stands is None:
        held = device_standing.holders(connection, caller.device)
        here = device_standing.standing(connection, parts.keys, caller.device, now, parts.settings, held=held)
        # Whoever has a slot on this phone may lose it while somebody else holds it.
        staff = {caller.person, *held}
        watched = [standing_of(caller.device), *(rights_of(one) for one in staff)]
        stands = _Stands(here.standing, watched, since)
    return replace(found, standing=stands.standing), stands


def _cursors(given: list[str]) -> dict[str, Cursor]:
    if len(given) > _CURSORS_MOST:
        raise NotReadable("bad_cursor", f"at most {_CURSORS_MOST}", field="cursor")
    cursors = {}
    for one in given:
        stream, at, text = one.rpartition("@")
        if not at or not stream:
            raise NotReadable("bad_cursor", "<stream>@<cursor>", field="cursor")
        try:
            cursors[stream] = Cursor.parse(text)
        except MessageError as error:
            raise NotReadable("bad_cursor", str(error), field="cursor") from error
    return cursors


def _begun(given: list[str]) -> dict[str, str]:
    if len(given) > _CURSORS_MOST:
        raise NotReadable("bad_cursor", f"at most {_CURSORS_MOST}", field="snapshot")
    return {stream: part for stream, _, part in (one.rpartition("@") for one in given)}


exchange = Router(
    "/v1",
    route_handlers=[push, pull, aggregate],
    dependencies={
        "caller": Provide(provide_caller),
        "encoding": Provide(provide_encoding, sync_to_thread=False),
    },
)

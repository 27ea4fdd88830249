"""Pull: signed pages of every stream that an unlocked person may read, each taken whole or not at all."""

import asyncio
from collections.abc import Awaitable

import msgspec
from msgspec import Struct

from care.facts import Ref
from care.streams import unit_stream
from storage import Damaged, PageGap, Store, Unlocked
from sync import selfcheck
from sync.errors import BadAnswer, Refused
from sync.fetch import fetch_wanted
from sync.session import Sessions
from wire.cursor import Cursor
from wire.errors import WireError
from wire.messages import Page, Pulled, Signed, Snapshot, Sums, opened
from wire.signature import Context

_STREAMS = "sync.streams"
"""Under this key a person's own settings remember which streams were theirs, so that a loss is seen later."""

_CURSOR_AHEAD = "cursor_ahead"
_ANSWERS_MOST = 50
"""In one pull. Others may write as fast as this phone reads: what comes with a pull's end is not put off."""


class PullOutcome(Struct, frozen=True):
    """What a pull brought. ``more``: the endpoint has further pages already."""

    changed: frozenset[Ref] = frozenset()
    more: bool = False
    dropped: frozenset[str] = frozenset()


async def pull(store: Store, unlocked: Unlocked, sessions: Sessions, wait: float = 0.0) -> PullOutcome:
    """Ask for what is new in a person's streams, for at most `wait` seconds, and store it.

    Where there is more, the next is on its way while what has come is stored. Raises
    SyncError, and StorageError (Locked when the person has locked meanwhile); what was stored stays so.
    """
    held = _remembered(store, unlocked)
    asking = _Asking.of(store, unlocked, held)
    pulled = await _ask(store, unlocked, sessions, asking, wait)
    changed: set[Ref] = set()
    for left in reversed(range(_ANSWERS_MOST)):
        came = _Came.of(pulled, sessions.device.sign_public)
        sessions.heard_standing(pulled.standing)
        if not came.more or not left:
            changed |= _stored(store, unlocked, came)
            break
        asking = asking.after(came)
        following = asyncio.ensure_future(_ask(store, unlocked, sessions, asking))
        try:
            changed |= await asyncio.to_thread(_stored, store, unlocked, came)
            pulled = await following
        finally:
            following.cancel()
    sums = _opened_sums(pulled.sums, sessions.device.sign_public)
    changed |= await fetch_wanted(store, unlocked, sessions, pulled.streams)
    dropped = _drop_lost(store, unlocked, held, frozenset(pulled.streams))
    anew = selfcheck.compare(store, unlocked, sessions, sums) if sums else False
    return PullOutcome(frozenset(changed), came.more or bool(came.parts) or anew, dropped)


async def look_through(store: Store, unlocked: Unlocked, sessions: Sessions) -> bool:
    """Look for what came by a person's streams and is not held. Whether there is something to read anew."""
    streams = _remembered(store, unlocked) | {str(unit_stream(unlocked.unit))}
    return await selfcheck.look_through(store, unlocked, sessions, streams)


class _Asking(Struct, frozen=True):
    """Where to read on: cursors, and how far first syncs have come, by stream."""

    cursors: dict[str, str]
    begun: dict[str, str]

    @classmethod
    def of(cls, store: Store, unlocked: Unlocked, held: frozenset[str]) -> "_Asking":
        # Of their unit's stream this phone may have read far already, though they themselves are new here.
        names = sorted(held | {str(unit_stream(unlocked.unit))})
        cursors = {name: at for name in names if (at := store.cursor(name, unlocked))}
        return cls(cursors, {name: at for name in names if (at := store.part(name, unlocked))})

    def after(self, came: "_Came") -> "_Asking":
        """Once that is stored."""
        cursors = {page.stream: str(Cursor(page.epoch, page.upto)) for page in came.pages}
        ended = {part.stream: str(Cursor(part.epoch, part.cut)) for part in came.parts if not part.upto}
        begun = {part.stream: part.upto for part in came.parts if part.upto}
        left = {name: at for name, at in self.begun.items() if name not in cursors | ended}
        return _Asking(self.cursors | cursors | ended, left | begun)


class _Came(Struct, frozen=True):
    """What an answer brings, its signatures verified."""

    pages: list[Page]
    parts: list[Snapshot]

    @classmethod
    def of(cls, pulled: Pulled, public: bytes) -> "_Came":
        return cls(
            [_opened(signed, public, pulled) for signed in pulled.pages],
            [_opened_part(signed, public, pulled) for signed in pulled.snapshots],
        )

    @property
    def more(self) -> bool:
        """Whether the endpoint has what follows already."""
        return any(page.more for page in self.pages) or any(part.upto for part in self.parts)


def _stored(store: Store, unlocked: Unlocked, came: _Came) -> set[Ref]:
    changed: set[Ref] = set()
    # First what says that more of a stream is to come: until then it is taken for whole.
    for part in came.parts:
        changed.update(_take_part(store, unlocked, part))
    for page in came.pages:
        changed.update(_take(store, unlocked, page))
    return changed


async def _ask(
    store: Store, unlocked: Unlocked, sessions: Sessions, asking: _Asking, wait: float = 0.0
) -> Pulled:
    """Ask from where the streams stand. One that stands further than the endpoint does is read anew."""
    cursors, begun = dict(asking.cursors), dict(asking.begun)

    def get(token: str) -> Awaitable[Pulled]:
        # The empty part says that this phone takes snapshots.
        asked = [("cursor", f"{name}@{at}") for name, at in cursors.items()]
        parts = ["", *(f"{name}@{at}" for name, at in begun.items())]
        params = [("wait", f"{wait:g}"), *asked, *(("snapshot", one) for one in parts)]
        if sessions.standing:
            params.append(("standing", sessions.standing))
        return sessions.link.get("/v1/pull", Pulled, token, params=params, wait=wait)

    while True:
        try:
            return await sessions.ask(unlocked, get)
        except Refused as error:
            # The endpoint was restored from a copy of an earlier day.
            if error.code != _CURSOR_AHEAD or error.field not in cursors.keys() | begun.keys():
                raise
            store.forget_cursor(error.field, unlocked)
            cursors.pop(error.field, None)
            begun.pop(error.field, None)


def _opened(signed: Signed, public: bytes, pulled: Pulled) -> Page:
    """The page, once everything that can be checked of it without the store has been."""
    try:
        page = opened(signed, public, Context.PAGE, Page)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    if page.stream not in pulled.streams:
        raise BadAnswer(f"page: of {page.stream}, which is not granted")
    positions = [placed.position for placed in page.facts]
    if positions != list(range(page.after + 1, page.upto + 1)):
        raise BadAnswer(f"page: gaps between {page.after} and {page.upto} of {page.stream}")
    return page


def _opened_part(signed: Signed, public: bytes, pulled: Pulled) -> Snapshot:
    try:
        part = opened(signed, public, Context.SNAPSHOT, Snapshot)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    if part.stream not in pulled.streams:
        raise BadAnswer(f"snapshot: of {part.stream}, which is not granted")
    return part


def _opened_sums(signed: Signed | None, public: bytes) -> Sums | None:
    """None: an endpoint from before there were any."""
    try:
        return opened(signed, public, Context.SUMS, Sums) if signed else None
    except WireError as error:
        raise BadAnswer(str(error)) from error


def _take_part(store: Store, unlocked: Unlocked, part: Snapshot) -> list[Ref]:
    """Store a part if it follows what is held. If not, somebody else's pull has stored it already."""
    try:
        return store.take_snapshot(part, unlocked)
    except PageGap:
        return []


def _take(store: Store, unlocked: Unlocked, page: Page) -> list[Ref]:
    """Store a page if it continues what is held. If not, somebody else's pull has stored it already."""
    text = store.cursor(page.stream, unlocked)
    held = Cursor.parse(text) if text else None
    continues = page.after == held.position if held and held.epoch == page.epoch else page.after == 0
    if not continues:
        return []
    try:
        return store.take_page(page, unlocked)
    except PageGap:
        return []


def _drop_lost(
    store: Store, unlocked: Unlocked, held: frozenset[str], granted: frozenset[str]
) -> frozenset[str]:
    """Purge what came through streams no longer granted, but never before all that waits is sent.

    The stream of the phone's own unit stays: it is the unit's, and others on this phone read it.
    """
    lost = held - granted - {str(unit_stream(unlocked.unit))}
    dropped = frozenset[str]() if lost and store.counts().waiting else lost
    for stream in dropped:
        store.drop_stream(stream, unlocked)
    remembered = granted | (lost - dropped)
    if remembered != held:
        unlocked.remember(_STREAMS, msgspec.json.encode(sorted(remembered)))
    return dropped


def _remembered(store: Store, unlocked: Unlocked) -> frozenset[str]:
    """Which streams were theirs; none when the note is damaged: then everything granted is read anew."""
    try:
        data = unlocked.recall(_STREAMS)
        return msgspec.json.decode(data, type=frozenset[str]) if data else frozenset()
    except Damaged as error:
        store.name_damage(error)
    except msgspec.DecodeError as error:
        store.name_damage(Damaged("notes", _STREAMS, str(error)))
    return frozenset()

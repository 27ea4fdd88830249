"""Pull: signed pages of every stream that an unlocked person may read, each taken whole or not at all."""

import msgspec
from msgspec import Struct

from care.facts import Ref
from care.streams import unit_stream
from storage import PageGap, Store, Unlocked
from sync.errors import BadAnswer
from sync.session import Sessions
from wire.cursor import Cursor
from wire.errors import WireError
from wire.messages import Page, Pulled, Signed, opened
from wire.signature import Context

_STREAMS = "sync.streams"
"""Under this key a person's own settings remember which streams were theirs, so that a loss is seen later."""


class PullOutcome(Struct, frozen=True):
    """What a pull brought. ``more``: the endpoint has further pages already."""

    changed: frozenset[Ref] = frozenset()
    more: bool = False
    dropped: frozenset[str] = frozenset()


async def pull(store: Store, unlocked: Unlocked, sessions: Sessions, wait: float = 0.0) -> PullOutcome:
    """Ask once for what is new in a person's streams, for at most `wait` seconds, and store it.

    Raises SyncError, and StorageError (Locked when the person has locked meanwhile).
    """
    held = _remembered(unlocked)
    params = [("wait", f"{wait:g}")]
    for stream in sorted(held):
        if cursor := store.cursor(stream, unlocked):
            params.append(("cursor", f"{stream}@{cursor}"))
    pulled = await sessions.ask(
        unlocked,
        lambda token: sessions.link.get("/v1/pull", Pulled, token, params=params, wait=wait),
    )
    pages = [_opened(signed, sessions.device.sign_public, pulled) for signed in pulled.pages]
    changed: set[Ref] = set()
    for page in pages:
        changed.update(_take(store, unlocked, page))
    dropped = _drop_lost(store, unlocked, held, frozenset(pulled.streams))
    return PullOutcome(frozenset(changed), any(page.more for page in pages), dropped)


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


def _remembered(unlocked: Unlocked) -> frozenset[str]:
    data = unlocked.recall(_STREAMS)
    return msgspec.json.decode(data, type=frozenset[str]) if data else frozenset()

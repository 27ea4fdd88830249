"""Fetching: what the phone has purged comes back whole, when something new is said of it or it is opened."""

import logging
from collections.abc import Collection

from care.facts import Ref
from storage import PageError, Store, Unlocked
from sync.errors import BadAnswer, Closing, NoRole, NotSignedIn, Offline, Refused, SyncError
from sync.session import Sessions
from wire.errors import WireError
from wire.messages import Signed, Whole, opened
from wire.signature import Context

MOST = 20
"""Aggregates after one pull; the rest after the next."""
_NO_SUCH = "no_such_aggregate"
_log = logging.getLogger(__name__)


async def fetch(
    store: Store, unlocked: Unlocked, sessions: Sessions, ref: Ref, stream: str = ""
) -> list[Ref]:
    """Fetch all that a stream (""; any of the person's) has of an aggregate. Returns what changed.

    Nothing, when the endpoint has nothing of it for this person. Raises SyncError and StorageError.
    """
    params = [("stream", stream)] if stream else []

    async def get(token: str) -> Signed:
        return await sessions.link.get(f"/v1/aggregate/{ref.kind}/{ref.id}", Signed, token, params=params)

    try:
        signed = await sessions.ask(unlocked, get)
    except Refused as error:
        if error.code != _NO_SUCH:
            raise
        store.unwant(ref, unlocked)
        return []
    return store.take_whole(_opened(signed, sessions.device.sign_public, ref, stream), unlocked)


async def fetch_wanted(
    store: Store, unlocked: Unlocked, sessions: Sessions, granted: Collection[str]
) -> set[Ref]:
    """Fetch what is wanted whole of the streams that are theirs. One that cannot be had now is asked for
    again after the next pull, or by somebody else.

    Raises SyncError when it would be so for every one of them.
    """
    changed: set[Ref] = set()
    theirs = [one for one in store.wanted(unlocked) if not one.stream or one.stream in granted]
    for one in theirs[:MOST]:
        try:
            changed.update(await fetch(store, unlocked, sessions, one.ref, one.stream))
        except (Offline, NotSignedIn, NoRole, Closing):
            raise
        except (SyncError, PageError) as error:
            # Of this one alone: what else comes must not wait for it.
            _log.warning("fetch %s: %r", one.ref.kind, error)
    return changed


def _opened(signed: Signed, public: bytes, ref: Ref, stream: str) -> Whole:
    try:
        whole = opened(signed, public, Context.WHOLE, Whole)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    if Ref(whole.kind, whole.id) != ref or (stream and whole.stream != stream):
        raise BadAnswer("whole: of something else")
    return whole

"""Push: what waits goes to the endpoint in batches, and leaves the outbox only through a signed receipt."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from storage import Store
from sync.errors import BadAnswer, Malformed, SyncError, TimedOut, TooLarge
from sync.packing import Packed, packed
from sync.session import Sessions
from wire.errors import WireError
from wire.messages import PUSH_MOST, PushRequest, Receipt, Signed, opened
from wire.seal import Sealed
from wire.signature import Context

FIRST_BATCH, QUICK_FIRST_BATCH = 100, 250
"""Facts to begin with, some 115 KB; and where the line has shown that it is quick."""
SESSION_S = 1.0
"""It has, if a session was opened just now within this time: a slow line takes longer for its round trips."""
QUICK_S = 2.0
"""An answer within this time says that the line carries more."""
_HASH_LENGTH = 32
_ANSWERED_MOST = 3
"""So often one push sends a fact that was answered and waits again: *Skicka igen* was pressed meanwhile."""


class PushOutcome(Struct):
    """What became of a push. ``stuck`` are facts that are not taken even alone: they still wait."""

    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    stuck: frozenset[str] = frozenset()

    def count(self, receipt: Receipt) -> None:
        for result in receipt.results:
            setattr(self, result.status, getattr(self, result.status) + 1)


class Batch(Struct, frozen=True):
    """Facts to send together, as they travel."""

    ids: list[str]
    left: int
    """Facts that wait behind these."""
    packed: Packed


async def push(
    store: Store, sessions: Sessions, first: int | None = None, most: int = PUSH_MOST
) -> PushOutcome:
    """Send everything that waits, oldest first, at most `most` facts at a time, and `first` to begin with
    (None: as many as the line seems to carry).

    A batch that was answered quickly is followed by one twice as large: where the line is good a week's work
    is a few requests, where it is bad little is lost with one. A batch that is too large, too slow or not
    understood is halved. A single fact that still is not taken is passed by, so that it never stops those
    behind it. Raises SyncError; what was receipted stays so.
    """
    return await _Push(store, sessions, first, most).run()


class _Push:
    """One push. While a batch is under way, the answer to the one before it is written down and the next is
    read and packed: the phone and the endpoint work at the same time."""

    def __init__(self, store: Store, sessions: Sessions, first: int | None, most: int) -> None:
        self._store, self._sessions = store, sessions
        self._first, self._size, self._most = first, most, most
        self._outcome = PushOutcome()
        self._answered: Counter[str] = Counter()
        self._told: tuple[Receipt, list[str]] | None = None

    async def run(self) -> PushOutcome:
        counts = self._store.counts()
        took = None
        if counts.waiting or counts.quiet:
            took = await self._sessions.ready()  # first: nothing is packed as long as nobody answers
        quick = took is not None and took <= SESSION_S
        self._size = min(self._first or (QUICK_FIRST_BATCH if quick else FIRST_BATCH), self._most)
        batch = self._read()
        while batch:
            if again := {id for id in batch.ids if self._answered[id] >= _ANSWERED_MOST}:
                self._outcome.stuck |= again
                batch = self._read()
            else:
                batch = await self._exchange(batch) or self._read()
        return self._outcome

    async def _exchange(self, batch: Batch) -> Batch | None:
        """Send a batch. Returns the next one, where it has been read meanwhile."""
        begun = time.monotonic()
        sending = asyncio.ensure_future(deliver(self._sessions, batch))
        try:
            following = await asyncio.to_thread(self._ahead, batch) if batch.left or self._told else None
            receipt = await sending
        except (TooLarge, Malformed, TimedOut) as error:
            self._not_taken(batch.ids, error)
            return None
        finally:
            sending.cancel()
        self._told = receipt, batch.ids
        self._outcome.count(receipt)
        self._answered.update(batch.ids)
        if time.monotonic() - begun < QUICK_S:
            self._size = min(2 * self._size, self._most)
        return following if following and len(following.ids) <= self._size else None

    def _ahead(self, batch: Batch) -> Batch | None:
        """Write down what was answered before this batch, and read what comes after it."""
        self._settle()
        return self._next(min(2 * self._size, self._most), batch.ids) if batch.left else None

    def _read(self) -> Batch | None:
        self._settle()
        return self._next(self._size)

    def _settle(self) -> None:
        told, self._told = self._told, None
        if told:
            self._store.take_receipt(*told)

    def _next(self, most: int, under_way: Sequence[str] = ()) -> Batch | None:
        """The oldest that wait, but what is stuck and what is under way."""
        stuck = self._outcome.stuck
        found = self._store.waiting(most + len(stuck), under_way[-1] if under_way else None)
        items = [sealed for sealed in found if sealed.id not in stuck][:most]
        if not items:
            return None
        left = max(0, self._store.counts().waiting - len(under_way) - len(items))
        return _packed(items, left, self._sessions)

    def _not_taken(self, ids: list[str], error: SyncError) -> None:
        if len(ids) > 1:
            self._size = self._most = len(ids) // 2
        elif isinstance(error, TimedOut):
            raise error
        else:
            self._outcome.stuck |= {ids[0]}


async def send(sessions: Sessions, items: Sequence[Sealed]) -> Receipt:
    """Send facts and verify their receipt. An empty one lets the endpoint hear of this phone.

    Raises BadAnswer unless the endpoint's key signed it, for this device and for these facts, each once.
    """
    return await deliver(sessions, _packed(items, 0, sessions))


def _packed(items: Sequence[Sealed], left: int, sessions: Sessions) -> Batch:
    request = PushRequest(items=tuple(items), left=left)
    return Batch([sealed.id for sealed in items], left, packed(request, sessions.link.encoding))


async def deliver(sessions: Sessions, batch: Batch) -> Receipt:
    """Send a batch and verify its receipt, as `send` does."""
    answer = await sessions.ask(
        None, lambda token: sessions.link.post("/v1/push", batch.packed, Signed, token)
    )
    try:
        receipt = opened(answer, sessions.device.sign_public, Context.RECEIPT, Receipt)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    _check(receipt, sessions.device.id, batch.ids)
    sessions.heard_chain(receipt.chain)
    return receipt


def _check(receipt: Receipt, device: str, ids: list[str]) -> None:
    if receipt.device != device:
        raise BadAnswer("receipt: for another device")
    if sorted(result.id for result in receipt.results) != sorted(ids):
        raise BadAnswer("receipt: not for these facts")
    for result in receipt.results:
        if result.status != "quarantined" and len(result.hash) != _HASH_LENGTH:
            raise BadAnswer(f"receipt: no hash of {result.id}")

"""Push: what waits goes to the endpoint in batches, and leaves the outbox only through a signed receipt."""

import time
from collections import Counter

from msgspec import Struct

from storage import Store
from sync.errors import BadAnswer, Malformed, TimedOut, TooLarge
from sync.session import Sessions
from wire.errors import WireError
from wire.messages import PUSH_MOST, PushRequest, Receipt, Signed, opened
from wire.seal import Sealed
from wire.signature import Context

FIRST_BATCH = 100
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


async def push(
    store: Store, sessions: Sessions, first: int = FIRST_BATCH, most: int = PUSH_MOST
) -> PushOutcome:
    """Send everything that waits, oldest first, at most `most` facts at a time, and `first` to begin with.

    A batch that was answered quickly is followed by one twice as large: where the line is good a week's work
    is a few requests, where it is bad little is lost with one. A batch that is too large, too slow or not
    understood is halved. A single fact that still is not taken is passed by, so that it never stops those
    behind it. Raises SyncError; what was receipted stays so.
    """
    size = min(first, most)
    outcome = PushOutcome()
    answered: Counter[str] = Counter()
    while batch := _next(store, outcome.stuck, size):
        ids = [sealed.id for sealed in batch]
        if again := {id for id in ids if answered[id] >= _ANSWERED_MOST}:
            outcome.stuck |= again
            continue
        begun = time.monotonic()
        try:
            receipt = await send(sessions, batch, max(0, store.counts().waiting - len(batch)))
        except (TooLarge, Malformed, TimedOut) as error:
            if len(batch) > 1:
                size = most = len(batch) // 2
            elif isinstance(error, TimedOut):
                raise
            else:
                outcome.stuck |= {ids[0]}
            continue
        store.take_receipt(receipt, ids)
        outcome.count(receipt)
        answered.update(ids)
        if time.monotonic() - begun < QUICK_S:
            size = min(2 * size, most)
    return outcome


async def send(sessions: Sessions, batch: list[Sealed], left: int = 0) -> Receipt:
    """Send one batch and verify its receipt. `left` is how much waits behind it.

    An empty one lets the endpoint hear of this phone.

    Raises BadAnswer unless the endpoint's key signed it, for this device and for these facts, each once.
    """
    message = PushRequest(items=tuple(batch), left=left)
    answer = await sessions.ask(None, lambda token: sessions.link.post("/v1/push", message, Signed, token))
    try:
        receipt = opened(answer, sessions.device.sign_public, Context.RECEIPT, Receipt)
    except WireError as error:
        raise BadAnswer(str(error)) from error
    _check(receipt, sessions.device.id, [sealed.id for sealed in batch])
    return receipt


def _check(receipt: Receipt, device: str, ids: list[str]) -> None:
    if receipt.device != device:
        raise BadAnswer("receipt: for another device")
    if sorted(result.id for result in receipt.results) != sorted(ids):
        raise BadAnswer("receipt: not for these facts")
    for result in receipt.results:
        if result.status != "quarantined" and len(result.hash) != _HASH_LENGTH:
            raise BadAnswer(f"receipt: no hash of {result.id}")


def _next(store: Store, stuck: frozenset[str], most: int) -> list[Sealed]:
    waiting = store.waiting(limit=most + len(stuck))
    return [sealed for sealed in waiting if sealed.id not in stuck][:most]

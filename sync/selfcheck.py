"""The self-check: whether what the phone holds of a stream is what the endpoint has.

Two questions. With each answer to a pull: has the stream brought as many facts, with the same sum over them,
as the endpoint says it has up to there? And once an hour: is all that it brought still here, and can it be
read? Where not, the stream is read anew, as if for the first time; what waits to be sent is not touched.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from care.streams import Stream
from storage import Store, Unlocked
from wire.checksum import Tally
from wire.cursor import Cursor
from wire.messages import Sums

if TYPE_CHECKING:
    from sync.session import Sessions

LOOKED_EVERY_S = 3600.0
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(hours=1), timedelta(days=1)
_BREATH_S = 0.005
_log = logging.getLogger(__name__)


class _Last(Struct, frozen=True):
    at: datetime
    pause: timedelta


class ReadAnew:
    """Which streams had to be read anew since this began. One that it does not help is left alone for longer
    each time: a fault of ours must not become a first sync without end."""

    def __init__(self) -> None:
        self.untold = 0
        """How many of them the endpoint has not been told of."""
        self._last: dict[tuple[str, str], _Last] = {}

    def may(self, staff: str, stream: str, now: datetime) -> bool:
        """Whether somebody's stream may be read anew now; it is counted as read anew."""
        last = self._last.get((staff, stream))
        if last is not None and abs(now - last.at) < last.pause:
            return False
        pause = min(2 * last.pause, _LONGEST_PAUSE) if last else _FIRST_PAUSE
        self._last[staff, stream] = _Last(now, pause)
        self.untold += 1
        return True


def compare(store: Store, unlocked: Unlocked, sessions: "Sessions", sums: Sums) -> bool:
    """Compare what has come by each stream with what the endpoint says, where both stand at the same place.

    Whether one is to be read anew.
    """
    anew = False
    for stream, told in sums.streams.items():
        reached = store.reached(stream, unlocked)
        if reached is None or reached.at != Cursor(told.epoch, told.position):
            # More has come, or is to come: it is compared with the next answer.
            continue
        if reached.tally != Tally.of(told.position, told.sum):
            said = f"{reached.tally.count} facts have come up to {told.position}, and their sum is another"
            anew |= _read_anew(store, unlocked, sessions, stream, said)
    return anew


async def look_through(
    store: Store, unlocked: Unlocked, sessions: "Sessions", streams: frozenset[str]
) -> bool:
    """Look for what came by some streams and is not held any more. Whether one is to be read anew.

    Blocks for a few milliseconds at a time. Raises Locked, StorageError.
    """
    anew = False
    for stream in sorted(streams):
        missing = 0
        for lost in store.lost(stream, unlocked):
            missing += len(lost)
            await asyncio.sleep(_BREATH_S)
        if missing:
            said = f"something of {missing} aggregates that came by it is not here any more"
            anew |= _read_anew(store, unlocked, sessions, stream, said)
    return anew


def _read_anew(store: Store, unlocked: Unlocked, sessions: "Sessions", stream: str, said: str) -> bool:
    whose = Stream.parse(stream).of
    if not sessions.read_anew.may(unlocked.staff, stream, sessions.now()):
        _log.error("a stream %s: %s; it was read anew before, and that did not help", whose, said)
        return False
    _log.warning("a stream %s: %s; it is read anew", whose, said)
    store.forget_cursor(stream, unlocked)
    # With the next session of the device the endpoint hears of it.
    sessions.tell_anew()
    return True

"""Delivery: pushing whenever something waits, also when everybody has locked; pulling for the unlocked.

Runs on one event loop: one task pushes, one task per unlocked person pulls, and what one of them learns of
the connection the others act on at once.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from storage import Locked, StorageError, Store, Unlocked
from sync.backoff import CEILING_S, Backoff
from sync.errors import Busy, NotSignedIn, Offline, SyncError
from sync.pull import PullOutcome, pull
from sync.push import push, send
from sync.session import Sessions
from sync.state import Connection
from wire.messages import LONG_POLL_S

CONTACT_EVERY_S = 300.0
"""With nothing to send and nobody unlocked, the endpoint still hears of the phone this often."""
_PUSH = "push"
_EMPTY_ROUNDS = 5
_log = logging.getLogger(__name__)


class _Reader(Struct):
    """Somebody unlocked, the task that pulls for them, and what cuts its pauses short."""

    who: Unlocked
    ring: asyncio.Event
    task: asyncio.Task[None]


class Delivery:
    """The tasks of one enrolled phone. `show` is told of every change of the connection."""

    def __init__(
        self, store: Store, sessions: Sessions, source: random.Random, show: Callable[[Connection], None]
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._random = source
        self._show = show
        self._connection = Connection()
        self._troubles: dict[str, str] = {}
        self._ring = asyncio.Event()
        self._waiting_seen = 0
        self._readers: dict[str, _Reader] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._match_readers()
        try:
            await self._push_always()
        finally:
            self._stop_readers()

    def changed(self) -> None:
        """Something was saved, receipted, unlocked or locked."""
        waiting = self._store.counts().waiting
        if waiting > self._waiting_seen:
            self._ring.set()
        self._waiting_seen = waiting
        self._match_readers()

    def wake(self) -> None:
        """The app is in front again, or coverage is back: try everything anew, now.

        Requests that were under way when the phone slept may never end, so the long-polls are begun again.
        """
        self._stop_readers()
        self._match_readers()
        self._ring.set()

    async def _push_always(self) -> None:
        backoff = Backoff(self._random)
        while True:
            self._ring.clear()
            pause = await self._push_once(backoff)
            if self._connection.asked_to_wait:
                await asyncio.sleep(pause)
            elif await _rung(self._ring, pause) and self._connection.connected:
                backoff.reset()

    async def _push_once(self, backoff: Backoff) -> float:
        """Push what waits, or let the endpoint hear of us; the pause until next time, unless it rings."""
        self._waiting_seen = self._store.counts().waiting
        stuck = frozenset[str]()
        try:
            if self._waiting_seen:
                self._tell(sending=True)
                stuck = (await push(self._store, self._sessions)).stuck
            elif not self._readers or not self._connection.connected:
                self._store.take_receipt(await send(self._sessions, []), [])
            else:
                return CONTACT_EVERY_S
        except (SyncError, StorageError) as error:
            return self._failed(_PUSH, error, backoff)
        finally:
            self._tell(sending=False)
        backoff.reset()
        self._reached(_PUSH, "sync.stuck" if stuck else "")
        return CEILING_S if stuck else CONTACT_EVERY_S

    async def _pull_always(self, who: Unlocked, ring: asyncio.Event) -> None:
        backoff = Backoff(self._random)
        wait, empty_rounds = 0.0, 0
        while True:
            ring.clear()
            begun = time.monotonic()
            try:
                outcome = await pull(self._store, who, self._sessions, wait)
            except Locked:
                return
            except NotSignedIn:
                self._tell(sign_in=self._connection.sign_in | {who.staff})
                return
            except (SyncError, StorageError) as error:
                wait = 0.0
                await _rung(ring, self._failed(who.staff, error, backoff))
                continue
            backoff.reset()
            self._reached(who.staff)
            wait = 0.0 if outcome.more else float(LONG_POLL_S)
            empty_rounds = empty_rounds + 1 if _empty(outcome) and time.monotonic() - begun < 1.0 else 0
            if empty_rounds > _EMPTY_ROUNDS:
                # Pages that are answered at once and never fit must not become a storm of requests.
                await asyncio.sleep(1.0)

    def _match_readers(self) -> None:
        """One pull per unlocked person, for as long as they are unlocked; nothing is pulled while locked."""
        unlocked = {one.staff: one for one in reversed(self._store.state_unlocked)}
        for staff, reader in list(self._readers.items()):
            if not any(one is reader.who for one in self._store.state_unlocked):
                reader.task.cancel()
                del self._readers[staff]
                self._sessions.forget(staff)
                self._troubles.pop(staff, None)
                self._tell(sign_in=self._connection.sign_in - {staff}, trouble=self._trouble)
        for staff, one in unlocked.items():
            if staff not in self._readers:
                ring = asyncio.Event()
                task = asyncio.create_task(_logged(self._pull_always(one, ring)), name=f"pull {staff}")
                self._readers[staff] = _Reader(one, ring, task)

    def _stop_readers(self) -> None:
        for reader in self._readers.values():
            reader.task.cancel()
        self._readers.clear()

    def _reached(self, task: str, trouble: str = "") -> None:
        self._troubles.pop(task, None)
        if trouble:
            self._troubles[task] = trouble
        was_away = not self._connection.connected
        self._sessions.contact()
        self._tell(connected=True, asked_to_wait=False, reason="", trouble=self._trouble)
        if was_away:
            self._ring.set()
            for reader in self._readers.values():
                reader.ring.set()

    def _failed(self, task: str, error: SyncError | StorageError, backoff: Backoff) -> float:
        """Note a failure; how long to pause."""
        match error:
            case Busy() if error.retry_after is not None:
                self._tell(connected=False, asked_to_wait=task == _PUSH, reason=error.key)
                return backoff.failed(time.monotonic(), error.retry_after)
            case Offline():
                self._tell(connected=False, asked_to_wait=False, reason=error.key)
                return backoff.failed(time.monotonic())
            case _:
                # Does not pass by itself, so it is said; and tried again, since nothing saved is given up.
                _log.warning("%s: %r", task, error)
                self._troubles[task] = error.key if isinstance(error, SyncError) else "sync.storage"
                self._tell(trouble=self._trouble)
                return max(CEILING_S / 2, backoff.failed(time.monotonic()))

    @property
    def _trouble(self) -> str:
        return next(iter(self._troubles.values()), "")

    def _tell(self, **changes: object) -> None:
        connection = replace(self._connection, **changes)
        if connection != self._connection:
            self._connection = connection
            self._show(connection)


def _empty(outcome: PullOutcome) -> bool:
    return not outcome.changed and not outcome.more


async def _rung(ring: asyncio.Event, seconds: float) -> bool:
    """Pause; whether something rang before the time was out."""
    try:
        await asyncio.wait_for(ring.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _logged(task: Awaitable[None]) -> None:
    try:
        await task
    except Exception:
        _log.exception("a pull ended")
        raise

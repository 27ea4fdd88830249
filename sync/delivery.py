"""Delivery: pushing whenever something waits, also when everybody has locked; pulling for the unlocked.

Runs on one event loop: one task pushes, one task per unlocked person pulls, and what one of them learns of
the connection the others act on at once.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from storage import FileError, Locked, StillWaiting, StorageError, Store, Unlocked
from sync.backoff import CEILING_S, Backoff
from sync.certificate import renew
from sync.errors import Busy, Closing, NoRole, NotSignedIn, Offline, SyncError
from sync.photos import PhotoOutcome, send_photos
from sync.pull import PullOutcome, look_through, pull
from sync.push import push, send
from sync.selfcheck import LOOKED_EVERY_S
from sync.session import Sessions
from sync.standing import Standing
from sync.state import Connection
from wire.messages import LONG_POLL_S

CONTACT_EVERY_S = 300.0
"""With nothing to send and nobody unlocked, the endpoint still hears of the phone this often."""
_PUSH = "push"
_EMPTY_ROUNDS = 5
_BREATH_S = 0.2
_TROUBLED_S = 20.0
_BETWEEN_BATCHES_S = 0.01
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
        self._push_backoff = Backoff(source)
        self._asked_until = 0.0
        self._waiting_seen = 0
        self._readers: dict[str, _Reader] = {}
        self._looked: dict[str, float] = {}
        self._standing = Standing(store, sessions)

    async def run(self) -> None:
        """Deliver until cancelled, or until the phone has been closed."""
        self._match_readers()
        try:
            await self._push_always()
        finally:
            self._stop_readers()

    def changed(self) -> None:
        """Something was saved, receipted, unlocked or locked."""
        waiting = self._store.counts().unsent
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
        self._push_backoff.reset()
        self._ring.set()

    async def _push_always(self) -> None:
        while self._store.device is not None:
            await self._left_alone()
            self._ring.clear()
            pause = await self._push_once()
            if self._nobody_reads():
                self._vacuum()
            await _pause(self._ring, pause)

    async def _push_once(self) -> float:
        """Push what waits, or let the endpoint hear of us; the pause until next time, unless it rings."""
        counts = self._store.counts()
        self._waiting_seen = counts.unsent
        stuck = frozenset[str]()
        try:
            await self._standing.say_last_word()
            if counts.unsent or counts.quiet:
                # Readings alone go along with the next contact, and are nothing to show.
                self._tell(sending=bool(counts.unsent))
                stuck = await self._send_all()
                # What is saved from here on is more than this, and rings.
                self._waiting_seen = min(len(stuck), self._store.counts().unsent)
            elif self._nobody_reads():
                self._store.take_receipt(await send(self._sessions, []), [])
            elif not self._standing.due:
                return CONTACT_EVERY_S
            if self._standing.due:
                await self._standing.ask(stuck)
            if self._store.keeper.closing:
                stuck |= await self._send_all()
                self._standing.destroy(stuck)
                return 0.0
            self._reached(_PUSH, "delivery.stuck" if stuck else "")
        except StillWaiting:
            return _BREATH_S
        except Exception as error:
            return self._failed(_PUSH, error, self._push_backoff)
        finally:
            self._tell(sending=False)
        self._push_backoff.reset()
        if self._sessions.news:
            return 1.0
        return CEILING_S if stuck else CONTACT_EVERY_S

    async def _send_all(self) -> frozenset[str]:
        """Facts first, then photos; what is saved meanwhile waits for no more than one piece of one.

        Returns what was not taken.
        """
        stuck = (await push(self._store, self._sessions)).stuck
        outcome = PhotoOutcome(set(), set())
        async for _ in send_photos(self._store, self._sessions, outcome):
            if self._store.counts().waiting > len(stuck):
                stuck = (await push(self._store, self._sessions)).stuck
        return stuck | outcome.stuck

    async def _pull_always(self, who: Unlocked, ring: asyncio.Event) -> None:
        backoff = Backoff(self._random)
        wait, empty_rounds = 0.0, 0
        while True:
            await self._left_alone()
            ring.clear()
            begun = time.monotonic()
            try:
                outcome = await pull(self._store, who, self._sessions, wait)
                self._reached(who.staff)
                await renew(who, self._sessions)
                await _encrypt_anew(who)
                if self._sessions.news:
                    self._ring.set()
                anew = False
                if not outcome.more:
                    await self._purge(who)
                    anew = await self._look_through(who)
            except Locked:
                return
            except NotSignedIn:
                self._tell(sign_in=self._connection.sign_in | {who.staff})
                self._ring.set()
                return
            except Closing:
                self._look_at_standing()
                return
            except Exception as error:
                if isinstance(error, NoRole):
                    self._look_at_standing()
                wait = 0.0
                await _pause(ring, self._failed(who.staff, error, backoff))
                continue
            backoff.reset()
            wait = 0.0 if outcome.more or anew else float(LONG_POLL_S)
            empty_rounds = empty_rounds + 1 if _empty(outcome) and time.monotonic() - begun < 1.0 else 0
            if empty_rounds > _EMPTY_ROUNDS:
                # Pages that are answered at once and never fit must not become a storm of requests.
                await asyncio.sleep(1.0)

    async def _purge(self, who: Unlocked) -> None:
        """Once a day, what is over leaves the phone: by the endpoint's time, or not at all."""
        if not self._sessions.knows_time:
            return
        try:
            for _ in self._store.tidy.purge(who, self._sessions.now()):
                # Whoever saves something meanwhile comes first.
                await asyncio.sleep(_BETWEEN_BATCHES_S)
        except FileError as error:
            _log.warning("purge: %r", error)

    async def _look_through(self, who: Unlocked) -> bool:
        """Once an hour: whether all that has come for somebody is still here."""
        now, last = time.monotonic(), self._looked.get(who.staff)
        if last is not None and now - last < LOOKED_EVERY_S:
            return False
        self._looked[who.staff] = now
        return await look_through(self._store, who, self._sessions)

    def _vacuum(self) -> None:
        try:
            if self._store.tidy.vacuum():
                _log.info("the file has been written anew")
        except FileError as error:
            _log.warning("vacuum: %r", error)

    async def _left_alone(self) -> None:
        """Hold still for as long as the endpoint asked, whatever rings."""
        await asyncio.sleep(max(0.0, self._asked_until - time.monotonic()))

    def _match_readers(self) -> None:
        """One pull per unlocked person, for as long as they are unlocked; nothing is pulled while locked."""
        sessions, before = self._store.state_unlocked, len(self._readers)
        for staff, reader in list(self._readers.items()):
            own = [one for one in sessions if one.staff == staff]
            signed_in_anew = reader.task.done() and own[-1:] != [reader.who]
            if reader.who not in own or signed_in_anew:
                reader.task.cancel()
                del self._readers[staff]
        for one in reversed(sessions):
            if one.staff not in self._readers:
                ring = asyncio.Event()
                task = asyncio.create_task(self._pull_always(one, ring), name=f"pull {one.staff}")
                self._readers[one.staff] = _Reader(one, ring, task)
        here = self._readers.keys()
        if before and not here:
            # Put down: a moment to hear what has been decided of the phone.
            self._look_at_standing()
        self._sessions.keep(here)
        self._troubles = {task: key for task, key in self._troubles.items() if task == _PUSH or task in here}
        ended = [staff for staff, reader in self._readers.items() if reader.task.done()]
        self._tell(sign_in=self._connection.sign_in.intersection(ended), trouble=self._trouble)
        if self._standing.can_move:
            self._ring.set()

    def _look_at_standing(self) -> None:
        self._sessions.news = True
        self._ring.set()

    def _stop_readers(self) -> None:
        for reader in self._readers.values():
            reader.task.cancel()
        self._readers.clear()

    def _nobody_reads(self) -> bool:
        return all(reader.task.done() for reader in self._readers.values())

    def _reached(self, task: str, trouble: str = "") -> None:
        self._sessions.contact()
        self._troubles.pop(task, None)
        if trouble:
            self._troubles[task] = trouble
        was_away = not self._connection.connected
        asked_to_wait = self._asked_until > time.monotonic()
        self._tell(connected=True, asked_to_wait=asked_to_wait, reason="", trouble=self._trouble)
        if was_away:
            others = [reader.ring for staff, reader in self._readers.items() if staff != task]
            for ring in others if task == _PUSH else [*others, self._ring]:
                ring.set()

    def _failed(self, task: str, error: Exception, backoff: Backoff) -> float:
        """Note a failure; how long to pause."""
        now = time.monotonic()
        match error:
            case Busy() if error.retry_after is not None:
                pause = backoff.failed(now, error.retry_after)
                self._asked_until = max(self._asked_until, now + pause)
                self._tell(connected=False, asked_to_wait=True, reason=error.key)
                return pause
            case Offline():
                self._tell(connected=False, asked_to_wait=False, reason=error.key)
                return backoff.failed(now)
            case SyncError():
                _log.warning("%s: %r", task, error)
                self._troubles[task] = error.key
            case StorageError():
                _log.warning("%s: %r", task, error)
                self._troubles[task] = "delivery.storage"
            case _:
                _log.error("%s: a fault of ours", task, exc_info=error)
                self._troubles[task] = "delivery.error"
        # None of these passes by itself, so it is said; and tried again, since nothing saved is given up.
        self._tell(trouble=self._trouble)
        return max(_TROUBLED_S, backoff.failed(now))

    @property
    def _trouble(self) -> str:
        return next(iter(self._troubles.values()), "")

    def _tell(self, **changes: object) -> None:
        connection = replace(self._connection, **changes)
        if connection != self._connection:
            self._connection = connection
            self._sessions.error = connection.trouble or self._sessions.error
            self._show(connection)


async def _encrypt_anew(who: Unlocked) -> None:
    """What is still under an older key, a little at a time; whoever saves meanwhile waits for that little."""
    while await asyncio.to_thread(who.exchange):
        pass


def _empty(outcome: PullOutcome) -> bool:
    return not outcome.changed and not outcome.more


async def _pause(ring: asyncio.Event, seconds: float) -> None:
    """Until the time is out, or it rings."""
    # Not wait_for, which in Python 3.11 loses a cancellation that comes together with the ring.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ring.wait()

"""Sync: the one object that the app starts. Its own thread: a busy screen never stops delivery."""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from care.facts import Ref
from care.photo import Photo
from storage import Device, NotEnrolled, StorageError, Store, Unlocked
from sync import enrol, signin
from sync.backoff import CEILING_S, Backoff
from sync.clock import Offset
from sync.delivery import Delivery
from sync.errors import Offline, SyncError
from sync.fetch import fetch
from sync.photos_read import Told, fetch_photo
from sync.session import Sessions
from sync.standing import say
from sync.state import Connection, SyncState, chip
from sync.trust import Trust
from wire.messages import SignInStarted, SignInState

if TYPE_CHECKING:
    from sync.link import Link

_AGAIN_S = 5.0
_log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Sync:
    """Enrols, signs in, pushes and pulls for one store. Call it from any thread or event loop."""

    def __init__(
        self,
        store: Store,
        source: random.Random | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        link: "Callable[[str], Link] | None" = None,
    ) -> None:
        self._store = store
        self._random = source or random.SystemRandom()
        self._now = now
        self._make_link = link or _line
        self._connection = Connection()
        self._callbacks: list[Callable[[SyncState], None]] = []
        self._sessions: Sessions | None = None
        self._delivery: Delivery | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._begun = threading.Event()
        self._scheduled = threading.Event()
        self._told = self._derive()

    def start(self) -> None:
        """Begin delivering, as soon as the phone is enrolled."""
        if self._thread is None:
            self._scheduled.clear()
            self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
            self._thread.start()
            self._begun.wait()

    def stop(self) -> None:
        """End within moments. What waits stays in the store."""
        if self._thread and self._loop and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=10)
        self._thread, self._loop = None, None
        self._begun.clear()

    def wake(self) -> None:
        """The app is in front again, coverage is back, or somebody pressed "try now"."""
        self._on_loop(self._wake)

    @property
    def state(self) -> SyncState:
        """How delivery stands now, with what was saved a moment ago. Costs nothing."""
        return self._derive()

    def subscribe(self, callback: Callable[[SyncState], None]) -> Callable[[], None]:
        """Call back with every new state, on the sync's thread. Returns what ends it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> "asyncio.Future[Result]":
        """Run a coroutine on the sync's loop; awaitable on the caller's. Cancelling reaches it."""
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("sync is not started")
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def enrol(self, url: str, code: str, phone_name: str, key: str = "") -> Device:
        """Enrol this phone and begin delivering. Raises SyncError and StorageError.

        `key`: the fingerprint of the endpoint's key, where somebody has handed it over (`wire.anchors`).
        """
        return await self.call(self._enrol(url, code, phone_name, key))

    async def start_sign_in(self) -> SignInStarted:
        """Begin a sign-in: open ``url`` in the system browser and show ``number``. Raises SyncError."""
        return await self.call(signin.start(self._line))

    async def wait_for_sign_in(self, started: SignInStarted) -> SignInState:
        """Until the browser is done; ``state`` says how it went. Then let the person confirm ``name``."""
        return await self.call(signin.wait(self._line, started))

    async def certify(self, started: SignInStarted, person: SignInState, pin: str) -> Unlocked:
        """Give the person a signing key and a slot with this PIN on this phone, and unlock it.

        Raises SyncError and StorageError (PinRule before anything is asked of the endpoint).
        """
        return await self.call(signin.certify(self._line, self._store, started, person, pin))

    async def bring(self, who: Unlocked, kind: str, id: str) -> bool:
        """Fetch what has left this phone, since somebody opens it. Whether anything of it came.

        Raises SyncError and StorageError.
        """
        return bool(await self.call(fetch(self._store, who, self._line, Ref(kind, id))))

    async def photo(self, who: Unlocked, photo: Photo, told: Told) -> bytes | None:
        """The bytes of a photo of a case that they handle; None: not at the endpoint yet. Raises SyncError.

        `told`: how many pieces have come, of how many; called on the sync's thread. Nothing is stored.
        """
        return await self.call(fetch_photo(self._line, who, photo, told))

    @property
    def _line(self) -> Sessions:
        if self._sessions is None:
            raise NotEnrolled("sync")
        return self._sessions

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._enrolled = asyncio.Event()
        unsubscribe = self._store.subscribe(self._heard)
        self._begun.set()
        delivering = asyncio.create_task(self._deliver_always())
        try:
            await self._stopping.wait()
        finally:
            unsubscribe()
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
            if self._sessions:
                await self._sessions.link.close()
            self._sessions = self._delivery = None

    async def _deliver_always(self) -> None:
        while True:
            if self._store.device is None:
                await self._until_enrolled()
            self._connect()
            assert self._sessions
            self._delivery = Delivery(self._store, self._sessions, self._random, self._show)
            try:
                await self._delivery.run()
            except Exception:
                # A fault of ours must not end delivery for the rest of the process's life.
                _log.exception("delivery ended; it begins again")
                await asyncio.sleep(_AGAIN_S)
            if self._store.device is None:
                await self._disconnect()

    async def _until_enrolled(self) -> None:
        """Wait for a unit; meanwhile the endpoint is told that the phone has closed, if it has."""
        self._enrolled.clear()
        leaving = asyncio.create_task(self._say_closed())
        try:
            await self._enrolled.wait()
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)

    async def _say_closed(self) -> None:
        backoff, keeper = Backoff(self._random), self._store.keeper
        while True:
            try:
                keeper.finish()
                word = keeper.last_word
                if word is None:
                    return
                link = self._make_link(word.url)
                Trust(link, word.sign_public, word.anchors, lambda _: None)
                try:
                    await say(link, word)
                finally:
                    await link.close()
                keeper.heard()
                return
            except Offline:
                await asyncio.sleep(backoff.failed(time.monotonic()))
            except (SyncError, StorageError) as error:
                _log.warning("closing: %r", error)
                await asyncio.sleep(CEILING_S)

    async def _disconnect(self) -> None:
        """The phone has closed: nothing is left to connect as."""
        sessions, self._sessions, self._delivery = self._sessions, None, None
        if sessions:
            await sessions.link.close()
        self._show(Connection())

    def _connect(self) -> None:
        device = self._store.device
        assert device
        if self._sessions is None:
            link = self._make_link(device.endpoint_url)
            self._sessions = Sessions(link, self._store, device, Offset(self._now))

    async def _enrol(self, url: str, code: str, phone_name: str, key: str) -> Device:
        link = self._make_link(url)
        try:
            device = await enrol.enrol(link, code, phone_name, self._store, key)
        finally:
            await link.close()
        self._connect()
        self._enrolled.set()
        return device

    def _heard(self, changed: frozenset[Ref]) -> None:
        """From whatever thread changed the store. A burst of changes is looked at once."""
        if not self._scheduled.is_set():
            self._scheduled.set()
            self._on_loop(self._changed)

    def _changed(self) -> None:
        self._scheduled.clear()
        if self._delivery:
            self._delivery.changed()
        self._publish()

    def _wake(self) -> None:
        if self._delivery:
            self._delivery.wake()

    def _on_loop(self, callback: Callable[[], None]) -> None:
        # A save must not fail because delivery is just being stopped.
        with suppress(RuntimeError):
            if self._loop:
                self._loop.call_soon_threadsafe(callback)

    def _show(self, connection: Connection) -> None:
        self._connection = connection
        self._publish()

    def _publish(self) -> None:
        state = self._derive()
        if state != self._told:
            self._told = state
            for callback in list(self._callbacks):
                try:
                    callback(state)
                except Exception:
                    _log.exception("a listener to the sync's state failed")

    def _derive(self) -> SyncState:
        counts, store, connection = self._store.counts(), self._store, self._connection
        if store.mishap and not connection.trouble:
            # Somebody is to read it, and to say so.
            connection = replace(connection, trouble=f"delivery.{store.mishap.what}")
        return chip(counts.unsent, counts.needs_action, connection, store.last_contact, store.last_all_sent)


def _line(url: str) -> "Link":
    # The first screen does not wait for what speaks HTTP: the thread of sync imports it.
    from sync.link import Link

    return Link(url)

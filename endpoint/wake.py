"""Waking those who wait: a long-poll sleeps until one of its streams has grown.

What was woken is remembered by a counter, so that a stream which grows between a reader's look and its
sleep still wakes it.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Container, Iterable

EVERYBODY = "*"
_LAST_S = 0.03
"""How long whoever has sent something sleeps on while it is answered to the others: it has it already."""


def rights_of(staff: str) -> str:
    """What is woken when a person's roles may have changed."""
    return f"rights:{staff}"


def standing_of(device: str) -> str:
    """What is woken when a phone is to do something: close, move."""
    return f"device:{device}"


class Wake:
    """The sleepers of one process. Any thread may wake them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self.closed = False
        self._last: dict[str, int] = {}
        self._sleepers: defaultdict[str, dict[asyncio.Future[None], str]] = defaultdict(dict)
        """By name, each with its phone, in the order in which they lay down: they are woken in it."""

    @property
    def count(self) -> int:
        """Take this before looking; `sleep` returns at once if anything was woken since."""
        return self._count

    def up(self, names: Iterable[str], by: Container[str] = ()) -> None:
        """Wake everybody who sleeps on any of the names; ``by``, the phones that it comes from, last."""
        with self._lock:
            self._count += 1
            for name in names:
                self._last[name] = self._count
                chosen = self._sleepers if name == EVERYBODY else (name,)
                for sleeper, phone in [one for key in chosen for one in self._sleepers.get(key, {}).items()]:
                    loop = sleeper.get_loop()
                    if phone in by:
                        loop.call_soon_threadsafe(loop.call_later, _LAST_S, _rouse, sleeper)
                    else:
                        loop.call_soon_threadsafe(_rouse, sleeper)

    def any_since(self, names: Iterable[str], since: int) -> bool:
        """Whether one of the names has been woken since that count, or everybody has."""
        with self._lock:
            return any(self._last.get(name, 0) > since for name in (EVERYBODY, *names))

    def close(self) -> None:
        """The process is about to end: wake everybody, let nobody sleep again. Safe in a signal handler."""
        self.closed = True
        for sleeper in [one for sleepers in list(self._sleepers.values()) for one in list(sleepers)]:
            sleeper.get_loop().call_soon_threadsafe(_rouse, sleeper)

    async def sleep(self, names: Iterable[str], since: int, seconds: float, phone: str = "") -> bool:
        """Sleep until one of the names is woken, or was since `since`, but no longer than `seconds`.

        Whether any was. ``phone``: who sleeps.
        """
        watched = {EVERYBODY, *names}
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self.closed or any(self._last.get(name, 0) > since for name in watched):
                return True
            for name in watched:
                self._sleepers[name][sleeper] = phone
        try:
            await asyncio.wait([sleeper], timeout=seconds)
            return sleeper.done()
        finally:
            self._forget(watched, sleeper)

    def _forget(self, names: Iterable[str], sleeper: asyncio.Future[None]) -> None:
        with self._lock:
            for name in names:
                self._sleepers[name].pop(sleeper, None)
                if not self._sleepers[name]:
                    del self._sleepers[name]
        sleeper.cancel()


def _rouse(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)

"""Time that passes when nothing else is left to do, and chance that comes from the seed.

Import this before what is simulated: some of it takes `time.monotonic` when it is imported.
"""

import asyncio
import os
import random
import selectors
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINS = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
_ZERO_S = 1000.0
OVER = timedelta(minutes=10)
"""So long after it was closed, something comes no more with a first sync."""
SCRYPT_N = 2
"""Nobody guesses codes here."""


class Time:
    """What all clocks of a world are read from; the phones' are set wrong by themselves."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def monotonic(self) -> float:
        return _ZERO_S + self.elapsed

    def now(self) -> datetime:
        return BEGINS + timedelta(seconds=self.elapsed)

    def nanoseconds(self) -> int:
        return int(self.now().timestamp() * 1e9)


class Chance:
    """The seed's own source for whatever the code draws: ids, nonces, keys, waits."""

    def __init__(self) -> None:
        self.source = random.Random(0)

    def bytes(self, length: int) -> bytes:
        return self.source.randbytes(length)


TIME, CHANCE = Time(), Chance()


class _Selector(selectors.DefaultSelector):  # type: ignore[valid-type, misc]
    """Waits for nobody: when nothing is ready, it is later."""

    def select(self, timeout: float | None = None) -> Any:
        # Nothing comes from outside: the network is here, and so are all threads.
        if timeout is None:
            raise RuntimeError("nothing is left to happen, and somebody waits")
        TIME.elapsed += max(timeout, 0.0)
        return []


class Loop(asyncio.SelectorEventLoop):
    """One thread for the whole world: what is handed to other threads is done at once."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return TIME.monotonic()

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:
            future.set_exception(error)
        return future


def begin(seed: int) -> None:
    """A world's time and chance begin anew."""
    TIME.elapsed = 0.0
    CHANCE.source = random.Random(seed)


class _Keys:
    """Stands where a class of private keys does; the keys are drawn from the seed."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def generate(self) -> Any:
        return self._real.from_private_bytes(CHANCE.bytes(32))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Datetime(datetime):
    """For what asks the wall clock itself."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return TIME.now()


def install() -> None:
    """Put virtual time and seeded chance in the place of the real ones, for this process."""
    os.urandom = CHANCE.bytes
    random._urandom = CHANCE.bytes  # type: ignore[attr-defined]
    time.monotonic = TIME.monotonic
    time.time_ns = TIME.nanoseconds
    from endpoint import pages, snapshot, statements
    from storage import keys
    from wire import seal, signature

    # So that a world of an hour has long histories, and what is over.
    pages.FACTS_MOST = 12
    snapshot.AGGREGATES_MOST, snapshot.FACTS_MOST = 6, 9
    snapshot.window = lambda settings: OVER
    keys.SCRYPT_N = SCRYPT_N
    statements.datetime = _Datetime
    signature.Ed25519PrivateKey = _Keys(signature.Ed25519PrivateKey)
    seal.X25519PrivateKey = _Keys(seal.X25519PrivateKey)
    from pyhpke.kem_primitives import x25519

    x25519.X25519PrivateKey = _Keys(x25519.X25519PrivateKey)
    from tests.simulation import looks

    looks.install()

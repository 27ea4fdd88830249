"""A worker's look at the database's file, each half second: those that would find nothing are passed over."""

import asyncio
import math
from types import SimpleNamespace
from typing import Any

from endpoint import listen
from tests.simulation.virtual import TIME


class Looks:
    """Stands where the waiting between two looks does."""

    def __init__(self) -> None:
        self.count = 0
        """How often something was."""
        self._waiting: set[asyncio.Future[None]] = set()

    def written(self) -> None:
        """Something is committed to the file."""
        self.count += 1
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()

    async def sleep(self, seconds: float) -> None:
        """Until the first look, of those so many seconds apart, that comes after something was written."""
        if seconds != listen._LOOK_S:
            await asyncio.sleep(seconds)
            return
        begun, count, loop = TIME.elapsed, self.count, asyncio.get_running_loop()
        while self.count == count:
            waiting = loop.create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        passed = TIME.elapsed - begun
        await asyncio.sleep(seconds * max(1, math.ceil(passed / seconds)) - passed)


LOOKS = Looks()


def install() -> None:
    names = {name: getattr(asyncio, name) for name in ("create_task", "CancelledError")}
    between: Any = SimpleNamespace(**names, sleep=LOOKS.sleep)
    listen.asyncio = between  # type: ignore[attr-defined]

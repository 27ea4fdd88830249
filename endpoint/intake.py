"""What phones send at the same time is taken in together: a transaction costs as much for one as for many.

Nobody is waited for. Whatever has come while a group was being taken in is the next one. Where a group cannot
be recorded each is tried alone, so that what breaks one breaks no other, and hears as soon as it is done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from endpoint.arrival import Sent
from endpoint.database import away
from endpoint.errors import Apart
from wire.messages import PUSH_MOST, Receipt

logger = logging.getLogger("rapp.endpoint")
Together = Callable[[Sequence[Sent]], Awaitable[Sequence[Receipt]]]
"""Takes a group in, all or nothing: to each its receipt."""

_GROUPS = 2
"""Under way at once: while one is recorded the other is opened and read."""
_GROUPS_MOST = 6
_LONG_S = 0.5
"""A group that takes longer waits for something, and others do not wait for it: one more may begin."""
_PHONES_MOST = 50
"""In a group."""


class _Waiting(Struct, frozen=True, eq=False):
    sent: Sent
    together: Together
    receipt: asyncio.Future[Receipt]


class Intake:
    """Belongs to one event loop at a time."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._groups = 0
        self._long = 0
        """Of these so many that have taken long already."""
        self._tasks: set[asyncio.Task[None]] = set()
        """asyncio itself holds on to none."""

    async def take(self, sent: Sent, together: Together) -> Receipt:
        """Have it taken in. Raises what `together` raises for it."""
        one = _Waiting(sent, together, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._begin()
        return await one.receipt

    def _begin(self) -> None:
        if self._waiting and self._groups - self._long < _GROUPS and self._groups < _GROUPS_MOST:
            self._groups += 1
            task = asyncio.create_task(self._take_all())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take_all(self) -> None:
        try:
            while self._groups - self._long <= _GROUPS and (group := self._next()):
                await self._take(group)
        finally:
            self._groups -= 1

    async def _take(self, group: Sequence[_Waiting]) -> None:
        long = False

        def takes_long() -> None:
            nonlocal long
            long = True
            self._long += 1
            self._begin()

        timer = asyncio.get_running_loop().call_later(_LONG_S, takes_long)
        try:
            await _taken(group)
        finally:
            timer.cancel()
            self._long -= long

    def _next(self) -> list[_Waiting]:
        """Those that came first, as many facts as one phone may send. Of each phone one batch: what it sends
        twice is taken in one after the other."""
        group: dict[str, _Waiting] = {}
        facts = 0
        for one in self._waiting:
            if one.sent.caller.device in group:
                continue
            facts += len(one.sent.items)
            if group and (facts > PUSH_MOST or len(group) == _PHONES_MOST):
                break
            group[one.sent.caller.device] = one
        self._waiting = [one for one in self._waiting if group.get(one.sent.caller.device) is not one]
        return list(group.values())


async def _taken(group: Sequence[_Waiting]) -> Exception | None:
    """All at once, or else one by one. Returns why the database is away, where it is: then none is tried
    again."""
    try:
        receipts = await group[0].together([one.sent for one in group])
        answers = list(zip(group, receipts, strict=True))
    except Exception as error:
        if len(group) == 1 or away(error):
            _refuse(group, error)
            return error if away(error) else None
        if not isinstance(error, Apart):
            logger.exception("what %d phones sent could not be recorded; each is tried alone", len(group))
        return await _each_alone(group)
    except BaseException as error:
        _refuse(group, error)
        raise
    for one, receipt in answers:
        if not one.receipt.done():  # else whoever sent it has gone
            one.receipt.set_result(receipt)
    return None


async def _each_alone(group: Sequence[_Waiting]) -> Exception | None:
    for at, one in enumerate(group, 1):
        if gone := await _taken([one]):
            _refuse(group[at:], gone)
            return gone
    return None


def _refuse(group: Sequence[_Waiting], error: BaseException) -> None:
    """It is raised where each of them waits."""
    for one in group:
        if not one.receipt.done():
            one.receipt.set_exception(error)

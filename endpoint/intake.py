"""What phones send at the same time is taken in together: a transaction costs as much for one as for many.

Nobody is waited for. Whatever has come while a group was being taken in is the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from endpoint.arrival import Sent
from wire.messages import PUSH_MOST, Receipt

Together = Callable[[Sequence[Sent]], Awaitable[Sequence[Receipt | Exception]]]
"""Takes a group in: to each its receipt, or why there is none."""

_GROUPS = 2
"""Under way at once: while one is recorded the other is opened and read."""
_PHONES_MOST = 50
"""In a group."""


class _Waiting(Struct, frozen=True, eq=False):
    sent: Sent
    receipt: asyncio.Future[Receipt]


class Intake:
    """Belongs to one event loop at a time."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._groups = 0
        self._tasks: set[asyncio.Task[None]] = set()
        """asyncio itself holds on to none."""

    async def take(self, sent: Sent, together: Together) -> Receipt:
        """Have it taken in. Raises what `together` gives for it."""
        one = _Waiting(sent, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._groups < _GROUPS:
            self._groups += 1
            task = asyncio.create_task(self._take_all(together))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await one.receipt

    async def _take_all(self, together: Together) -> None:
        try:
            while group := self._next():
                await _take(group, together)
        finally:
            self._groups -= 1

    def _next(self) -> list[_Waiting]:
        """Those that came first, as many facts as one phone may send. Of each phone one batch: what it sends
        twice is taken in one after the other."""
        group: dict[str, _Waiting] = {}
        facts = 0
        for one in self._waiting:
            facts += len(one.sent.items)
            if group and (facts > PUSH_MOST or len(group) == _PHONES_MOST):
                break
            group.setdefault(one.sent.caller.device, one)
        self._waiting = [one for one in self._waiting if group.get(one.sent.caller.device) is not one]
        return list(group.values())


async def _take(group: Sequence[_Waiting], together: Together) -> None:
    answers: Sequence[Receipt | BaseException]
    try:
        answers = await together([one.sent for one in group])
    except BaseException as error:
        answers = [error] * len(group)  # raised where each of them waits
    _answer(group, answers)


def _answer(group: Sequence[_Waiting], answers: Sequence[Receipt | BaseException]) -> None:
    for one, answer in zip(group, answers, strict=True):
        if one.receipt.done():
            continue  # Whoever sent it has gone.
        if isinstance(answer, BaseException):
            one.receipt.set_exception(answer)
        else:
            one.receipt.set_result(answer)

"""Two quick taps are one: a press on what is still being done, or was pressed a moment ago, is not heard."""

import inspect
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

DOUBLE_TAP_S = 0.3
"""Two presses closer than this are one double tap (Android's ViewConfiguration.getDoubleTapTimeout)."""
RUNS_AT_MOST_S = 10.0
"""After this what is being done has hung, and its button answers again: it may be the one that calls."""


class Presses:
    """What is being done in one session, by what was pressed: an identifier or a label outlives a redraw.

    Only the same press is held back; a call is never kept waiting by something else that is being saved.
    """

    def __init__(self) -> None:
        self._running: dict[str, float] = {}
        self._last: tuple[str, float] = ("", 0.0)

    def begin(self, what: str) -> bool:
        """Whether the press is heard. If it is, `end` is called when what it does is done."""
        now = time.monotonic()
        running = self._running.get(what)
        if running is not None and now - running < RUNS_AT_MOST_S:
            return False
        if what == self._last[0] and now - self._last[1] < DOUBLE_TAP_S:
            return False
        self._running[what], self._last = now, (what, now)
        return True

    def end(self, what: str) -> None:
        self._running.pop(what, None)

    def done(self, what: str) -> None:
        """What a press would have done has happened by itself: one within moments was not meant."""
        self._last = (what, time.monotonic())

    def repeat(self) -> None:
        """Something that may be pressed fast (a key, a choice) was: what comes next is no double tap."""
        self._last = ("", 0.0)


def once(handler: Callable[..., Any] | None, presses: Presses | None, what: str) -> Any:
    """The handler of something that is done once, however fast it is pressed. None stays None."""
    if handler is None or presses is None:
        return handler
    what = what or getattr(handler, "__qualname__", "")

    @wraps(handler)
    async def run(*arguments: Any) -> None:
        if not presses.begin(what):
            return
        try:
            answer = handler(*arguments)
            if inspect.isawaitable(answer):
                await answer
        finally:
            presses.end(what)

    return run


def each(handler: Callable[..., Any] | None, presses: Presses | None) -> Any:
    """The handler of a key or a choice: every press counts, in the order they came."""
    if handler is None or presses is None:
        return handler

    @wraps(handler)
    def run(*arguments: Any) -> Any:
        presses.repeat()
        return handler(*arguments)

    return run

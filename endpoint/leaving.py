"""Ending in order: who sleeps in a long-poll is answered at once, so that nobody need be cut off."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from endpoint.wake import Wake

_ENDING = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def leaving(wake: Wake) -> Iterator[None]:
    """While open, a signal to end first lets the sleepers go, and then does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}

    def end(number: int, frame: FrameType | None) -> None:
        wake.close()
        then = before[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    for number in _ENDING:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

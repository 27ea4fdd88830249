"""A clock that nobody can set, for waits and for locking by itself."""

import time

_ALSO_ASLEEP = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""Linux and Android stop CLOCK_MONOTONIC while the phone sleeps, not CLOCK_BOOTTIME; on iOS and macOS it is
`time.monotonic` that stops, not CLOCK_MONOTONIC."""


def ticks() -> float:
    """Seconds since some moment; only ever forward, and also while the phone sleeps."""
    return time.monotonic() if _ALSO_ASLEEP is None else time.clock_gettime(_ALSO_ASLEEP)

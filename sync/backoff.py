"""How long to wait before the next try: full jitter, short at first, so that coverage is noticed at once.

Jitter as in "Exponential Backoff And Jitter" (AWS, 2015): a uniform draw up to the ceiling keeps the phones
of a whole municipality apart when the endpoint comes back.
"""

import random

EAGER_S = 30.0
"""So long after the first failure, tries stay close."""
EAGER_CEILING_S = 2.0
CEILING_S = 60.0
TRIES = 3
"""For what cannot be left to back-off, since somebody stands waiting for it."""
_FLOOR_S = 0.1
_LONGEST_ASKED_S = 900.0
"""No header makes a phone silent for longer than this."""


class Backoff:
    """Counts failures in a row. Times are seconds on a monotonic clock, passed in."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._first: float | None = None
        self._late_tries = 0

    def failed(self, now: float, retry_after: float | None = None) -> float:
        """Note a failure; the seconds to wait. At least `retry_after`, when the endpoint asked for it."""
        if self._first is None:
            self._first = now
        if now - self._first < EAGER_S:
            ceiling = EAGER_CEILING_S
        else:
            self._late_tries = min(self._late_tries + 1, 10)
            ceiling = min(CEILING_S, EAGER_CEILING_S * 2**self._late_tries)
        drawn = self._random.uniform(_FLOOR_S, ceiling)
        return drawn if retry_after is None else min(retry_after, _LONGEST_ASKED_S) + drawn

    def reset(self) -> None:
        """It went well, or there is reason to believe that it will: begin again with short waits."""
        self._first, self._late_tries = None, 0

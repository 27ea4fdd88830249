"""How wrong the phone's clock is: measured at each answer that says what time the endpoint has.

The endpoint's time is taken to be from the middle of the exchange, so the error is at most half of it. Long
answers are not measured with: where in a long-poll its time was written is not known.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from care.facts import Clock

_LONGEST_S = 4.0
"""Of exchanges that took longer, nothing is learnt: their error may be two seconds."""


class Sent(Struct, frozen=True):
    """When a request left, on the monotonic clock."""

    at: float


class Offset:
    """The last measured difference between the endpoint's clock and the phone's."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._monotonic = monotonic
        self._offset = timedelta()
        self._measured: float | None = None
        self.took_s: float | None = None
        """How long the last exchange took, in which the endpoint said its time."""

    def sent(self) -> Sent:
        """Call it when a request leaves."""
        return Sent(self._monotonic())

    def answered(self, sent: Sent, theirs: datetime) -> None:
        """Call it when the answer came that says the endpoint's time."""
        self.took_s = took = self._monotonic() - sent.at
        if took <= _LONGEST_S:
            self._offset = theirs - (self._now() - timedelta(seconds=took / 2))
            self._measured = self._monotonic()

    def device_time(self) -> datetime:
        """What time the phone has."""
        return self._now()

    def corrected(self) -> datetime:
        """What time the endpoint has now, as far as is known."""
        return self._now() + self._offset

    @property
    def clock(self) -> Clock | None:
        """The offset and its age, as facts carry them; None before the first measurement."""
        if self._measured is None:
            return None
        return Clock(
            offset_ms=round(self._offset / timedelta(milliseconds=1)),
            age_s=int(self._monotonic() - self._measured),
        )

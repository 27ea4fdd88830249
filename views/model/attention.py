"""When the phone locks by itself: after idle time, or a while after it was put away.

A call, the camera or a sign-in that was started from here gives longer: calling the nurse must not take away
the script that is being read to her.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE = timedelta(minutes=10)
PUT_AWAY = timedelta(minutes=2)
CALLING = timedelta(minutes=15)


@dataclass
class Attention:
    """What is known of whether anybody is looking. Times are those of the phone."""

    touched: datetime
    hidden: datetime | None = None
    left_for_call: datetime | None = None

    def touch(self, now: datetime) -> None:
        """Somebody did something on the screen."""
        self.touched, self.hidden = now, None

    def calls(self, now: datetime) -> None:
        """A call or a sign-in was started from here."""
        self.touched = self.left_for_call = now

    def hide(self, now: datetime) -> None:
        """The app left the screen, or the screen went dark."""
        self.hidden = self.hidden or now

    def show(self, now: datetime) -> None:
        """The app is back. Call `over` first: it may be too late."""
        self.hidden, self.left_for_call = None, None
        self.touched = now

    def over(self, now: datetime) -> bool:
        """Whether the phone is to be locked."""
        if self.left_for_call and now < self.left_for_call + CALLING:
            return False
        if self.hidden and now >= self.hidden + PUT_AWAY:
            return True
        return now >= self.touched + IDLE

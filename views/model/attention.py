"""When the phone locks by itself: after idle time, or a while after it was put away.

A call, the camera or a sign-in that was started from here gives longer: calling the nurse must not take away
the script that is being read to her.
"""

from dataclasses import dataclass

IDLE_S = 10 * 60.0
PUT_AWAY_S = 2 * 60.0
CALLING_S = 15 * 60.0


@dataclass
class Attention:
    """What is known of whether anybody is looking. Times are those of `storage.ticks`: setting the phone's
    clock changes nothing, and the phone's sleep counts."""

    touched: float
    hidden: bool = False
    left_for_call: float | None = None

    def touch(self, now: float) -> None:
        """Somebody did something on the screen, or something that was begun there is done."""
        self.touched = now

    def calls(self, now: float) -> None:
        """A call or a sign-in was started from here."""
        self.touched = self.left_for_call = now

    def hide(self, now: float) -> None:
        """The app left the screen, or the screen went dark."""
        if not self.hidden:
            self.hidden, self.touched = True, now

    def show(self, now: float) -> None:
        """The app is back. Call `over` first: it may be too late."""
        self.hidden, self.left_for_call = False, None
        self.touched = now

    def over(self, now: float) -> bool:
        """Whether the phone is to be locked."""
        if self.left_for_call is not None and now < self.left_for_call + CALLING_S:
            return False
        return now >= self.touched + (PUT_AWAY_S if self.hidden else IDLE_S)

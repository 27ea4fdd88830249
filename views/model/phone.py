"""The phone: one for each process, shared by everybody who has it in their hand."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from care.forms import Questionnaire, load
from care.schedule import STOCKHOLM
from storage import Store, ticks
from sync import Sync

LEAST_FREE = 200 * 10**6
"""Bytes. A year of a unit's work is less, but the phone has other apps."""
SBAR = "sbar"
FALL = "fall"
DEVIATION = "deviation"
MEDICINE = "medicine"
"""*Annat*: every other kind has a form of its own name."""
COMPLAINT = "complaint"


@dataclass(eq=False)
class Phone:
    """The store, the sync and the forms. Time is the phone's wall clock, corrected by what sync has
    measured."""

    store: Store
    sync: Sync
    forms: dict[str, Questionnaire] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(STOCKHOLM)
    ticks: Callable[[], float] = ticks
    """Seconds by a clock that nobody can set: how long nobody has looked."""
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    """Bytes that are free where the file is."""
    endpoint_url: str = ""
    """Where a new phone is enrolled, when the organisation has said so beforehand."""
    browser: bool = False
    """Whether it is shown in a browser or on a desktop, where a file stands in for a phone's keystore."""

    @property
    def low_on_space(self) -> bool:
        """Whether there is soon no room to save in. Asked at each draw: it costs some microseconds."""
        try:
            return self.free(self.store.folder) < LEAST_FREE
        except OSError:
            return False

    def now(self) -> datetime:
        """The time in Sweden, corrected."""
        # Through UTC: on an October night a local time plus something may be the wrong one of two.
        corrected = self.clock().astimezone(UTC) + timedelta(milliseconds=self.store.clock_offset_ms)
        return corrected.astimezone(STOCKHOLM)


def shipped_forms(folder: Path) -> dict[str, Questionnaire]:
    """The forms that came with the app, by file name: "sbar", "fall", "deviation"."""
    return {path.stem: load(path.read_bytes()) for path in sorted(folder.glob("*.json"))}

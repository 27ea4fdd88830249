"""What is said when something fails: what happened, what is safe, what to do. Never the fault's own words."""

import logging

from storage import (
    Busy,
    Damaged,
    DiskFault,
    DiskFull,
    FileGone,
    Newer,
    ReadOnly,
    SecretError,
    StorageError,
    WrongSecret,
)
from sync import SyncError
from views.guard import Failure
from views.model.shift import Shift
from views.theme import Look

logger = logging.getLogger("rapp.faults")

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (DiskFull, "errors.disk_full"),
    (ReadOnly, "errors.read_only"),
    (DiskFault, "errors.disk_fault"),
    (FileGone, "errors.file_gone"),
    (Busy, "errors.busy"),
    (Damaged, "errors.damaged"),
    (Newer, "errors.newer"),
    (WrongSecret, "errors.wrong_secret"),
    (SecretError, "errors.secret"),
    (StorageError, "errors.store"),
)


def remember_fault(shift: Shift, failure: Failure) -> None:
    """A handler failed: say so on the screen. What was being written is kept."""
    shift.fault = failure
    shift.changed()


def words_of(look: Look, failure: Failure) -> tuple[str, str, str]:
    """(what happened, what is safe, what to do)."""
    if isinstance(failure.error, SyncError):
        return look.t(failure.error.key), look.t("errors.safe"), look.t("errors.network_do")
    key = next((key for kind, key in _WORDS if isinstance(failure.error, kind)), "errors.not_done")
    to_do = look.t(f"{key}_do") if key != "errors.not_done" else look.t("errors.try_again")
    return look.t(key), look.t("errors.safe"), to_do

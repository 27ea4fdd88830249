"""The phone's side of the protocol: enrol, sign in, push, pull, back-off, and how delivery stands."""

from typing import TYPE_CHECKING, Any

from sync.errors import (
    BadAnswer,
    Busy,
    CaptivePortal,
    Closing,
    Insecure,
    Malformed,
    NoRole,
    NotSignedIn,
    Offline,
    OtherEndpoint,
    Refused,
    SyncError,
    TimedOut,
    TooLarge,
    TooOld,
    Untrusted,
)
from sync.loop import Sync
from sync.state import Connection, Phase, SyncState, chip

if TYPE_CHECKING:
    from sync.link import Link

__all__ = [
    "BadAnswer",
    "Busy",
    "CaptivePortal",
    "Closing",
    "Connection",
    "Insecure",
    "Link",
    "Malformed",
    "NoRole",
    "NotSignedIn",
    "Offline",
    "OtherEndpoint",
    "Phase",
    "Refused",
    "Sync",
    "SyncError",
    "SyncState",
    "TimedOut",
    "TooLarge",
    "TooOld",
    "Untrusted",
    "chip",
]


def __getattr__(name: str) -> Any:
    # What speaks HTTP is imported by whoever needs a line, not by whoever shows how delivery stands.
    if name == "Link":
        from sync.link import Link

        return Link
    raise AttributeError(name)

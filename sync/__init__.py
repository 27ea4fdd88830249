"""The phone's side of the protocol: enrol, sign in, push, pull, back-off, and how delivery stands."""

from sync.errors import (
    BadAnswer,
    Busy,
    CaptivePortal,
    Closed,
    Closing,
    Insecure,
    Malformed,
    NoRole,
    NotSignedIn,
    Offline,
    Refused,
    SyncError,
    TimedOut,
    TooLarge,
    TooOld,
    Untrusted,
)
from sync.link import Link
from sync.loop import Sync
from sync.state import Connection, Phase, SyncState, chip

__all__ = [
    "BadAnswer",
    "Busy",
    "CaptivePortal",
    "Closed",
    "Closing",
    "Connection",
    "Insecure",
    "Link",
    "Malformed",
    "NoRole",
    "NotSignedIn",
    "Offline",
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

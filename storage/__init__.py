"""The encrypted store on the phone: keys, facts, documents, outbox and drafts, in one SQLite file."""

from storage.chain import Statement
from storage.errors import (
    AlreadyEnrolled,
    Busy,
    Damaged,
    DiskFull,
    FileError,
    ForeignReceipt,
    Locked,
    Newer,
    NoSlot,
    NotEnrolled,
    PageError,
    PageGap,
    PinError,
    PinRule,
    ReadOnly,
    SecretError,
    SlotClosed,
    StorageError,
    WrongPin,
    WrongSecret,
)
from storage.outbox import Counts, SetAside
from storage.secret import DeviceSecret, FileSecret
from storage.slots import Slot
from storage.state import Device, LockInfo
from storage.store import Store
from storage.unlocked import Unlocked

__all__ = [
    "AlreadyEnrolled",
    "Busy",
    "Counts",
    "Damaged",
    "Device",
    "DeviceSecret",
    "DiskFull",
    "FileError",
    "FileSecret",
    "ForeignReceipt",
    "LockInfo",
    "Locked",
    "Newer",
    "NoSlot",
    "NotEnrolled",
    "PageError",
    "PageGap",
    "PinError",
    "PinRule",
    "ReadOnly",
    "SecretError",
    "SetAside",
    "Slot",
    "SlotClosed",
    "Statement",
    "StorageError",
    "Store",
    "Unlocked",
    "WrongPin",
    "WrongSecret",
]

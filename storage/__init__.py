"""The encrypted store on the phone: keys, facts, documents, outbox and drafts, in one SQLite file."""

from storage.chain import Statement
from storage.closing import Closed, LastWord
from storage.errors import (
    AlreadyEnrolled,
    BeingClosed,
    Busy,
    Damaged,
    DiskFull,
    FileError,
    ForeignKeys,
    ForeignReceipt,
    Locked,
    Newer,
    NoSlot,
    NotEnrolled,
    PageError,
    PageGap,
    PinError,
    PinNeeded,
    PinRule,
    ReadOnly,
    SecretError,
    SlotClosed,
    StillWaiting,
    StorageError,
    WrongPin,
    WrongSecret,
)
from storage.outbox import Counts, SetAside
from storage.pins import check_pin
from storage.secret import DeviceSecret, FileSecret
from storage.slots import Slot
from storage.state import Device, LockInfo
from storage.store import Store
from storage.ticking import ticks
from storage.unlocked import Unlocked
from storage.wanted import Wanted

__all__ = [
    "AlreadyEnrolled",
    "BeingClosed",
    "Busy",
    "Closed",
    "Counts",
    "Damaged",
    "Device",
    "DeviceSecret",
    "DiskFull",
    "FileError",
    "FileSecret",
    "ForeignKeys",
    "ForeignReceipt",
    "LastWord",
    "LockInfo",
    "Locked",
    "Newer",
    "NoSlot",
    "NotEnrolled",
    "PageError",
    "PageGap",
    "PinError",
    "PinNeeded",
    "PinRule",
    "ReadOnly",
    "SecretError",
    "SetAside",
    "Slot",
    "SlotClosed",
    "Statement",
    "StillWaiting",
    "StorageError",
    "Store",
    "Unlocked",
    "Wanted",
    "WrongPin",
    "WrongSecret",
    "check_pin",
    "ticks",
]

"""The encrypted store on the phone: keys, facts, documents, outbox and drafts, in one SQLite file."""

from storage.chain import Statement
from storage.closing import Closed, LastWord
from storage.errors import (
    AlreadyEnrolled,
    BeingClosed,
    Busy,
    Damaged,
    DiskFault,
    DiskFull,
    FileError,
    FileGone,
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
from storage.photos import HeldPhoto
from storage.pins import check_pin
from storage.recovery import lock_info, open_store
from storage.secret import DeviceSecret, FileSecret
from storage.slots import Slot
from storage.state import Device, LockInfo, Mishap
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
    "DiskFault",
    "DiskFull",
    "FileError",
    "FileGone",
    "FileSecret",
    "ForeignKeys",
    "ForeignReceipt",
    "HeldPhoto",
    "LastWord",
    "LockInfo",
    "Locked",
    "Mishap",
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
    "lock_info",
    "open_store",
    "ticks",
]

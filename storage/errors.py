"""Every failure of this package.

StorageError
├── SecretError          the device secret cannot be read
│   └── WrongSecret      it is not the one that this file was made under
├── NotEnrolled          the phone does not belong to any unit yet
├── AlreadyEnrolled      it belongs to one, and has facts that only that one can open
├── BeingClosed          it is being closed, or has been: nobody unlocks it
├── StillWaiting         it cannot close or move yet: something waits to be sent
├── PinError
│   ├── PinRule          a PIN that may not be chosen
│   ├── WrongPin         a PIN that does not open the slot; how many tries are left, how long to wait
│   ├── PinNeeded        no finger or face opens the slot now: the PIN does
│   ├── SlotClosed       too many wrong PINs: an online sign-in opens it again
│   └── NoSlot           nobody by that id has signed in on this phone
├── ForeignKeys          keys that are not those of this phone's rings
├── Locked               the keys have left memory
├── PageError            a page that does not follow what is held
│   └── PageGap          it begins somewhere else than where the last one ended
├── ForeignReceipt       a receipt for another phone
└── FileError
    ├── Damaged          a row, or the file, is not as it was written; says which
    ├── DiskFull         nothing was saved: there is no room
    ├── ReadOnly         nothing was saved: the file cannot be written
    ├── DiskFault        nothing was saved: the disk answered with an error
    ├── FileGone         nothing was saved: the file was taken away or exchanged while it was open
    ├── Busy             another process holds the file
    └── Newer            the file was written by a newer app
"""

import errno
import sqlite3
from pathlib import Path


class StorageError(Exception):
    """Base of everything that storage/ raises."""


class SecretError(StorageError):
    """The device secret is missing its form, or cannot be read or written."""


class WrongSecret(SecretError):
    """The file was made under another device secret. Nothing in it is touched."""


class NotEnrolled(StorageError):
    """The phone has no device key and no unit yet."""


class AlreadyEnrolled(StorageError):
    """What waits in the outbox can only be delivered as the device that it was sealed for."""


class BeingClosed(StorageError):
    """The phone is being closed, or has been. What waits is sent; nobody unlocks it."""


class StillWaiting(StorageError):
    """What waits must be sent before the phone is closed or moved. Nothing was changed."""


class PinError(StorageError):
    """Base of what can go wrong with a PIN."""


class PinRule(PinError):
    """The PIN may not be chosen: `reason` is ``digits`` (not digits alone), ``length`` (too few) or ``easy``
    (one digit, or a run such as 123456)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongPin(PinError):
    """The PIN does not open the slot. ``wait_s`` seconds must pass before the next try counts as one."""

    def __init__(self, tries_left: int, wait_s: int) -> None:
        super().__init__(f"{tries_left} tries left, wait {wait_s} s")
        self.tries_left = tries_left
        self.wait_s = wait_s


class PinNeeded(PinError):
    """Neither finger nor face opens the slot, now or at all; the PIN does."""


class SlotClosed(PinError):
    """Too many wrong PINs. An online sign-in opens the slot anew; nothing is deleted."""


class NoSlot(PinError):
    """Nobody by that id has signed in on this phone."""


class ForeignKeys(StorageError):
    """The endpoint hands out keys that do not go on from those that the phone has. They are not used."""


class Locked(StorageError):
    """The keys have left memory; sign in again."""


class PageError(StorageError):
    """A page that cannot be taken. Nothing of it was."""


class PageGap(PageError):
    """The page begins elsewhere than where the last one ended; ask again from `expected`."""

    def __init__(self, stream: str, expected: str | None, got: str) -> None:
        super().__init__(f"{stream}: follows {got}, held up to {expected}")
        self.stream = stream
        self.expected = expected
        self.got = got


class ForeignReceipt(StorageError):
    """The receipt is for another phone."""


class FileError(StorageError):
    """Base of what can be wrong with the file."""


class Damaged(FileError):
    """What is read is not what was written: `table` and `row` say where."""

    def __init__(self, table: str, row: str, reason: str = "changed") -> None:
        super().__init__(f"{table} {row}: {reason}")
        self.table = table
        self.row = row
        self.reason = reason


class DiskFull(FileError):
    """There is no room; nothing of the transaction was saved."""


class ReadOnly(FileError):
    """The file cannot be written; nothing of the transaction was saved."""


class DiskFault(FileError):
    """The disk answered with an error, or a limit on the file's size was met; nothing of the transaction was
    saved."""


class FileGone(FileError):
    """The file is no longer where it was opened. Nothing of the transaction was saved; what was saved before
    is put back in its place as soon as that can be done."""


class Busy(FileError):
    """Another process holds the file."""


class Newer(FileError):
    """The file was written by a newer app; it is left as it is."""


def typed_os(error: OSError, path: Path) -> FileError:
    """The same of an error of the system, at a file or its folder."""
    reason = f"{path.name}: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(reason)
    if error.errno in (errno.EIO, errno.EFBIG):
        return DiskFault(reason)
    return ReadOnly(reason)


def typed(error: sqlite3.Error) -> StorageError:
    """What an error of SQLite means for whoever holds the phone."""
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if extended == sqlite3.SQLITE_READONLY_DBMOVED:
        return FileGone(str(error))
    if code == sqlite3.SQLITE_IOERR:
        return DiskFault(str(error))
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return ReadOnly(str(error))
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return Damaged("file", "*", str(error))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(str(error))
    return FileError(str(error))

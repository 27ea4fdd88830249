"""Records found in the pages of a file that SQLite can no longer walk.

https://www.sqlite.org/fileformat2.html, sections 1.6 (cells, and what spills to overflow pages), 2.1
(records) and 4 (the log). A record is known by the beginning of its header, wherever it stands on a page;
what is found may be wrong, so that whoever asks must have a way to tell.
"""

import re
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

Value = int | bytes | str | None
_PAGE = 4096
_LOG_HEAD, _FRAME_HEAD = 32, 24
_VARINT_MOST = 9


class Record(Struct, frozen=True):
    """The values in the order of the columns; ``rowid``: the number that stands before them."""

    values: tuple[Value, ...]
    rowid: int


class Pages:
    """The newest copy of every page, from the file and its log."""

    def __init__(self, path: Path) -> None:
        main = path.read_bytes() if path.exists() else b""
        log_path = path.with_name(path.name + "-wal")
        log = log_path.read_bytes() if log_path.exists() else b""
        self.size = _page_size(main, log)
        self._pages = {
            number: main[at : at + self.size] for number, at in enumerate(range(0, len(main), self.size), 1)
        }
        frame = _FRAME_HEAD + self.size
        unended: dict[int, bytes] = {}
        for at in range(_LOG_HEAD, len(log) - frame + 1, frame):
            # Frames of an earlier round of the log have other salts.
            if log[at + 8 : at + 16] != log[16:24]:
                continue
            number, pages_after = struct.unpack(">II", log[at : at + 8])
            unended[number] = log[at + _FRAME_HEAD : at + frame]
            if pages_after:
                # The transaction ends here. What no end follows was never confirmed to anybody.
                self._pages |= unended
                unended.clear()

    def records(self, head: re.Pattern[bytes], columns: int) -> Iterator[Record]:
        """Every record whose header begins like this and has so many columns."""
        for page in self._pages.values():
            for found in head.finditer(page):
                record = self._record(page, found.start(), columns)
                if record is not None:
                    yield record

    def _record(self, page: bytes, start: int, columns: int) -> Record | None:
        length = page[start]
        types: list[int] = []
        at = start + 1
        while at < start + length and len(types) <= columns:
            kind, at = _varint(page, at)
            types.append(kind)
        if len(types) != columns or at != start + length:
            return None
        sizes = [_size(kind) for kind in types]
        content = self._content(page, start, length + sum(sizes))
        if content is None:
            return None
        values: list[Value] = []
        at = length
        for kind, size in zip(types, sizes, strict=True):
            values.append(_value(kind, content[at : at + size]))
            at += size
        return Record(tuple(values), _before(page, start))

    def _content(self, page: bytes, start: int, length: int) -> bytes | None:
        """The record's bytes, with those that spilled over; None where some are missing."""
        local = _local(length, self.size)
        if start + local + (4 if local < length else 0) > len(page):
            return None
        content, at = page[start : start + local], start + local
        following = page[at : at + 4]
        while len(content) < length:
            over = self._pages.get(int.from_bytes(following, "big"))
            if over is None:
                return None
            following = over[:4]
            content += over[4 : 4 + length - len(content)]
        return content


def header(size: int, length: int) -> bytes:
    """The first hundred bytes of a file of ``length`` bytes in pages of ``size`` (1.3). What is free is not
    known."""
    counter = 1
    return struct.pack(
        ">16sHBBBBBBIIIIIIIIIIII20xII",
        *(b"SQLite format 3\0", size % 65536 or 1, 2, 2, 0, 64, 32, 32, counter, length // size, 0, 0),
        *(1, 4, 0, 0, 1, 0, 0, 0, counter, sqlite3.sqlite_version_info[1]),
    )


def _page_size(main: bytes, log: bytes) -> int:
    said = (int.from_bytes(main[16:18], "big"), int.from_bytes(log[8:12], "big"))
    sizes = (65536 if one == 1 else one for one in said)
    return next((one for one in sizes if 512 <= one <= 65536 and one & (one - 1) == 0), _PAGE)


def _local(length: int, usable: int) -> int:
    """How many bytes of a record stand on its own page."""
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length <= most:
        return length
    fitting = least + (length - least) % (usable - 4)
    return fitting if fitting <= most else least


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(data[at : at + _VARINT_MOST], 1):
        if number == _VARINT_MOST:
            return (value << 8) | byte, at + number
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + number
    return 0, len(data)


def _before(page: bytes, end: int) -> int:
    """The number that ends where the header begins."""
    begin = end - 1
    while begin > 0 and end - begin < _VARINT_MOST and page[begin - 1] >= 0x80:
        begin -= 1
    return _varint(page, max(0, begin))[0]


def _size(kind: int) -> int:
    fixed: Sequence[int] = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
    if kind < len(fixed):
        return fixed[kind]
    return max(0, kind - 12) // 2


def _value(kind: int, data: bytes) -> Value:
    if kind in (0, 10, 11):
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 8:
        return int.from_bytes(data, "big", signed=True)
    return data if kind % 2 == 0 else data.decode("utf-8", "replace")

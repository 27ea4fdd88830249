"""Reading a table of any size, as spreadsheets and other systems write it: rows, and where they stand."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from endpoint.deviations.errors import Unreadable, WrongValue
from endpoint.people.words import plain

_LINES_MOST = 200
"""A cell that goes over more lines (p) is one whose quotation mark was never closed."""
_CELL_MOST = 10_000
_HEAD = 4096
_QUOTE = "a quotation mark is not closed, or stands in the middle of a cell"
_WINDOWS = frozenset("åäöÅÄÖéèêëüÜáàâçñøæØÆÉíóôúßõãÖ–—’‘”“…´`§½¼°·€«»×\xa0\xad²³µ±•‰")
"""What Swedish text in Windows-1252 has beside ASCII. Anything else is another coding, read wrongly."""


class Row(Struct, frozen=True):
    """``line``: where it begins, the heading is line 1. ``cells``: by column; one that is not there is ""."""

    line: int
    cells: dict[str, str]


class Bad(Struct, frozen=True):
    """A row that cannot be read as one. ``why``, ``values``: its text's key, and what fills it."""

    line: int
    reason: str
    why: str = ""
    values: Mapping[str, object] = {}
    field: str = "row"


class Sheet(Struct, frozen=True):
    """A table whose heading has been read. ``coding``: what its text was decoded as."""

    lines: list[str]
    heading: tuple[str, ...]
    start: int
    delimiter: str
    passed_over: tuple[str, ...]
    coding: str

    def rows(self) -> Iterator[Row | Bad]:
        """The rows, one after the other; empty ones are passed by."""
        at = self.start
        while at < len(self.lines):
            number, (cells, used) = at + 1, self._record(at)
            at += used
            if cells is None:
                yield Bad(number, _QUOTE, "import.fault.quote")
            elif any(cell.strip() for cell in cells):
                yield self._row(number, cells)

    def _record(self, at: int) -> tuple[list[str] | None, int]:
        """The cells that begin on a line, and how many lines they take. None: a line that cannot be read."""
        text = self.lines[at]
        used = 1
        while text.count('"') % 2:
            if used == _LINES_MOST or at + used == len(self.lines):
                return None, 1
            text += "\n" + self.lines[at + used]
            used += 1
        cells = split(text, self.delimiter)
        if used > 1 and (cells is None or len(cells) != len(self.heading)):
            return None, 1
        return cells, used

    def _row(self, number: int, cells: list[str]) -> Row | Bad:
        if any(cell.strip() for cell in cells[len(self.heading) :]):
            values = {"cells": len(cells), "heading": len(self.heading)}
            return Bad(
                number,
                f"{len(cells)} cells, and {len(self.heading)} in the heading",
                "import.fault.cells",
                values,
            )
        if max(map(len, cells)) > _CELL_MOST:
            return Bad(
                number,
                f"a cell of more than {_CELL_MOST} characters",
                "import.fault.long",
                {"most": _CELL_MOST},
            )
        return Row(number, dict(zip(self.heading, map(str.strip, cells), strict=False)))


def bytes_of(path: Path) -> bytes:
    """A file's bytes. Raises Unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(str(error.strerror)) from error


def read(data: bytes, known: dict[str, Sequence[str]], needed: Sequence[str], also: dict[str, str]) -> Sheet:
    """Read a file and its heading. Raises Unreadable.

    `known`: the headings by which each column goes; `needed`: columns that must be there; `also`: headings of
    another system, and the column that each is.
    """
    text, coding = decoded(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if start < len(lines) and lines[start].casefold().strip().startswith("sep="):
        start += 1
    if start >= len(lines):
        raise Unreadable("the file is empty", "people.file.empty")
    words = {plain(name): column for column, names in known.items() for name in (column, *names)}
    words |= {plain(name): column for name, column in also.items()}
    delimiter = max(";,\t|", key=lambda one: len(split(lines[start], one) or ()))
    heading, passed = _heading(split(lines[start], delimiter) or [], words)
    missing = [column for column in needed if column not in heading]
    if missing:
        named = ", ".join([*known[column], column][0] for column in missing)
        raise Unreadable(
            f"columns are missing: {', '.join(missing)}. Found: {lines[start][:200]!r}",
            "people.file.columns",
            {"columns": named},
        )
    return Sheet(lines, heading, start + 1, delimiter, passed, coding)


def _heading(cells: list[str], words: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which column each cell is ("" and its number: none that is known), and the headings that are none."""
    columns: list[str] = []
    for number, cell in enumerate(cells):
        column = words.get(plain(cell), "")
        if column and column in columns:
            raise Unreadable(
                f"the column {column} stands twice in the heading",
                "people.file.column_twice",
                {"column": cell.strip()[:60]},
            )
        columns.append(column or f" {number}")
    passed = (cell.strip()[:60] for cell, column in zip(cells, columns, strict=True) if column[0] == " ")
    return tuple(columns), tuple(cell for cell in passed if cell)


def split(text: str, delimiter: str) -> list[str] | None:
    """The cells of one row; None: its quotation marks are not as in CSV (RFC 4180)."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and its coding: UTF-8, UTF-16 with its mark, or Windows-1252. Raises Unreadable."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        reason = "a spreadsheet's own format: save it as CSV (UTF-8) and try again"
        raise Unreadable(reason, "people.file.spreadsheet")
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _text(data.decode("utf-16")), "UTF-16"
        return _text(data.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        text = _text(data.decode("cp1252"))
    except UnicodeDecodeError:
        text = "\ufffd"
    strange = {one for one in text if one > "~"} - _WINDOWS
    if strange:
        reason = "neither UTF-8 nor Windows-1252: save it as CSV (UTF-8) and try again"
        raise Unreadable(reason, "people.file.not_text")
    return text, "Windows-1252"


def _text(text: str) -> str:
    if "\0" in text:
        raise Unreadable("not a text file", "people.file.not_text")
    return text


def word(row: Row, column: str, most: int) -> str:
    """The words of a cell, on one line. Raises WrongValue for what is no word."""
    text = " ".join(row.cells.get(column, "").split())
    if len(text) > most:
        raise WrongValue(column, f"longer than {most} characters")
    if not text.isprintable():
        raise WrongValue(column, "has characters that cannot be shown")
    return text

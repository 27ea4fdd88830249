"""A row of an import: its cells as words, and what has become of it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from endpoint.console.texts import texts
from endpoint.deviations.errors import WrongValue
from endpoint.deviations.table import Row
from endpoint.imports.mapping import Map
from endpoint.people import words
from endpoint.statements import Statement

Kind = Literal["new", "changed", "unchanged", "faulty"]
EMPTIED = "-"
"""A cell that takes away what was there; an empty one changes nothing."""
CELL_MOST = 500
_YES, _NO = frozenset({"ja", "j", "yes", "true", "1", "x"}), frozenset({"nej", "n", "no", "false", "0"})


class Said(Struct, frozen=True):
    """What one author states."""

    statement: Statement
    author: str


class Result(Struct, frozen=True):
    """What becomes of a row. ``name``: what it is about; ``fields``: what is another than before."""

    line: int
    kind: Kind
    name: str = ""
    fields: tuple[str, ...] = ()
    field: str = ""
    reason: str = ""
    said: tuple[Said, ...] = ()
    why: str = ""
    """The key of the reason's text; ``values`` fill it."""
    values: Mapping[str, object] = {}
    persons: tuple[tuple[str, str], ...] = ()
    """Of whom here it tells something, and in which unit: what whoever reads it in is logged to have seen."""


def wrong(field: str, why: str, word: str = "", /, **values: object) -> WrongValue:
    """A cell's fault by the key of its text, without its ``import.fault.``."""
    key = f"import.fault.{why}"
    return WrongValue(field, texts("en")(key, **values), word, key, values)


class Cells:
    """The cells of a row, read as what they should be. Each raises WrongValue."""

    def __init__(self, row: Row, map: Map) -> None:
        self.line = row.line
        self._cells: Mapping[str, str] = row.cells
        self._map = map

    def word(self, column: str, before: str = "", most: int = CELL_MOST) -> str:
        """The cell's words as the map has them; `before` where it says nothing, "" where it says so."""
        text = self._map.word(column, " ".join(self._cells.get(column, "").split()))
        if len(text) > most:
            raise wrong(column, "long", most=most)
        if not text.isprintable():
            raise wrong(column, "characters")
        return before if not text else "" if text == EMPTIED else text

    def needed(self, column: str, before: str = "") -> str:
        found = self.word(column, before)
        if not found:
            raise wrong(column, "missing")
        return found

    def several(self, column: str) -> tuple[str, ...] | None:
        """Words between | or commas; None: the cell says nothing."""
        text = self._cells.get(column, "").strip()
        if not text:
            return None
        parts = [" ".join(part.split()) for part in text.replace("|", ",").split(",")]
        return tuple(self._map.word(column, part) for part in parts if part and part != EMPTIED)

    def texts(self, column: str) -> tuple[str, ...] | None:
        """Texts between |; None: the cell says nothing."""
        text = self.word(column, before="\0")
        return None if text == "\0" else tuple(one.strip() for one in text.split("|") if one.strip())

    def day(self, column: str, before: date | None = None) -> date | None:
        text = self.word(column, before="\0")
        if text in ("\0", ""):
            return before if text else None
        found = words.date_of(text)
        if found is None:
            raise wrong(column, "date", text=text)
        return found

    def number(self, column: str, before: float = 0.0) -> float:
        text = self.word(column)
        if not text:
            return before
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            found = -1.0
        if not 0 <= found < 10**6:
            raise wrong(column, "number", text=text)
        return found

    def yes(self, column: str, before: bool = False) -> bool:
        text = words.plain(self.word(column))
        if not text:
            return before
        if text not in _YES | _NO:
            raise wrong(column, "yes", text=text)
        return text in _YES

    def code(self, column: str, known: Mapping[str, str], before: str = "") -> str:
        """A word that has a code here. Raises WrongValue with the word, for a map to explain."""
        text = self.word(column)
        if not text:
            return before
        found = known.get(words.plain(text))
        if found is None:
            raise wrong(column, "code", text, text=text, known=", ".join(sorted(set(known.values()))))
        return found

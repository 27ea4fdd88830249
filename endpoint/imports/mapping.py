"""The map of an import: another system's headings and words, and what each is here.

JSON, ``{"columns": {"Pnr": "personnummer"}, "unit": {"Gamla Granen": "Granen", "*": "Björken"}}``; or a table
with the columns field, from, to, as of import-deviations. ``*`` is every other word.
"""

from collections.abc import Collection, Mapping

import msgspec
from msgspec import Struct

from endpoint.deviations import table
from endpoint.deviations.errors import Unreadable
from endpoint.people.words import plain

ANY = "*"


class Map(Struct, frozen=True):
    """``columns``: other headings, and the column that each is. ``words``: by column, word to word."""

    columns: Mapping[str, str] = {}
    words: Mapping[str, Mapping[str, str]] = {}

    def word(self, column: str, word: str) -> str:
        """What a word of a column is here; itself, where the map says nothing of it."""
        said = self.words.get(column, {})
        return said.get(plain(word), said.get(ANY, word)) if word else word


def read(data: bytes, columns: Collection[str]) -> Map:
    """Read a map. Raises Unreadable, which says what of it has no meaning."""
    text, _ = table.decoded(data)
    return made(_json(text) if text.lstrip().startswith("{") else _table(data), columns)


def made(sections: Mapping[str, Mapping[str, str]], columns: Collection[str]) -> Map:
    """A map of its sections. Raises Unreadable for a column that there is not."""
    headings = dict(sections.get("columns", {}))
    words = {name: said for name, said in sections.items() if name != "columns"}
    for column in (*headings.values(), *words):
        if column not in columns:
            raise Unreadable(f"map: {column!r} is none of {', '.join(columns)}")
    return Map(headings, {name: _words(said) for name, said in words.items()})


def _words(said: Mapping[str, str]) -> dict[str, str]:
    return {one if one == ANY else plain(one): to for one, to in said.items()}


def _json(text: str) -> dict[str, dict[str, str]]:
    try:
        return msgspec.json.decode(text, type=dict[str, dict[str, str]])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(f"map: {error}") from error


def _table(data: bytes) -> dict[str, dict[str, str]]:
    heads: dict[str, tuple[str, ...]] = {"field": (), "from": (), "to": ()}
    sections: dict[str, dict[str, str]] = {}
    for row in table.read(data, dict(heads), tuple(heads), {}).rows():
        if isinstance(row, table.Bad):
            raise Unreadable(f"map: line {row.line}: {row.reason}")
        field, word, target = (row.cells.get(name, "") for name in heads)
        sections.setdefault(field, {})[word] = target
    return sections

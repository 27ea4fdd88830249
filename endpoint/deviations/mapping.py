"""The map of an import: another system's headings and words, and what each is here.

JSON, ``{"columns": {"Händelsedatum": "occurred_at"}, "category": {"Fallskada": "fall", "*": "other"}}``; or a
table with the columns field, from, to. ``*`` is every word that is not known otherwise.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from care.deviation_figures import UNKNOWN
from endpoint.deviations import table, words
from endpoint.deviations.errors import Unreadable, WrongValue
from endpoint.people.words import plain

COLUMNS: dict[str, tuple[str, ...]] = {
    "occurred_at": ("inträffade", "inträffat", "händelsedatum", "händelsetidpunkt"),
    "reported_at": ("rapporterad", "rapporterat", "rapportdatum", "rapporteringsdatum"),
    "unit": ("enhet", "enhetsnamn"),
    "unit_type": ("enhetstyp", "verksamhetstyp"),
    "category": ("kategori", "område"),
    "subcategory": ("underkategori",),
    "harm": ("skada", "konsekvens"),
    "reporter_profession": ("yrke", "rapportörens yrke"),
    "person_ref": ("person",),
}
NEEDED = ("reported_at", "unit", "category")
"""What a row must say. Whatever else is empty is counted as not told."""

HISTORICAL = "historical"
"""In the map's "unit": a unit that is no longer there, and is counted under its own old name."""
ANY = "*"
REASON = "is no word that is known here; say what it is in --map"


class Map(Struct, frozen=True):
    """``columns``: other headings, and the column that each is. ``words``: by column, word to target."""

    columns: Mapping[str, str] = {}
    words: Mapping[str, Mapping[str, str]] = {}

    def target(self, column: str, word: str) -> str | None:
        """What the map says of a word; None: nothing."""
        return self.words.get(column, {}).get(plain(word))

    def otherwise(self, column: str) -> str | None:
        """What the map says of every other word."""
        return self.words.get(column, {}).get(ANY)

    def code(self, column: str, word: str, known: Callable[[str], str | None]) -> str:
        """The code of a word: by the map, as it is known, or by the map's ``*``. Raises WrongValue."""
        said = self.target(column, word) or known(word) or self.otherwise(column)
        if said is None:
            raise WrongValue(column, f'"{word}" {REASON}', word)
        return said


def category_of(word: str) -> str | None:
    """The code of a category, or of one and its sub-category as "medicine/missed"."""
    category, slash, sub = word.partition("/")
    if slash and plain(category) in words.CATEGORY and sub.strip() and plain(word) not in words.CATEGORY:
        return f"{words.CATEGORY[plain(category)]}/{sub.strip()}"
    return words.CATEGORY.get(plain(word))


KNOWN: dict[str, Callable[[str], str | None]] = {
    "category": category_of,
    "subcategory": lambda word: " ".join(word.split()) or None,
    "harm": lambda word: words.HARM.get(plain(word)),
    "unit_type": lambda word: words.UNIT_TYPE.get(plain(word)),
    "reporter_profession": words.profession_of,
    "unit": lambda word: " ".join(word.split()) or None,
}
"""What a map may translate, and how what it translates to is read."""


def read(data: bytes) -> Map:
    """Read a map. Raises Unreadable, which says what of it has no meaning."""
    text, _ = table.decoded(data)
    sections = _json(text) if text.lstrip().startswith("{") else _table(data)
    columns = {}
    for name, column in sections.pop("columns", {}).items():
        if column not in COLUMNS:
            raise Unreadable(f"map: columns: {column!r} is none of {', '.join(COLUMNS)}")
        columns[name] = column
    return Map(columns, {field: _section(field, said) for field, said in sections.items()})


def _section(field: str, said: Mapping[str, str]) -> dict[str, str]:
    if field not in KNOWN:
        raise Unreadable(f"map: {field!r} is none of columns, {', '.join(KNOWN)}")
    found = {}
    for word, target in said.items():
        code = UNKNOWN if not target.strip() and field not in ("category", "unit") else KNOWN[field](target)
        if code is None:
            raise Unreadable(f"map: {field}: {word!r}: {target!r} has no meaning here")
        found[plain(word)] = code
    return found


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

"""What had better not stand in free text: a colleague's name, a personnummer. A hint, never a rule.

A report asks what happened, never who did it; whoever reads it needs no names for that.
"""

import re
from collections.abc import Iterable

_PERSONNUMMER = re.compile(
    r"(?<!\d)(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+ ]?\d{4}(?!\d)"
)
"""Ten or twelve digits with a month and a day in them; a samordningsnummer's day has 60 added."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAST = 3


def personnummer_in(text: str) -> list[str]:
    """What looks like a personnummer or a samordningsnummer."""
    return list(dict.fromkeys(_PERSONNUMMER.findall(text)))


def names_in(text: str, names: Iterable[str], but: str = "") -> list[str]:
    """The words of a text that are names of some people, as they are written in it.

    A word counts when it has a capital, and is all of one part of somebody's name, or that with an s.
    `but`: the name of whom the report is about.
    """
    known = {part for name in names for part in _parts(name)} - set(_parts(but))
    found = [word for word in _WORD.findall(text) if word[0].isupper() and _base(word) & known]
    return list(dict.fromkeys(found))


def _parts(name: str) -> list[str]:
    return [part.lower() for part in _WORD.findall(name) if len(part) >= _LEAST]


def _base(word: str) -> set[str]:
    lower = word.lower()
    return {lower, lower.removesuffix("s")}

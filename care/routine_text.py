"""The text of a routine: a small subset of Markdown, read the same on phone and console.

    ## Rubrik          a heading ("#" and "###" too: there is one level)
    1. Steg            numbered steps
    - Punkt            a list
    **fet**            a word that must be seen
    anything else      a paragraph; an empty line ends it

There are no links, pictures, tables or HTML: whatever else is written stands as it was written. So nothing in
a routine can fetch anything or lead anywhere, and both sides draw it in their own type.
"""

import re
from typing import Literal

from msgspec import Struct

Kind = Literal["heading", "paragraph", "steps", "list"]

_HEADING = re.compile(r"#{1,3}\s+(.+)")
_STEP = re.compile(r"\d{1,3}[.)]\s+(.+)")
_POINT = re.compile(r"[-*•]\s+(.+)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Words(Struct, frozen=True):
    """Some words, bold or not."""

    text: str
    bold: bool = False


Line = tuple[Words, ...]


class Block(Struct, frozen=True):
    """A heading or a paragraph has one line; steps and lists one each."""

    kind: Kind
    lines: tuple[Line, ...]


def read(text: str) -> list[Block]:
    """The blocks of a text. Never fails: what is no block is a paragraph."""
    found: list[tuple[Kind, list[str]]] = []
    fresh = True
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            fresh = True
            continue
        kind, words = _kind(line)
        last = found[-1] if found else None
        if last and kind in ("steps", "list") and last[0] == kind:
            last[1].append(words)
        elif last and kind == "paragraph" and not fresh and last[0] != "heading":
            # A line that goes on: of the paragraph, or of the step above it.
            last[1][-1] += f" {words}"
        else:
            found.append((kind, [words]))
        fresh = False
    return [Block(kind, tuple(_line(words) for words in lines)) for kind, lines in found]


def plain(text: str) -> str:
    """The words alone, for searching."""
    return " ".join(words.text for block in read(text) for line in block.lines for words in line)


def _kind(line: str) -> tuple[Kind, str]:
    if found := _HEADING.fullmatch(line):
        return "heading", found[1]
    if found := _STEP.fullmatch(line):
        return "steps", found[1]
    if found := _POINT.fullmatch(line):
        return "list", found[1]
    return "paragraph", line


def _line(text: str) -> Line:
    """Every second part stands between stars."""
    parts = _BOLD.split(text)
    return tuple(Words(part, bool(number % 2)) for number, part in enumerate(parts) if part)

"""The regex extension: what all of an answer's text must match.

A pattern in which something that repeats without end is itself repeated without end can take hours on thirty
characters. Such a pattern is refused when the form is loaded, since no phone may hang on what somebody types.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ENDLESS = re.compile(r"[*+]|\{\d*,\}")
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]|[*+]|\{\d*,\}|.", re.DOTALL)


def fault_of(pattern: str) -> str:
    """Why this is no pattern that can be used, or "" when it is one."""
    try:
        _compiled(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"regex cannot be read: {error}"
    return (
        "regex repeats what already repeats without end, which can take hours" if _explodes(pattern) else ""
    )


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern has it."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _explodes(pattern: str) -> bool:
    """Whether a group that holds an endless repetition is itself repeated endlessly."""
    pieces = _PIECE.findall(pattern)
    inside = [False]
    for number, piece in enumerate(pieces):
        if piece == "(":
            inside.append(False)
        elif piece == ")" and len(inside) > 1:
            held = inside.pop()
            again = number + 1 < len(pieces) and _ENDLESS.fullmatch(pieces[number + 1]) is not None
            if held and again:
                return True
            inside[-1] |= held
        elif _ENDLESS.fullmatch(piece):
            inside[-1] = True
    return False

"""Small numbers that are not told, and others with them, so that none can be reckoned back.

For readers who may not read the single reports, and for what leaves the house. A threshold rule with
secondary suppression, as SCB's "Handbok i statistisk röjandekontroll" (2015) describes it; the threshold of
five is the one that Swedish health statistics commonly have, and ours (p). The secrecy it serves: OSL
2009:400 25:1 (health care) and 26:1 (social services).

What it does not protect from: somebody who lays many tables of different cuts beside one another.
"""

from collections.abc import Mapping
from itertools import product

LEAST = 5
"""1 to 4 are not told. 0 is: that nothing happened says nothing of anybody."""

ALL = ""
"""In a key: the sum over this dimension."""

Key = tuple[str, ...]


def told(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """The counts with every sum over them (`ALL`); None: not told.

    A sum and its parts are an equation: with one of them untold it can be reckoned back, and so it can where
    all that is untold within it, down to the single counts, is known to be one each. Then another is left out
    too: the smallest part, or the sum.
    """
    cube, single = summed(counts), _single(counts)
    hidden = {key for key, count in cube.items() if 0 < count < LEAST}
    lines = _lines(cube)
    changed = bool(hidden)
    while changed:
        changed = False
        for whole, parts in lines:
            while more := _needed(whole, parts, cube, single, hidden):
                hidden.add(more)
                changed = True
    return {key: None if key in hidden else count for key, count in cube.items()}


def summed(counts: Mapping[Key, int]) -> dict[Key, int]:
    """The counts with every sum over them (`ALL`)."""
    cube: dict[Key, int] = {}
    for key, count in counts.items():
        for whole in product(*((value, ALL) for value in key)):
            cube[whole] = cube.get(whole, 0) + count
    return cube


def _single(counts: Mapping[Key, int]) -> dict[Key, list[Key]]:
    """Every key with the single counts that it is the sum of."""
    within: dict[Key, list[Key]] = {}
    for key in counts:
        for whole in product(*((value, ALL) for value in key)):
            within.setdefault(whole, []).append(key)
    return within


def _lines(cube: Mapping[Key, int]) -> list[tuple[Key, list[Key]]]:
    """Every sum over one dimension, with its parts, the smallest first."""
    parts: dict[Key, dict[int, list[Key]]] = {}
    for key in sorted(cube, key=lambda one: (cube[one], one)):
        for at, value in enumerate(key):
            if value != ALL:
                parts.setdefault((*key[:at], ALL, *key[at + 1 :]), {}).setdefault(at, []).append(key)
    return [(whole, keys) for whole, of in parts.items() for keys in of.values()]


def _needed(
    whole: Key,
    parts: list[Key],
    cube: Mapping[Key, int],
    single: Mapping[Key, list[Key]],
    hidden: set[Key],
) -> Key | None:
    """What else must be left out of one line; None: nothing."""
    untold = [key for key in parts if key in hidden]
    if whole in hidden:
        known = not untold
    else:
        left = [key for part in untold for key in single[part] if key in hidden]
        known = len(untold) == 1 or (bool(left) and sum(cube[key] for key in left) == len(left))
    if not known:
        return None
    spare = next((key for key in parts if key not in hidden and cube[key]), None)
    return spare or (None if whole in hidden else whole)

"""Leaving out what a failure does not need (delta debugging: Zeller and Hildebrandt, 2002)."""

import time
from collections.abc import Callable

WITHIN_S = 60.0


def shortened(whole: list[int], breaks: Callable[[list[int]], bool], within: float = WITHIN_S) -> list[int]:
    """The fewest of the events, as far as time allows, with which it still breaks."""
    ends = time.perf_counter() + within
    kept, parts = whole, 2
    while len(kept) > 1 and time.perf_counter() < ends:
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if rest and breaks(rest):
                kept, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(len(kept), parts * 2)
    return kept

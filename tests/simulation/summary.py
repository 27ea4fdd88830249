"""What a run has come to so far: printed at its end, when it is broken off, and now and then on the way."""

import json
import sys
import time
from collections import Counter

_clock = time.perf_counter
_TOLD_EVERY_S = 60.0


class Summary:
    """Of the worlds from one seed on, whoever lived them and in whatever order they ended."""

    def __init__(self, first: int) -> None:
        self.broken: list[int] = []
        self._first = first
        self._done: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._begun = _clock()
        self._told = -_TOLD_EVERY_S

    def add(self, seed: int, broken: bool, counts: dict[str, int]) -> None:
        """One world has ended."""
        self._done.add(seed)
        self._counts.update(counts)
        if broken:
            self.broken = sorted([*self.broken, seed])
        if self.seconds - self._told >= _TOLD_EVERY_S:
            self._told = self.seconds
            said = f"{len(self._done)} worlds, broken: {self.broken}; to go on: --from {self.next}"
            print(said, file=sys.stderr, flush=True)

    @property
    def next(self) -> int:
        """The first seed that has not been lived to its end."""
        seed = self._first
        while seed in self._done:
            seed += 1
        return seed

    @property
    def seconds(self) -> float:
        return _clock() - self._begun

    def __str__(self) -> str:
        found = {
            "seeds": len(self._done),
            "from": self._first,
            "next": self.next,
            "broken": self.broken,
            "seconds": round(self.seconds, 1),
            "counts": dict(sorted(self._counts.items())),
        }
        return json.dumps(found)

"""Where the phone can stop: record a shift, list its points, replay them.

Without an option: the sample that `make test` replays.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tests.crash import careless
from tests.crash.check import Lost
from tests.crash.points import KINDS, Point, act_at, points, sample
from tests.crash.really import cut_power, kill, places
from tests.crash.recording import Failure, record, replay
from tests.crash.trace import Step, Word


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="how many points there are, by kind")
    what.add_argument("--all", action="store_true", help="replay every point")
    what.add_argument("--point", type=int, metavar="N", help="replay one, and show the steps around it")
    what.add_argument("--really", action="store_true", help="kill real processes at steps of each kind")
    what.add_argument("--cut-power", action="store_true", help="as root: cut the power of an ext4 at them")
    parser.add_argument("--carelessly", choices=careless.WAYS, default="", help="with a mistake in the store")
    asked = parser.parse_args()
    items = record(asked.carelessly)
    every = points(items)
    if asked.list:
        return _list(items, every)
    if asked.point is not None:
        return _show(items, every[asked.point])
    if asked.really or asked.cut_power:
        steps = places(items)
        return _tell(_done(kill if asked.really else cut_power, steps, asked.carelessly), len(steps))
    wanted = range(len(every)) if asked.all else sample(every)
    return _tell(replay(items, wanted), len(wanted))


def _list(items: Sequence[Step | Word], every: Sequence[Point]) -> int:
    steps = Counter(item.call for item in items if isinstance(item, Step))
    print(
        f"{sum(steps.values())} durable steps: {', '.join(f'{n} {call}' for call, n in steps.most_common())}"
    )
    counts = Counter(point.kind for point in every)
    for kind, words in KINDS.items():
        print(f"{counts[kind]:6} {kind:12} {words}")
    print(f"{len(every):6} points")
    for act, count in Counter(act_at(point) for point in every).most_common():
        print(f"{count:6} in {act}")
    return 0


def _show(items: Sequence[Step | Word], point: Point) -> int:
    print(point)
    for place, item in enumerate(items[: point.place + 4]):
        if place > point.place - 20:
            print("->" if place == point.place else "  ", item.text if isinstance(item, Word) else item)
    return _tell(replay(items, {point.number}), 1)


def _done(
    end: Callable[[Step, str], object], steps: Iterable[Step], carelessly: str
) -> Iterable[Failure | Lost | None]:
    for step in steps:
        try:
            end(step, carelessly)
        except Lost as error:
            yield Lost(f"{step}: {error}")
        else:
            yield None


def _tell(outcomes: Iterable[Failure | Lost | None], of: int) -> int:
    began, count, failed = sum(os.times()[:4]), 0, 0
    for count, outcome in enumerate(outcomes, 1):
        if outcome:
            failed += 1
            print(outcome, flush=True)
        if count % 500 == 0 or count == of:
            taken = sum(os.times()[:4]) - began
            print(f"{count} of {of} points, {failed} failed; {taken:.0f} s of processor time", flush=True)
    return 1 if failed or count != of else 0


if __name__ == "__main__":
    sys.exit(main())

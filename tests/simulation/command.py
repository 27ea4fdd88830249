"""The command line of the simulation."""

import argparse
import gc
import json
import os
import shutil
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.simulation import careless, together, virtual
from tests.simulation.invariants import hold
from tests.simulation.plan import Event, drawn
from tests.simulation.shorten import shortened
from tests.simulation.summary import Summary
from tests.simulation.town import Endpoint, copied
from tests.simulation.world import Broken, World, made, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="how many worlds")
    parser.add_argument("--from", type=int, default=1, metavar="K", dest="first", help="the first seed")
    parser.add_argument("--seconds", type=float, help="begin no further world after so long")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="so many beside each other")
    parser.add_argument("--only", metavar="1,4,9", help="of one seed's events these alone")
    parser.add_argument("--tell", action="store_true", help="print what happens in each world")
    parser.add_argument(
        "--carelessly", action="store_true", help="make each known mistake: 1 if one is missed"
    )
    parser.add_argument("--asked", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    together.end_as_if_broken_off()
    if asked.processes == 1:
        return _alone(asked)
    summary = Summary(asked.first)
    try:
        seeds = iter(range(asked.first, asked.first + asked.seeds))
        together.run(seeds, asked.processes, summary, asked.seconds)
    except KeyboardInterrupt:
        return _told(summary, 1)
    return _told(summary)


def _alone(asked: argparse.Namespace) -> int:
    scratch = Path("/dev/shm" if os.path.isdir("/dev/shm") else "/tmp") / f"rapp-simulation-{os.getpid()}"
    try:
        endpoint = made(scratch)
        # What has been imported and made by now stays: it need not be looked through again and again.
        gc.collect()
        gc.freeze()
        if asked.asked:
            return _asked(endpoint, scratch)
        return _carelessly(endpoint, scratch) if asked.carelessly else _all(asked, endpoint, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _all(asked: argparse.Namespace, endpoint: Endpoint, scratch: Path) -> int:
    summary = Summary(asked.first)
    try:
        for seed in range(asked.first, asked.first + asked.seeds):
            if asked.seconds and summary.seconds > asked.seconds:
                break
            events = drawn(seed)
            if asked.only:
                events = [events[int(n)] for n in asked.only.split(",")]
            summary.add(seed, *_lived(seed, events, endpoint, scratch, asked.tell))
    except KeyboardInterrupt:
        return _told(summary, 1)
    return _told(summary)


def _asked(endpoint: Endpoint, scratch: Path) -> int:
    """A world for each seed that comes in; a line for each."""
    with suppress(KeyboardInterrupt):
        for line in sys.stdin:
            seed = int(line)
            broken, counts = _lived(seed, drawn(seed), endpoint, scratch)
            print(json.dumps({"seed": seed, "broken": broken, "counts": counts}), flush=True)
    return 0


def _told(summary: Summary, code: int = 0) -> int:
    print(summary)
    return 1 if summary.broken else code


def _lived(
    seed: int, events: list[Event], endpoint: Endpoint, scratch: Path, tell: bool = False
) -> tuple[bool, Counter[str]]:
    """Whether a world broke, which is told and shortened, and what happened in it how often."""
    fault, counts = lived(seed, events, endpoint, scratch, tell)
    if fault:
        _tell(seed, events, fault, endpoint, scratch)
    return fault is not None, counts


def _carelessly(endpoint: Endpoint, scratch: Path) -> int:
    found: dict[str, str | None] = {}
    for way, (_, seed) in careless.WAYS.items():
        with careless.made(way):
            fault, _ = lived(seed, drawn(seed), endpoint, scratch)
        found[way] = str(fault)[:80] if fault else None
    print(json.dumps(found, indent=1))
    return 0 if all(found.values()) else 1


def lived(
    seed: int, events: list[Event], endpoint: Endpoint, scratch: Path, tell: bool = False
) -> tuple[Exception | None, Counter[str]]:
    """One world from its beginning to its end; what broke in it, and what happened how often."""
    folder = scratch / "world"
    copied(scratch / "template", folder)
    virtual.begin(seed)
    world = World(seed, endpoint, folder)

    async def live() -> None:
        await world.begin(folder)
        try:
            await world.live(events)
            await world.heal()
            await hold(world)
        finally:
            await world.end()

    fault: Exception | None = None
    try:
        run(live())
    except Exception as error:
        fault = error
    if tell:
        print("\n".join(world.told))
    return fault, _counted(world, endpoint)


def _counted(world: World, endpoint: Endpoint) -> Counter[str]:
    counts = world.counts
    for phone in world.phones:
        counts.update({f"fault {name}": n for name, n in phone.network.faults.items()})
        counts["requests"] += phone.network.requests
        counts["facts saved"] += len(phone.saved)
        counts["phone deaths"] += phone.deaths
        counts["files put back"] += phone.restored
    counts["worker deaths"] += sum(worker.crashes for worker in endpoint.workers)
    counts["virtual seconds"] += int(virtual.TIME.elapsed)
    return counts


def _tell(seed: int, events: list[Event], fault: Exception, endpoint: Endpoint, scratch: Path) -> None:
    def breaks(some: list[int]) -> bool:
        again, _ = lived(seed, [events[n] for n in some], endpoint, scratch)
        return again is not None and _alike(again, fault)

    kept = shortened(list(range(len(events))), breaks)
    print(f"seed {seed}: {fault!r}", file=sys.stderr)
    print(f"of {len(events)} events these do it:", file=sys.stderr)
    for n in kept:
        print(f"  {n:3} {events[n]}", file=sys.stderr)
    only = ",".join(map(str, kept))
    print(f"again: python -m tests.simulation --from {seed} --seeds 1 --tell --only {only}", file=sys.stderr)


def _alike(one: Exception, other: Exception) -> bool:
    if isinstance(one, Broken) and isinstance(other, Broken):
        return one.rule == other.rule
    return type(one) is type(other)

"""Sync beside PouchDB and pouchdb-server: ``python -m bench.sync [--facts n] [--rounds n] [--no-peer]``.

Turn about in one run, over HTTP on this machine, each side with a server process of its own. Ours signs,
seals, encrypts and flushes every commit at both ends; the peer does none of these. Figures of two machines do
not compare. The last line is JSON.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import cast

from bench import peer
from bench.busy import BUSY, PERSONS, Busy
from bench.ground import AMINA, TESFAY, Phone, dose, endpoint
from care.facts import Ref
from care.order import OrderDocument
from care.today import due
from sync import Sync
from sync.collector import spare_what_stays
from sync.pull import pull
from sync.push import push
from tests.endpoint_server import Server

Line = dict[str, float]
BATCHES = (100, 1000)
_WAIT_S = 60.0


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--facts", type=int, default=10_000, help="pushed and pulled in a round (10,000)")
    parse.add_argument("--first", type=int, default=20_000, help="facts of a unit at the first sync (20,000)")
    parse.add_argument("--rounds", type=int, default=3, help="turns of each side (3)")
    parse.add_argument("--no-peer", action="store_true", help="without PouchDB, where npm cannot be reached")
    asked = parse.parse_args()
    spare_what_stays()
    if not asked.no_peer:
        peer.prepare()
    with tempfile.TemporaryDirectory(prefix="rapp-bench-") as folder:
        line = asyncio.run(_measure(Path(folder), asked))
    print(json.dumps({name: round(value, 3) for name, value in line.items()}))


async def _measure(folder: Path, asked: argparse.Namespace) -> Line:
    beside = not asked.no_peer
    with endpoint(folder / "endpoint") as server:
        line = await _first_sync(folder, server, asked.first)
        line |= await _phone_to_phone(folder, server)
    if beside:
        line["pouchdb_change_p50_ms"], line["pouchdb_change_p95_ms"] = peer.change_ms(100)
        print(f"PouchDB: a put until it is a change on another: {line['pouchdb_change_p50_ms']:.1f} ms p50")
    turns: dict[str, list[tuple[float, float]]] = {
        f"{way}_{of}": [] for way in ("push", "pull") for of in BATCHES
    }
    for turn in range(asked.rounds):
        for of in BATCHES:
            pushed, pulled = await _there_and_back(folder / f"{turn}-{of}", asked.facts, of)
            turns[f"push_{of}"].append((pushed, peer.push_per_s(asked.facts, of) if beside else 0))
            turns[f"pull_{of}"].append((pulled, peer.pull_per_s(asked.facts, of) if beside else 0))
    for name, taken in turns.items():
        line |= _row(name, taken)
    for way in ("push", "pull"):
        # Of the peer's two batch sizes, the one that serves it better.
        line[f"{way}_vs_pouchdb"] = min(line.get(f"{way}_{of}_vs_pouchdb", 0) for of in BATCHES)
    return line


async def _there_and_back(folder: Path, facts: int, batch: int) -> tuple[float, float]:
    """Facts a second from a phone to the endpoint, and from there to another phone. All three are new, as the
    peer's are each time: a larger file is slower, and the first sync tells of one."""
    with endpoint(folder / "endpoint") as server:
        writer = await Phone(folder / "writer", server).ready(AMINA)
        reader = await Phone(folder / "reader", server).ready(TESFAY)
        await _all(reader)
        writer.save(facts)
        pushed = facts / await _timed_push(writer, batch)
        pulled = facts / await _all(reader)
        await writer.close()
        await reader.close()
    return pushed, pulled


async def _timed_push(phone: Phone, batch: int) -> float:
    """Seconds until everything that waits has its signed receipt, verified and written down."""
    began = time.perf_counter()
    await push(phone.store, phone.sessions(), first=batch, most=batch)
    taken = time.perf_counter() - began
    assert not phone.store.counts().waiting
    return taken


async def _all(phone: Phone) -> float:
    """Seconds until a phone holds all that it may read: verified, folded, encrypted, on its disk."""
    began = time.perf_counter()
    while (await pull(phone.store, phone.me, phone.sessions())).more:
        pass
    return time.perf_counter() - began


async def _first_sync(folder: Path, server: Server, facts: int) -> Line:
    """Until a new phone's screen is usable, and until it has everything of the unit.

    Usable: residents are searchable, and Idag is whole: no dose is shown as unsigned that has been signed.
    The phone reads on as the app does; it is looked at after each part.
    """
    unit = Busy(server)
    orders = unit.ordered()
    writer = await Phone(folder / "unit", server).ready(AMINA, BUSY)
    signed = unit.signed(orders, facts)
    for at in range(0, len(signed), 100):
        writer.me.save(*signed[at : at + 100])
    await push(writer.store, writer.sessions())
    await writer.close()
    new = await Phone(folder / "new", server).ready(TESFAY, BUSY)
    began, processor = time.perf_counter(), time.process_time()
    usable: list[tuple[float, float, int, set[str]]] = []

    def changed(_: frozenset[Ref]) -> None:
        now = datetime.now(UTC)
        if usable or not new.me.document("staff", TESFAY) or new.coming(now):
            return
        # As the screen does, within the time: who is here, what is due, and what has been done of it.
        persons = [one for one in new.me.documents("person") if one.unit == BUSY]
        held = [one for one in cast(list[OrderDocument], new.me.documents("order")) if one.unit == BUSY]
        due_now = {dose.id for dose in due(now, held).doses if dose.at < unit.until}
        unsigned = due_now - {one.id for one in new.me.some("dose", due_now)}
        took = time.perf_counter() - began, time.process_time() - processor
        usable.append((*took, len(persons), unsigned))

    end = new.store.subscribe(changed)
    seconds = await _all(new)
    processor = time.process_time() - processor
    end()
    [(soon, soon_processor, persons, unsigned)] = usable
    assert persons == PERSONS
    assert not unsigned
    assert sum(one.unit == BUSY for one in new.me.documents("dose")) == len(signed)
    each = processor / facts * 1e6
    print(f"first sync, with {facts} facts: usable after {soon:.2f} s, all after {seconds:.2f} s;")
    print(f"  of the phone's processor {soon_processor:.2f} s and {processor:.2f} s, {each:.0f} µs a fact")
    await new.close()
    return {"first_sync_s": soon, "first_sync_all_s": seconds, "first_sync_cpu_us": each}


async def _phone_to_phone(folder: Path, server: Server) -> Line:
    """One fact saved on a phone until it can be read on another, both as the app runs them."""
    here, there = [
        await Phone(folder / name, server).ready(who) for name, who in (("a", AMINA), ("b", TESFAY))
    ]
    await _all(here)
    await _all(there)
    running = [Sync(phone.store, random.Random(1)) for phone in (here, there)]
    for one in running:
        one.start()
    took: list[float] = []
    try:
        await asyncio.sleep(3.0)  # sessions are opened, long-polls have begun
        for _ in range(100):
            took.append(await _until_there(here, there) * 1000)
            await asyncio.sleep(0.05)
    finally:
        for one in running:
            one.stop()
    took = sorted(took[5:])
    p50, p95 = median(took), took[int(len(took) * 0.95)]
    print(f"one fact, phone to phone: {p50:.1f} ms p50, {p95:.1f} ms p95")
    return {"phone_to_phone_p50_ms": p50, "phone_to_phone_p95_ms": p95}


async def _until_there(here: Phone, there: Phone) -> float:
    """Seconds from before a save on one phone until the other, told as its screens are, can read it."""
    statement = dose()
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def changed(refs: frozenset[Ref]) -> None:
        if statement.aggregate in refs:
            loop.call_soon_threadsafe(told.set)

    end = there.store.subscribe(changed)
    try:
        began = time.perf_counter()
        here.me.save(statement)
        await asyncio.wait_for(told.wait(), _WAIT_S)
        assert there.me.document("dose", statement.aggregate.id) is not None
        return time.perf_counter() - began
    finally:
        end()


def _row(name: str, turns: list[tuple[float, float]]) -> Line:
    ours, theirs = (median(side) for side in zip(*turns, strict=True))
    line = {f"{name}_per_s": ours}
    shown = f"{name.replace('_', ', batches of '):24} {ours:8.0f} facts/s"
    if theirs:
        ratio = median(one / other for one, other in turns)
        line |= {f"{name}_pouchdb_per_s": theirs, f"{name}_vs_pouchdb": ratio}
        shown += f"   PouchDB {theirs:8.0f}   x {ratio:.2f}"
    print(f"{shown}   ({datetime.now(UTC):%Y-%m-%d})")
    return line


if __name__ == "__main__":
    main()

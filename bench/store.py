"""The store beside SQLCipher and plain sqlite3: ``python -m bench.store [--quick] [--facts n] [--most n]``.

All three do the same logical work, turn about in one run, so that a slow minute of the machine meets all of
them; a ratio is the median of the ratios of the turns. Figures of two machines do not compare.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from unittest.mock import patch
from uuid import uuid4

from msgspec import Raw

from bench.store_peers import Peer
from care.dose import DoseGiven
from care.facts import Fact, Ref, encode, raw
from care.ids import uuid7
from care.published import Answered
from care.sbar import SbarRecorded
from storage import Device, FileSecret, Statement, Store, Unlocked
from wire import seal, signature
from wire.messages import Page, Placed

UNIT, ANNA, ELSEWHERE = str(uuid4()), str(uuid4()), str(uuid4())
KEY = os.urandom(32)
PERSONS = [str(uuid4()) for _ in range(25)]
TODAY = 200
"""Doses on Idag of a large unit; half of them signed."""
NEWEST = 50
TURNS = 40
PAGE = 500
STREAM = f"unit:{UNIT}"

Turn = dict[str, float]


class Ours:
    """The store, called as the app calls it."""

    def __init__(self, folder: Path) -> None:
        new = not folder.exists()
        self.store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), lambda: datetime.now(UTC))
        if new:
            self.store.enrol(_device())
            until = datetime.now(UTC) + timedelta(days=1)
            keys = (signature.new_key(), os.urandom(32), os.urandom(32))
            self.me = self.store.set_slot(ANNA, "Anna", "assistant_nurse", "sv", "482913", *keys, until)
        else:
            self.me = self.store.unlock(ANNA, "482913")
        self._at = 0

    def close(self) -> None:
        self.store.close()

    def lock(self) -> Unlocked:
        """Nothing is in memory after it."""
        self.me.lock()
        self.me = self.store.unlock(ANNA, "482913")
        return self.me

    def save(self, statement: Statement) -> None:
        self.me.save(statement)

    def bring(self, facts: list[bytes]) -> None:
        placed = tuple(
            Placed(position=n, envelope=bytes(64) + of) for n, of in enumerate(facts, self._at + 1)
        )
        upto, now = self._at + len(facts), datetime.now(UTC)
        page = Page(stream=STREAM, epoch="e", after=self._at, upto=upto, more=False, facts=placed, now=now)
        self.store.take_page(page, self.me)
        self._at = upto

    def document(self, kind: str, id: str) -> object:
        return self.me.document(kind, id)

    def some(self, kind: str, ids: list[str]) -> list:
        return self.me.some(kind, ids)

    def newest(self, kind: str, person: str, limit: int) -> list:
        return self.me.newest(person, limit)


Any_ = Ours | Peer


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--quick", action="store_true", help="fewer facts: a minute, and rougher figures")
    parse.add_argument("--facts", type=int, default=None, help="facts that are saved one by one (10,000)")
    parse.add_argument("--most", type=int, default=None, help="facts of the largest file (1,000,000)")
    asked = parse.parse_args()
    facts = asked.facts or (1_000 if asked.quick else 10_000)
    most = asked.most or (20_000 if asked.quick else 1_000_000)
    # Unlocking is measured without what the PIN costs: the same for every size, and meant to be slow.
    with tempfile.TemporaryDirectory(prefix="rapp-bench-") as folder, _without_kdf():
        line = _measure(Path(folder), facts, most)
    print(json.dumps(line))


def _without_kdf() -> patch:  # type: ignore[valid-type]
    return patch("storage.keys._kek", lambda pin, secret, salt, n: secret)


def _measure(folder: Path, facts: int, most: int) -> dict[str, float]:
    line: dict[str, float] = {}
    print(
        f"{facts} facts of {len(encode(_a_fact()))} bytes;"
        f" {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores\n"
    )
    print(f"{'':38}{'store':>10}{'SQLCipher':>11}{'sqlite3':>10}{'/SQLCipher':>12}{'/sqlite3':>10}")
    saves = [_saves(folder / f"saves-{per}", facts, per) for per in (1, 5, 20)]
    for per, turns in zip((1, 5, 20), saves, strict=True):
        _row(f"saves/s, {per} facts per aggregate", turns)
        line[f"save_vs_sqlite_{per}"] = _ratio(turns, "sqlite")
        line[f"save_vs_sqlcipher_{per}"] = _ratio(turns, "sqlcipher")
    line["save_vs_sqlite"] = min(_ratio(turns, "sqlite") for turns in saves)
    line["save_vs_sqlcipher"] = min(_ratio(turns, "sqlcipher") for turns in saves)
    line |= _bytes(folder / "saves-1")
    line |= _reads(folder / "reads", facts)
    line |= _first_list(folder / "first", 20_000 if facts >= 10_000 else 2_000)
    line |= _growth(folder / "growth", 1_000, most)
    line |= _imports()
    return {name: round(value, 3) for name, value in line.items()}


# -- what is measured


def _saves(folder: Path, facts: int, per: int) -> list[Turn]:
    """Durable saves a second, in turns."""
    stores = _stores(folder)
    many = max(1, facts // TURNS)
    statements = [_asked(str(uuid4())) for _ in range(TURNS * many // per + 1)]
    order = itertools.chain.from_iterable([one] * per for one in statements)
    turns: list[Turn] = []
    for _ in range(TURNS):
        batch = list(itertools.islice(order, many))
        turns.append(_turn(stores, many, lambda store, batch=batch: [store.save(one) for one in batch]))
    _close(stores)
    return turns


def _bytes(folder: Path) -> dict[str, float]:
    size = {
        "store": (folder / "store" / "rapp.db").stat().st_size,
        "sqlcipher": (folder / "sqlcipher.db").stat().st_size,
        "sqlite": (folder / "sqlite.db").stat().st_size,
    }
    shown = "".join(f"{size[name] / 1e6:>{width}.1f}" for name, width in _WIDTHS)
    ratio = size["store"] / size["sqlcipher"], size["store"] / size["sqlite"]
    print(f"{'MB on disk, after those of 1':38}{shown}{ratio[0]:12.2f}{ratio[1]:10.2f}")
    return {"bytes_vs_sqlcipher": ratio[0]}


def _reads(folder: Path, facts: int) -> dict[str, float]:
    """Bulk import; reads by id, Idag and the newest of a person: again and again, and after an unlock."""
    stores = _stores(folder)
    doses = _doses(facts)
    pages = [doses[at : at + PAGE] for at in range(0, facts, PAGE)]
    turns = [
        _turn(stores, len(page), lambda store, page=page: store.bring([data for _, data in page]))
        for page in pages
    ]
    _row(f"bulk import, facts/s, {PAGE} at a time", turns)
    line = {"bulk_vs_sqlcipher": _ratio(turns, "sqlcipher")}
    dice = random.Random(1)
    ids = [fact.aggregate.id for fact, _ in doses]
    today = [*ids[-TODAY // 2 :], *(str(uuid4()) for _ in range(TODAY // 2))]
    for name, times, work in _reading(ids, today, dice):
        for cold in (True, False):
            turns = []
            for _ in range(TURNS):
                if cold:
                    ours = stores["store"]
                    assert isinstance(ours, Ours)
                    # Open, as after the unlock's own checks; nothing else in memory.
                    ours.lock().document("unit", UNIT)
                turns.append(_turn(stores, 1 if cold else times, work if cold else _repeated(work, times)))
            _row(f"{name}{', first time' if cold else ''}", turns)
            called = name.split(",")[0].replace(" ", "_")
            line[f"{called}_cold" if cold else called] = _ratio(turns, "sqlcipher")
    _close(stores)
    return {
        **line,
        "read_vs_sqlcipher": line["reads_by_id"],
        "list_vs_sqlcipher": min(line["today"], line["newest_of_a_person"]),
    }


def _reading(
    ids: list[str], today: list[str], dice: random.Random
) -> list[tuple[str, int, Callable[[Any_], object]]]:
    some = dice.sample(ids, min(1000, len(ids)))
    return [
        (
            "reads by id, thousands/s",
            5,
            lambda store: [store.document("dose", id) for id in some],
        ),
        ("today, lists/s", 20, lambda store: store.some("dose", today)),
        (
            f"newest of a person, lists of {NEWEST}/s",
            20,
            lambda store: store.newest("dose", PERSONS[dice.randrange(5)], NEWEST),
        ),
    ]


def _first_list(folder: Path, facts: int) -> dict[str, float]:
    """From a closed file to Idag and the newest of a person, in milliseconds; without the PIN's cost."""
    stores = _stores(folder)
    doses = _doses(facts)
    for store in stores.values():
        for at in range(0, facts, PAGE):
            store.bring([data for _, data in doses[at : at + PAGE]])
    _close(stores)
    today = [fact.aggregate.id for fact, _ in doses[-TODAY:]]
    turns: list[Turn] = []
    for _ in range(9):
        taken: Turn = {}
        for name, opened in _openers(folder):
            began = time.perf_counter()
            store = opened()
            assert len(store.some("dose", today)) == TODAY
            assert len(store.newest("dose", PERSONS[0], NEWEST)) == NEWEST
            taken[name] = time.perf_counter() - began
            store.close()
        turns.append(taken)
    shown = {name: median(turn[name] for turn in turns) * 1000 for name, _ in _WIDTHS}
    print(
        f"{f'ms, open and unlock to lists, {facts}':38}"
        + "".join(f"{shown[name]:>{width}.1f}" for name, width in _WIDTHS)
    )
    return {"first_list_ms": shown["store"], "first_list_sqlcipher_ms": shown["sqlcipher"]}


def _growth(folder: Path, least: int, most: int) -> dict[str, float]:
    """What lists cost with much history, beside what they cost with little: the same lists."""
    folder.mkdir()
    stores: dict[str, Ours] = {}
    todays: dict[str, list[str]] = {}
    for name, facts in (("little", least), ("much", most)):
        store = stores[name] = Ours(folder / name)
        # How it is filled is not measured: all of it in SQLite's cache, and no waiting for the disk.
        _tuned(store, synchronous="OFF", cache_size=-1_000_000)
        for at in range(0, facts, 10 * PAGE):
            doses = _doses(min(10 * PAGE, facts - at), at, short=True)
            store.bring([data for _, data in doses])
        todays[name] = [fact.aggregate.id for fact, _ in doses[-TODAY:]]
        _tuned(store, synchronous="FULL", cache_size=-2_000)
    line: dict[str, float] = {}
    for cold in (False, True):
        taken: dict[str, list[float]] = {"little": [], "much": []}
        for _ in range(TURNS if not cold else 5):
            for name, store in stores.items():
                if cold:
                    store.lock().document("unit", UNIT)
                began = time.perf_counter()
                store.some("dose", todays[name])
                store.newest("dose", PERSONS[0], NEWEST)
                taken[name].append(time.perf_counter() - began)
        grown = median(much / little for much, little in zip(taken["much"], taken["little"], strict=True))
        line["list_growth_cold" if cold else f"list_growth_{least:.0e}_to_{most:.0e}"] = grown
        print(f"lists, {most} facts beside {least}{', first time' if cold else ''}: x {grown:.2f}")
    line["list_growth_1e3_to_1e6"] = max(line.values())
    began = time.perf_counter()
    stores["much"].lock().newest(PERSONS[0], 1)
    line["unlock_much_ms"] = (time.perf_counter() - began) * 1000
    print(f"ms, unlock to first document with {most} facts: {line['unlock_much_ms']:.0f}")
    for store in stores.values():
        store.close()
    return line


def _tuned(store: Ours, **pragmas: object) -> None:
    with store.store._file.database.reading() as connection:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name} = {value}")


def _imports() -> dict[str, float]:
    """What `main.py` imports before it does anything, and Flet's part of it, in milliseconds.

    The least of many: the work is the same each time, and only what else runs makes it longer. Compiled, as
    the app is that `flet build` packs.
    """
    ask = "import main, sys; print(*(name for name in sys.modules if name.partition('.')[0] == 'flet'))"
    flets = _told(ask).split()
    taken: dict[str, list[float]] = {"main": [], ", ".join(flets): []}
    for _ in range(7):
        for names, times in taken.items():
            ask = f"import time; t = time.perf_counter(); import {names}; print(time.perf_counter() - t)"
            times.append(float(_told(ask)) * 1000)
    app, flet = (min(times) for times in taken.values())
    print(f"ms, import of the app: {app:.0f}, of which Flet {flet:.0f}")
    return {"import_ms": app, "import_flet_ms": flet, "import_ours_ms": app - flet}


def _told(code: str) -> str:
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=compiled, capture_output=True, text=True, check=True).stdout


# -- how


_WIDTHS = (("store", 10), ("sqlcipher", 11), ("sqlite", 10))


def _openers(folder: Path) -> list[tuple[str, Callable[[], Any_]]]:
    return [
        ("store", lambda: Ours(folder / "store")),
        ("sqlcipher", lambda: Peer(folder / "sqlcipher.db", ANNA, KEY)),
        ("sqlite", lambda: Peer(folder / "sqlite.db", ANNA)),
    ]


def _stores(folder: Path) -> dict[str, Any_]:
    folder.mkdir()
    return {name: opened() for name, opened in _openers(folder)}


def _close(stores: dict[str, Any_]) -> None:
    for store in stores.values():
        store.close()


def _turn(stores: dict[str, Any_], many: int, work: Callable[[Any_], object]) -> Turn:
    """How many a second of each, one after the other, beginning with another one each time."""
    names = list(stores)
    random.shuffle(names)
    taken: Turn = {}
    for name in names:
        began = time.perf_counter()
        work(stores[name])
        taken[name] = many / (time.perf_counter() - began)
    return taken


def _repeated(work: Callable[[Any_], object], times: int) -> Callable[[Any_], object]:
    return lambda store: [work(store) for _ in range(times)]


def _ratio(turns: list[Turn], peer: str) -> float:
    return median(turn["store"] / turn[peer] for turn in turns)


def _row(name: str, turns: list[Turn]) -> None:
    shown = "".join(f"{median(turn[peer] for turn in turns):>{width}.0f}" for peer, width in _WIDTHS)
    print(f"{name:38}{shown}{_ratio(turns, 'sqlcipher'):12.2f}{_ratio(turns, 'sqlite'):10.2f}", flush=True)


# -- what is written


def _device() -> Device:
    return Device(
        id=str(uuid4()),
        unit=UNIT,
        unit_name="Granen",
        name="Granen 1",
        private=signature.new_key(),
        endpoint_url="",
        sign_public=signature.public_of(signature.new_key()),
        seal_public=seal.public_of(seal.new_key()),
    )


def _asked(id: str) -> Statement:
    """An SBAR; what is said again of it takes the place of what was said, so that documents do not grow."""
    answers = Answered("https://rapp.example/sbar", "1", Raw(b'{"text": "%s"}' % (b"x" * 640)))
    return Statement(SbarRecorded(answers=answers), Ref("sbar", id), UNIT, PERSONS[0])


def _doses(many: int, after: int = 0, short: bool = False) -> list[tuple[Fact, bytes]]:
    """Doses that others gave, each its own aggregate; of one person after the other."""
    made = [_a_fact(n, short) for n in range(after, after + many)]
    return [(fact, encode(fact)) for fact in made]


def _a_fact(n: int = 0, short: bool = False) -> Fact:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
    body = DoseGiven(
        order=ELSEWHERE,
        planned=at,
        performed=at,
        amount="1",
        order_fact=ELSEWHERE,
        note="" if short else "x" * 480,
    )
    return Fact(
        id=uuid7(int(at.timestamp() * 1000), os.urandom(10)),
        type="dose.given",
        version=1,
        aggregate=Ref("dose", str(uuid4())),
        rank=1,
        at=at,
        author=ANNA,
        device=ELSEWHERE,
        seq=n + 1,
        prev="0" * 64,
        unit=UNIT,
        person=PERSONS[n % len(PERSONS)],
        body=raw(body),
    )


if __name__ == "__main__":
    main()

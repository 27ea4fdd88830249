"""Everybody back at once: ``python -m bench.storm [--phones n] [--facts n] [--no-peer]``.

Phones that have each saved while away (50, with 200 facts) reconnect in the same moment, over HTTP, to an
endpoint on SQLite and on PostgreSQL with one and with two workers; beside as many PouchDBs and one
pouchdb-server, which sign, seal and flush nothing. Then what the database alone could take of the same rows
(COPY, 500 to a commit), and where the endpoint's time goes. The last line is JSON.
"""

import argparse
import asyncio
import gc
import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import peer
from bench.ground import endpoint, fresh, phones, postgres
from bench.push_profile import profiled
from sync.collector import spare_what_stays
from sync.push import push

Line = dict[str, float]
_COMMIT = 500


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--phones", type=int, default=50)
    parse.add_argument("--facts", type=int, default=200, help="that each phone has saved (200)")
    parse.add_argument("--rounds", type=int, default=3, help="turns of each (3)")
    parse.add_argument("--no-peer", action="store_true", help="without PouchDB, where npm cannot be reached")
    asked = parse.parse_args()
    if not asked.no_peer:
        peer.prepare()
    spare_what_stays()
    with TemporaryDirectory(prefix="rapp-bench-") as folder, postgres(Path(folder) / "pg") as uri:
        line = _measure(Path(folder), uri, asked)
    print(json.dumps({name: round(value, 3) for name, value in line.items()}))


def _measure(folder: Path, uri: str, asked: argparse.Namespace) -> Line:
    print(f"{asked.phones} phones with {asked.facts} facts each; {datetime.now(UTC):%Y-%m-%d}")
    kinds = {"sqlite_1": (False, 1), "postgres_1": (True, 1), "postgres_2": (True, 2)}
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    theirs: list[float] = []
    for turn in range(asked.rounds):
        for name, (on_postgres, workers) in kinds.items():
            with (
                TemporaryDirectory(dir=folder) as place,
                fresh(uri, f"storm_{name}_{turn}") if on_postgres else nullcontext() as url,
            ):
                taken[name].append(asyncio.run(_storm(Path(place), url, workers, asked.phones, asked.facts)))
        if not asked.no_peer:
            theirs.append(peer.storm_per_s(asked.phones, asked.facts))
    line = {f"{name}_facts_per_s": median(found) for name, found in taken.items()}
    for name, found in line.items():
        print(f"{name:28} {found:8.0f}")
    if theirs:
        line["pouchdb_facts_per_s"] = median(theirs)
        ratios = [ours / one for ours, one in zip(taken["postgres_2"], theirs, strict=True)]
        line["storm_vs_pouchdb"] = median(ratios)
        print(f"{'PouchDB':28} {line['pouchdb_facts_per_s']:8.0f}   x {line['storm_vs_pouchdb']:.2f}")
    line["copy_rows_per_s"] = _copied(uri, asked.phones * asked.facts)
    line["copy_limit_share"] = line["postgres_2_facts_per_s"] / line["copy_rows_per_s"]
    print(
        f"{'PostgreSQL, COPY alone':28} {line['copy_rows_per_s']:8.0f}   share {line['copy_limit_share']:.3f}"
    )
    return line | profiled(folder / "profile", 2000)


async def _storm(folder: Path, url: str | None, workers: int, many: int, facts: int) -> float:
    """Facts a second, from the first request to the last phone's last receipt."""
    with endpoint(folder / "endpoint", url, workers) as server:
        waiting = await phones(folder, server, many)
        for phone in waiting:
            phone.save(facts)
        gc.collect()  # What an earlier turn left is not searched again and again in this one.
        began = time.perf_counter()
        outcomes = await asyncio.gather(*(push(phone.store, phone.sessions()) for phone in waiting))
        seconds = time.perf_counter() - began
        assert sum(one.accepted for one in outcomes) == many * facts
        for phone in waiting:
            await phone.close()
    return many * facts / seconds


def _copied(uri: str, rows: int) -> float:
    """Rows of 1.2 KB a second that PostgreSQL takes when nothing is asked of them."""
    import psycopg

    body = b"x" * 1200
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE copied (id bigint PRIMARY KEY, body bytea)")
        connection.commit()
        began = time.perf_counter()
        for at in range(0, rows, _COMMIT):
            with connection.cursor().copy("COPY copied FROM STDIN") as copy:
                for n in range(at, min(at + _COMMIT, rows)):
                    copy.write_row((n, body))
            connection.commit()
        return rows / (time.perf_counter() - began)


if __name__ == "__main__":
    main()

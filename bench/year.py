"""A phone's file through a year in a unit: ``python -m bench.year [--days n] [--orders n]``.

Every dose, SBAR and report goes through the real store on a clock that is moved: half of them stated on this
phone, half coming in signed pages, purged day by day, fetched back when something is said of what has left.
Prints what the file takes and how many rows it has, week by week; the last line is JSON.
"""

import argparse
import json
import sqlite3
import tempfile
import time as clock
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

from msgspec import Struct

from bench.year_unit import DAY, FIRST, Endpoint, Size, Unit
from care.deviation import ReportDocument
from care.facts import Ref
from care.retention import note_of
from storage import Device, FileSecret, Statement, Store, Unlocked
from storage.keys import SCRYPT_N
from wire import signature
from wire.messages import Page, Receipt, Signed, Whole, opened
from wire.seal import public_of
from wire.signature import Context

PIN = "482913"
TABLES = ("facts", "documents", "outbox", "arrivals", "purged", "wanted", "notes")
BOUND = 1.15
"""The second half of a year may take so much more than weeks 6 to 10, when the first month has left."""


class Week(Struct, frozen=True):
    """The most that the file took in a week, with its log, and its rows at the end of it.

    ``longest_purge_ms``: of CPU, for one transaction of a purge.
    """

    number: int
    bytes: int
    rows: dict[str, int]
    fetched: int
    longest_purge_ms: float


class Year:
    """One phone, a carer and a nurse on it, and the unit around it."""

    def __init__(self, folder: Path, size: Size) -> None:
        self._path = folder / "rapp.db"
        self._now = datetime.combine(FIRST, time(6), tzinfo=UTC)
        self._device = str(uuid4())
        self._endpoint = Endpoint(self._device)
        self._unit = Unit(self._endpoint, size, self._save)
        self._store = Store.open(self._path, FileSecret(folder / "secret"), lambda: self._now, price=SCRYPT_N)
        self._store.enrol(self._phone())
        self._staff = (self._unit.carer, self._unit.nurse)
        self._people: list[Unlocked] = []
        self.saved = self.fetched = 0
        self._purging: list[float] = [0.0]
        self._unit.begin()

    def _phone(self) -> Device:
        return Device(
            id=self._device,
            unit=self._unit.id,
            unit_name="Granen",
            name="Granen 1",
            private=signature.new_key(),
            endpoint_url="",
            sign_public=signature.public_of(self._endpoint.sign),
            seal_public=public_of(self._endpoint.seal),
        )

    def _sign_in(self, staff: str, number: int) -> Unlocked:
        keys = (signature.new_key(), b"p" * 32, bytes([number]) * 32)
        return self._store.set_slot(staff, "Anna", "nurse", "sv", PIN, *keys, self._now + 400 * DAY)

    def _save(self, statement: Statement) -> None:
        self._people[0].save(statement)
        self.saved += 1

    def weeks(self, days: int) -> list[Week]:
        """Live through so many days, without what the PIN costs: it is meant to be slow."""
        with patch("storage.keys._kek", lambda pin, secret, salt, n: secret):
            self._people = [self._sign_in(one, n) for n, one in enumerate(self._staff)]
            return self._weeks(days)

    def _weeks(self, days: int) -> list[Week]:
        found: list[Week] = []
        most = 0
        for day in range(days):
            self._now = datetime.combine(FIRST + day * DAY, time(6), tzinfo=UTC)
            self._unit.pass_day(self._now)
            self._now += DAY / 2
            self._sync()
            most = max(most, self._size())
            if day % 7 == 6:
                self._put_down()
                found.append(Week(day // 7 + 1, most, self._rows(), self.fetched, max(self._purging)))
                most, self._purging = 0, [0.0]
        return found

    def close(self) -> None:
        self._store.close()

    def _sync(self) -> None:
        while sealed := self._store.waiting():
            results = tuple(self._endpoint.take(one) for one in sealed)
            receipt = Receipt(device=self._device, received=self._now, results=results)
            self._store.take_receipt(receipt, [one.id for one in sealed])
        carer, nurse = self._people
        self._pull(carer, f"unit:{self._unit.id}")
        self._pull(carer, f"staff:{carer.staff}")
        self._pull(nurse, f"nurse:{self._unit.id}")
        for told in carer.documents(ReportDocument.kind):
            name = note_of(told.kind, told.id)
            if carer.recall(name) is None:
                carer.remember(name, b"read")
        for who in self._people:
            self._fetch(who)
            began = clock.thread_time()
            for _ in self._store.tidy.purge(who, self._now):
                self._purging.append((clock.thread_time() - began) * 1000)
                began = clock.thread_time()

    def _pull(self, who: Unlocked, stream: str) -> None:
        at = self._store.cursor(stream, who)
        after = int(at.rpartition(".")[2]) if at else 0
        while answer := self._endpoint.page(stream, after, self._now):
            page = opened(answer, self._public, Context.PAGE, Page)
            self._store.take_page(page, who)
            after = page.upto

    def _fetch(self, who: Unlocked) -> None:
        for one in self._store.wanted(who):
            answer: Signed = self._endpoint.whole(one.ref, one.stream or f"unit:{self._unit.id}", self._now)
            whole = opened(answer, self._public, Context.WHOLE, Whole)
            self._store.take_whole(whole, who)
            assert not who.incomplete(*_of(one.ref))
            self.fetched += 1

    @property
    def _public(self) -> bytes:
        return signature.public_of(self._endpoint.sign)

    def _put_down(self) -> None:
        """Everybody locks; the file is written anew if that pays."""
        for who in self._people:
            who.lock()
        self._store.tidy.vacuum()
        self._people = [self._store.unlock(one, PIN) for one in self._staff]
        assert not any(who.damage for who in self._people)

    def _size(self) -> int:
        return sum(one.stat().st_size for one in self._path.parent.glob(f"{self._path.name}*"))

    def _rows(self) -> dict[str, int]:
        with closing(sqlite3.connect(self._path)) as rows:
            return {name: rows.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}


def _of(ref: Ref) -> tuple[str, str]:
    return ref.kind, ref.id


def growth(weeks: list[Week]) -> float:
    """The most of the second half, as a share of the most of weeks 6 to 10."""
    early = max(week.bytes for week in weeks[5:10])
    return max(week.bytes for week in weeks[len(weeks) // 2 :]) / early


def show(weeks: list[Week]) -> None:
    """Print the curve."""
    most = max(week.bytes for week in weeks)
    print(f"{'week':>4} {'MB':>6} {'facts':>6} {'docs':>6} {'fetched':>8} {'purge ms':>9}")
    for week in weeks:
        bar = "#" * round(40 * week.bytes / most)
        print(
            f"{week.number:4} {week.bytes / 1e6:6.2f} {week.rows['facts']:6} {week.rows['documents']:6}"
            f" {week.fetched:8} {week.longest_purge_ms:9.1f}  {bar}"
        )


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--days", type=int, default=364)
    parse.add_argument("--orders", type=int, default=70)
    asked = parse.parse_args()
    began = clock.perf_counter()
    with tempfile.TemporaryDirectory(prefix="rapp-year-") as folder:
        year = Year(Path(folder), Size(orders=asked.orders))
        weeks = year.weeks(asked.days)
        year.close()
    show(weeks)
    line = {
        "growth": round(growth(weeks), 3),
        "most_mb": round(max(week.bytes for week in weeks) / 1e6, 2),
        "saved": year.saved,
        "fetched": year.fetched,
        "rows": weeks[-1].rows,
        "seconds": round(clock.perf_counter() - began),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()

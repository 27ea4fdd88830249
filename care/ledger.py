"""The narcotics ledger: a person's preparation, month by month, with the balance carried over.

Worked out from all the months each time: what another phone sends late goes in where it happened, and every
balance after it is right. A count never changes a balance; it says how much is missing or too much.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from care.facts import Body
from care.order import Narcotic
from care.schedule import STOCKHOLM
from care.stock import Entry, StockDocument, StockUsed, StockWasted


class Row(Struct, frozen=True):
    """One line with the balance before and after it."""

    entry: Entry
    before: float
    after: float

    @property
    def difference(self) -> float:
        """How much more was counted than there was to be; below nought: how much is missing."""
        return 0.0 if self.entry.counted is None else tidy(self.entry.counted - self.before)

    @property
    def by_two(self) -> bool:
        """Whether a second person has signed it."""
        return bool(self.entry.witnesses)


class MonthPage(Struct, frozen=True):
    """One month: what was carried over, its lines, and what is carried on. Withdrawn lines are there, and
    count for nothing."""

    month: str
    opening: float
    rows: tuple[Row, ...]
    closing: float

    def sum_of(self, kind: str) -> float:
        """What the month's entries of a kind did to the balance."""
        return tidy(
            sum(row.entry.change for row in self.rows if row.entry.kind == kind and not row.entry.withdrawn)
        )


class Ledger(Struct, frozen=True):
    person: str
    preparation: str
    counted_in: str
    pages: tuple[MonthPage, ...]

    @property
    def balance(self) -> float:
        return self.pages[-1].closing if self.pages else 0.0

    @property
    def rows(self) -> list[Row]:
        """Every line that stands, by time."""
        return [row for page in self.pages for row in page.rows if not row.entry.withdrawn]

    @property
    def last_count(self) -> Row | None:
        """The last count by two."""
        return next((row for row in reversed(self.rows) if row.entry.kind == "counted" and row.by_two), None)

    @property
    def last_right_count(self) -> Row | None:
        """The last count by two where nothing differed: what happened since is what there is to look at."""
        counts = [row for row in self.rows if row.entry.kind == "counted" and row.by_two]
        return next((row for row in reversed(counts) if not row.difference), None)

    @property
    def differs(self) -> Row | None:
        """The last count, where it differs from the balance as it is known now and nothing has been adjusted
        for it."""
        counts = [row for row in self.rows if row.entry.kind == "counted"]
        if not counts or not counts[-1].difference:
            return None
        settled = any(
            row.entry.kind == "adjusted" and row.entry.count == counts[-1].entry.fact for row in self.rows
        )
        return None if settled else counts[-1]


def name_of(preparation: str) -> str:
    """The name that two writings of one preparation have in common."""
    return " ".join(preparation.casefold().split())


def ledgers(documents: Iterable[StockDocument]) -> list[Ledger]:
    """One for each person and preparation, by preparation."""
    found: dict[tuple[str, str], list[StockDocument]] = {}
    for document in documents:
        if document.person and document.entries:
            found.setdefault((document.person, name_of(document.preparation)), []).append(document)
    return [ledger(of) for _, of in sorted(found.items())]


def ledger(documents: Iterable[StockDocument]) -> Ledger:
    """The ledger of one person's preparation from its months, in whatever order."""
    months = sorted((one for one in documents if one.entries), key=lambda one: one.month)
    pages: list[MonthPage] = []
    balance = 0.0
    for month in months:
        opening, rows = balance, []
        for entry in sorted(month.entries, key=lambda one: one.order):
            after = tidy(balance + (0.0 if entry.withdrawn else entry.change))
            rows.append(Row(entry, balance, after))
            balance = after
        pages.append(MonthPage(month.month, opening, tuple(rows), balance))
    first = months[0] if months else StockDocument(id="")
    return Ledger(first.person or "", first.preparation, first.counted_in, tuple(pages))


def taken(drug: Narcotic, at: datetime, dose: str, used: float, wasted: float = 0.0) -> list[Body]:
    """What a dose takes from its ledger, as it is stated: what was given, and the rest of a broken one."""
    month = month_of(at)
    said: list[Body] = [
        StockUsed(
            preparation=drug.preparation, unit=drug.unit, month=month, at=at, amount=tidy(used), dose=dose
        )
    ]
    if tidy(wasted) > 0:
        said.append(
            StockWasted(
                preparation=drug.preparation,
                unit=drug.unit,
                month=month,
                at=at,
                amount=tidy(wasted),
                reason="left_over",
                dose=dose,
            )
        )
    return said


def tidy(amount: float) -> float:
    """Without what adding tenths leaves behind."""
    return round(amount, 3) + 0.0


def month_of(at: datetime) -> str:
    """The month of a moment in Sweden: "2026-03"."""
    return f"{at.astimezone(STOCKHOLM):%Y-%m}"


CheckState = Literal["done", "due", "late"]


class Check(Struct, frozen=True):
    """A count that is to be made in a period of months. ``done`` is the one that was."""

    first: str
    last: str
    state: CheckState
    done: Row | None = None


def checks(of: Ledger, every: int, today: date) -> list[Check]:
    """The counts by two since the ledger began, one in each period of `every` months of the year: monthly is
    1, four a year is 3."""
    if not of.pages:
        return []
    now = today.year * 12 + today.month - 1
    first = _number(of.pages[0].month)
    first -= first % every
    counts = [row for row in of.rows if row.entry.kind == "counted" and row.by_two]
    found = []
    for start in range(first, now + 1, every):
        end = start + every - 1
        made = [row for row in counts if start <= _number(month_of(row.entry.at)) <= end]
        state: CheckState = "done" if made else "late" if end < now else "due"
        found.append(Check(_name(start), _name(end), state, made[-1] if made else None))
    return found


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _name(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"

"""The narcotics ledger: balances carried from month to month, counts by two, and what is late."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.documents import fold
from care.facts import Body, Fact, Ref
from care.ids import stock_id
from care.ledger import Ledger, checks, ledger, ledgers, month_of, name_of
from care.schedule import STOCKHOLM
from care.stock import (
    StockAdjusted,
    StockCorrected,
    StockCounted,
    StockDocument,
    StockReceived,
    StockUsed,
    StockWasted,
    StockWitnessed,
)
from tests.statements import AMINA, KARIN, PERSON, TESFAY, fact, new_id

OXYNORM = "Oxynorm 5 mg"


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=STOCKHOLM)


def ref(when: datetime) -> Ref:
    return Ref("stock", stock_id(PERSON, name_of(OXYNORM), month_of(when)))


def entry(body: type[Body], when: datetime, author: str = AMINA, **more: Any) -> Fact:
    made = body(preparation=OXYNORM, unit="kapslar", month=month_of(when), at=when, **more)
    return fact(made, ref(when), at=when, author=author)


def seen(of: Fact, by: str) -> Fact:
    return fact(StockWitnessed(witnesses=of.id), of.aggregate, rank=of.rank + 1, at=of.at, author=by)


def read(*facts: Fact) -> Ledger:
    by: dict[str, list[Fact]] = {}
    for one in facts:
        by.setdefault(one.aggregate.id, []).append(one)
    folded = [fold("stock", id, of) for id, of in by.items()]
    return ledger(one for one in folded if isinstance(one, StockDocument))


RECEIVED = entry(StockReceived, at(1, 5), KARIN, amount=20)
USED = [entry(StockUsed, at(1, day), amount=1, dose=new_id()) for day in (6, 7)]


def test_in_used_and_wasted_make_the_balance_and_the_month_carries_it() -> None:
    wasted = entry(StockWasted, at(2, 1), amount=0.5, reason="dropped")
    found = read(wasted, *USED, RECEIVED)
    assert [(page.month, page.opening, page.closing) for page in found.pages] == [
        ("2026-01", 0, 18),
        ("2026-02", 18, 17.5),
    ]
    assert [(row.before, row.after) for row in found.pages[0].rows] == [(0, 20), (20, 19), (19, 18)]
    assert (found.pages[0].sum_of("received"), found.pages[0].sum_of("used")) == (20, -2)


def test_an_evening_of_the_last_is_of_the_month_that_the_clock_in_sweden_says() -> None:
    assert month_of(datetime.fromisoformat("2026-01-31T23:30:00+00:00")) == "2026-02"


def test_a_count_that_differs_changes_no_balance_and_stays_until_a_nurse_adjusts() -> None:
    count = entry(StockCounted, at(1, 8), counted=16, expected=18)
    two = read(RECEIVED, *USED, count, seen(count, TESFAY))
    assert two.balance == 18
    assert two.differs is not None
    assert two.differs.difference == -2
    assert two.differs.by_two
    adjusted = entry(
        StockAdjusted, at(1, 9), KARIN, change=-2, reason="Två uttag inte signerade", count=count.id
    )
    after = read(RECEIVED, *USED, count, adjusted)
    assert (after.balance, after.differs) == (16, None)


def test_what_is_found_afterwards_makes_the_count_right_without_adjusting() -> None:
    count = entry(StockCounted, at(1, 8), counted=16, expected=18)
    late = [entry(StockUsed, at(1, 7, hour), amount=1, dose=new_id()) for hour in (20, 21)]
    found = read(RECEIVED, *USED, count, seen(count, TESFAY), *late)
    assert (found.balance, found.differs) == (16, None)
    assert found.last_right_count is not None
    row = found.last_right_count
    assert (row.before, row.entry.expected) == (16, 18)


def test_nobody_witnesses_their_own_count() -> None:
    count = entry(StockCounted, at(1, 8), counted=18, expected=18)
    alone = read(RECEIVED, *USED, count, seen(count, AMINA))
    assert alone.last_count is None
    assert read(RECEIVED, *USED, count, seen(count, TESFAY)).last_count is not None


def test_an_entry_taken_back_is_still_a_line_and_counts_for_nothing() -> None:
    back = fact(StockCorrected(corrects=USED[1].id, reason="undo"), USED[1].aggregate, rank=2)
    found = read(RECEIVED, *USED, back)
    assert found.balance == 19
    assert len(found.pages[0].rows) == 3


def test_two_writings_of_a_preparation_are_one_ledger() -> None:
    assert name_of(" oxyNorm  5 MG ") == name_of(OXYNORM)
    folded = [fold("stock", one.aggregate.id, [one]) for one in (RECEIVED, USED[0])]
    assert len(ledgers(one for one in folded if isinstance(one, StockDocument))) == 1


@pytest.mark.parametrize(
    ("every", "states"),
    [(1, ["done", "late", "late", "due"]), (3, ["done", "due"])],
)
def test_counts_are_done_late_or_due_by_month_and_by_quarter(every: int, states: list[str]) -> None:
    count = entry(StockCounted, at(1, 30), counted=18, expected=18)
    found = read(RECEIVED, *USED, count, seen(count, TESFAY))
    assert [one.state for one in checks(found, every, date(2026, 4, 2))] == states
    alone = read(RECEIVED, *USED, count)
    assert "done" not in [one.state for one in checks(alone, every, date(2026, 4, 2))]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["in", "used", "wasted", "counted"]),
        st.integers(0, 70),
        st.sampled_from([0.5, 1.0, 2.0]),
    ),
    max_size=10,
)


@settings(max_examples=40)
@given(STEPS, st.randoms())
def test_the_balance_is_the_sum_of_what_happened_in_whatever_order_it_came(
    steps: list[tuple[str, int, float]], order: Any
) -> None:
    facts, expected = [], 0.0
    for kind, hours, amount in steps:
        when = at(1, 30) + timedelta(hours=hours)
        if kind == "in":
            facts.append(entry(StockReceived, when, amount=amount))
        elif kind == "used":
            facts.append(entry(StockUsed, when, amount=amount, dose=new_id()))
        elif kind == "wasted":
            facts.append(entry(StockWasted, when, amount=amount, reason="other"))
        else:
            facts.append(entry(StockCounted, when, counted=amount, expected=0))
        expected += {"in": amount, "counted": 0.0}.get(kind, -amount)
    whole = read(*facts)
    order.shuffle(facts)
    assert read(*facts) == whole
    assert whole.balance == expected
    carried = [page.closing for page in whole.pages[:-1]]
    assert [page.opening for page in whole.pages] == [0.0, *carried][: len(whole.pages)]

"""What is not told cannot be reckoned back from what is."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.small_numbers import ALL, LEAST, told

Key = tuple[str, ...]


def table(rows: list[list[int]]) -> dict[Key, int]:
    return {
        (f"r{at}", f"c{column}"): count
        for at, row in enumerate(rows)
        for column, count in enumerate(row)
        if count
    }


def test_large_numbers_and_zero_are_told() -> None:
    assert told({("a",): 5, ("b",): 70}) == {("a",): 5, ("b",): 70, (ALL,): 75}
    assert told({}) == {}
    assert told({(): 12}) == {(): 12}


@pytest.mark.parametrize(
    ("counts", "untold"),
    [
        ({("a",): 4, ("b",): 9, ("c",): 7}, {"a", "c"}),
        ({("a",): 1, ("b",): 2, ("c",): 9}, {"a", "b"}),
        ({("a",): 1, ("b",): 1, ("c",): 9}, {"a", "b", "c"}),
        ({("a",): 3}, {"a", ALL}),
        ({("a",): 1, ("b",): 1, ("c",): 1, ("d",): 1, ("e",): 1}, {"a", "b", "c", "d", "e", ALL}),
    ],
    ids=[
        "one alone takes the smallest with it",
        "two hide each other",
        "ones need a third",
        "a total",
        "all ones",
    ],
)
def test_others_go_with_a_small_number(counts: dict[Key, int], untold: set[str]) -> None:
    assert {key[0] for key, count in told(counts).items() if count is None} == untold
    assert told({(): 3}) == {(): None}


def possible(shown: Mapping[Key, int | None], counts: Mapping[Key, int]) -> dict[Key, set[int]]:
    """Every number that each untold part may be, for a reader who knows the rule and all that is told."""
    parts = sorted(counts)
    sizes = [[count] if (count := shown[key]) is not None else list(range(1, 11)) for key in parts]
    found: dict[Key, set[int]] = {key: set() for key in parts}
    sums = [key for key in shown if ALL in key and shown[key] is not None]
    within = {
        whole: [all(w in (ALL, p) for w, p in zip(whole, key, strict=True)) for key in parts]
        for whole in sums
    }
    for numbers in product(*sizes):
        if all(sum(n for n, of in zip(numbers, within[w], strict=True) if of) == shown[w] for w in sums):
            for key, number in zip(parts, numbers, strict=True):
                found[key].add(number)
    return found


@pytest.mark.parametrize("first", [0, 1, 2, 6])
def test_nobody_who_knows_the_rule_can_reckon_a_small_number_back(first: int) -> None:
    """Every table of two by two; where one stands in each row and column, the sum of all gave them away."""
    for second, third, last in product([0, 1, 2, 6], repeat=3):
        counts = table([[first, second], [third, last]])
        shown = told(counts)
        for key, numbers in possible(shown, counts).items():
            if counts[key] < LEAST:
                assert shown[key] is None
                assert len(numbers) > 1, (counts, shown)


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=5))
def test_no_sum_has_a_single_part_that_is_not_told(rows: list[list[int]]) -> None:
    shown = told(table(rows))
    for whole in shown:
        for at, value in enumerate(whole):
            if value == ALL:
                line = [key for key in shown if (*key[:at], ALL, *key[at + 1 :]) == whole and key != whole]
                assert sum(shown[key] is None for key in [whole, *line]) != 1

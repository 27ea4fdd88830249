"""Wherever the phone stops, what was confirmed is there afterwards, and nothing is there by half.

One shift is recorded with every write, sync and name; each state that a kill or a power cut can leave is laid
out from that and opened. docs/crash.md says how, and what is proved.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import pytest

from tests.crash import careless
from tests.crash.check import Lost
from tests.crash.points import KINDS, act_at, points, sample
from tests.crash.really import cut_power, kill, places
from tests.crash.recording import Failure, record, replay
from tests.crash.shift import SHIFT
from tests.crash.trace import Step, Word

Items = Sequence[Step | Word]
LEAST = 2000


@pytest.fixture(scope="module")
def shift() -> Items:
    return record()


def test_more_than_two_thousand_points_of_every_kind_in_every_act(shift: Items) -> None:
    every = points(shift)
    kinds = Counter(point.kind for point in every)
    assert len(every) > LEAST
    assert all(kinds[kind] for kind in KINDS)
    assert {act_at(point) for point in every} == {act.name for act in SHIFT}
    numbers = sample(every)
    chosen = [point for point in every if point.number in numbers]
    assert {point.kind for point in chosen} == set(KINDS)
    assert {point.said for point in chosen} == set(range(len(SHIFT) + 1))


@pytest.mark.timeout(600)
def test_what_was_confirmed_is_there_wherever_the_phone_stops(shift: Items) -> None:
    assert not _failures(shift, sample(points(shift)))


@pytest.mark.soak
def test_what_was_confirmed_is_there_at_every_point_where_the_phone_can_stop(shift: Items) -> None:
    assert not _failures(shift, None)


@pytest.mark.parametrize("carelessly", careless.WAYS)
def test_a_careless_store_is_found_out(carelessly: str) -> None:
    every_fifth = range(0, 10**6, 5)
    assert any(replay(record(carelessly), every_fifth)), f"{carelessly}: nothing was lost"


def test_a_process_that_is_really_killed_leaves_what_the_model_says(shift: Items) -> None:
    by_call: dict[str, list[Step]] = {}
    for step in places(shift):
        by_call.setdefault(step.call, []).append(step)
    for call in ("fdatasync", "ftruncate", "link", "pwrite64", "unlink"):
        step = by_call[call][len(by_call[call]) // 3]
        before = shift[: shift.index(step)]
        # Each run draws the same: a point of one recording is the same point in the next.
        assert kill(step) == sum(isinstance(item, Word) for item in before)


@pytest.mark.soak
@pytest.mark.parametrize("end", [kill, cut_power])
def test_real_kills_and_real_power_cuts_lose_nothing(shift: Items, end: Callable[[Step], object]) -> None:
    for step in places(shift):
        end(step)


@pytest.mark.soak
def test_a_real_power_cut_finds_out_a_store_that_does_not_sync(shift: Items) -> None:
    last = [step for step in places(shift) if step.call == "pwrite64"][-1]
    with pytest.raises(Lost):
        cut_power(last, "without sync")


def _failures(items: Items, wanted: Collection[int] | None) -> list[Failure]:
    return [outcome for outcome in replay(items, wanted) if outcome]

"""Re-timing keeps a slot's id: the dose stays the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.order import Slot
from care.order_times import slots_at

BEFORE = (Slot("m", "08:00"), Slot("e", "20:00", amount="2 tabletter"))
clocks = st.lists(st.times().map(lambda time: f"{time:%H:%M}"), min_size=1, max_size=6, unique=True)


@pytest.mark.parametrize(
    ("times", "ids"),
    [
        (["08:00", "20:00"], ["m", "e"]),
        (["08:30", "20:00"], ["m", "e"]),
        (["09:00", "21:00"], ["m", "e"]),
        (["20:00", "21:00"], ["e", "m"]),
        (["19:30"], ["e"]),
        (["08:00", "14:00", "20:00"], ["m", "1400", "e"]),
        (["07:00", "08:00", "20:00"], ["0700", "m", "e"]),
    ],
)
def test_a_time_that_moves_keeps_its_slot(times: list[str], ids: list[str]) -> None:
    assert [slot.id for slot in slots_at(times, 60, 60, BEFORE)] == ids


def test_a_slot_keeps_its_own_amount_and_gets_the_new_window() -> None:
    (slot,) = slots_at(["20:15"], 30, 45, BEFORE[1:])
    assert slot == Slot("e", "20:15", 30, 45, "2 tabletter")


def test_a_time_that_was_a_moved_slots_name_gets_another_name() -> None:
    moved = slots_at(["09:00"], 60, 60, slots_at(["08:00"], 60, 60))
    both = slots_at(["08:00", "09:00"], 60, 60, moved)
    assert [(slot.time, slot.id) for slot in both] == [("08:00", "0800-2"), ("09:00", "0800")]


@given(clocks, clocks)
def test_ids_are_never_shared_and_as_many_as_can_be_are_kept(first: list[str], second: list[str]) -> None:
    before = slots_at(first, 60, 60)
    after = slots_at(second, 60, 60, before)
    assert [slot.time for slot in after] == sorted(second)
    assert len({slot.id for slot in after}) == len(after)
    kept = {slot.id for slot in before} & {slot.id for slot in after}
    assert len(kept) == min(len(first), len(second))

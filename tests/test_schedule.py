"""Planned doses: one for each slot and date, through summer time, re-timing, pause and stop."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.errors import ScheduleError
from care.facts import Ref, body_of
from care.order import Narcotic, OrderPaused, OrderResumed, Pause, Slot, Step
from care.schedule import STOCKHOLM, local, on_day, planned
from tests.statements import NOON, ORDER, SLOT, fact, order, plan

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_daily_dose_is_planned_once_a_day_at_its_local_time() -> None:
    found = planned(order(), NOON, NOON + timedelta(days=7))
    assert [dose.at.astimezone(STOCKHOLM).strftime("%H:%M") for dose in found] == ["08:00"] * 7
    assert len({dose.id for dose in found}) == 7


def test_a_window_is_minutes_around_the_time() -> None:
    one = order((plan(slots=(Slot(SLOT, "08:00", before=30, after=90),)), LONG_AGO))
    dose = on_day(one, date(2026, 3, 14))[0]
    assert (dose.at - dose.opens, dose.closes - dose.at) == (timedelta(minutes=30), timedelta(minutes=90))


@pytest.mark.parametrize("new_time", ["07:30", "08:30", "13:00"])
@pytest.mark.parametrize("change_at", ["05:00", "07:45", "08:10", "12:00"])
def test_retiming_a_slot_never_makes_two_doses_of_one_nor_loses_it(new_time: str, change_at: str) -> None:
    day = date(2026, 3, 14)
    retimed = plan(slots=(Slot(SLOT, new_time),))
    before = on_day(order((plan(), LONG_AGO)), day)
    after = on_day(order((plan(), LONG_AGO), (retimed, local(day, change_at))), day)
    assert [dose.id for dose in after] == [dose.id for dose in before]
    has_passed = change_at > "08:00" and change_at > new_time
    assert after[0].at == local(day, "08:00" if has_passed else new_time)


def test_retiming_today_leaves_yesterday_as_it_was() -> None:
    day = date(2026, 3, 14)
    versions = (plan(), LONG_AGO), (plan(slots=(Slot(SLOT, "12:00"),)), local(day, "10:00"))
    found = [on_day(order(*versions), day + timedelta(days=away))[0].at for away in (-1, 0, 1)]
    assert [f"{at.astimezone(STOCKHOLM):%H:%M}" for at in found] == ["08:00", "12:00", "12:00"]


def test_a_slot_added_at_noon_makes_no_dose_before_noon() -> None:
    day = date(2026, 3, 14)
    more = plan(slots=(Slot(SLOT, "08:00"), Slot("early", "10:00"), Slot("evening", "20:00")))
    found = on_day(order((plan(), LONG_AGO), (more, local(day, "12:00"))), day)
    assert sorted(dose.slot for dose in found) == ["evening", SLOT]


def test_a_slot_left_out_is_dropped_from_then_on() -> None:
    day = date(2026, 3, 14)
    both = plan(slots=(Slot(SLOT, "08:00"), Slot("evening", "20:00")))
    none = plan(slots=())
    found = on_day(order((both, LONG_AGO), (none, local(day, "12:00"))), day)
    assert [dose.slot for dose in found] == [SLOT]


def test_an_october_night_with_two_half_past_two_has_one_dose() -> None:
    night = order((plan(slots=(Slot("night", "02:30"),)), LONG_AGO))
    found = planned(night, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert len(found) == 1


def test_a_window_on_an_october_night_is_as_long_as_on_any_other() -> None:
    night = order((plan(slots=(Slot("night", "02:30"),)), LONG_AGO))
    dose = planned(night, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))[0]
    assert dose.closes - dose.opens == timedelta(minutes=120)
    second_half_past_two = datetime(2026, 10, 25, 2, 45, tzinfo=STOCKHOLM, fold=1)
    assert second_half_past_two > dose.closes


def test_a_march_night_without_half_past_two_still_has_its_dose() -> None:
    night = order((plan(slots=(Slot("night", "02:30"),)), LONG_AGO))
    found = planned(night, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert [dose.at.astimezone(STOCKHOLM).strftime("%H:%M") for dose in found] == ["03:30"]


def test_an_amount_that_is_tapered_is_that_of_the_day() -> None:
    first = date(2026, 3, 14)
    steps = (Step(first + timedelta(days=2), "4 tabletter"), Step(first + timedelta(days=4), "2 tabletter"))
    tapered = order((plan(steps=steps, start=first, amount="6 tabletter"), LONG_AGO))
    found = planned(tapered, local(first, "00:00"), local(first, "00:00") + timedelta(days=6))
    assert [dose.plan.amount[0] for dose in found] == ["6", "6", "4", "4", "2", "2"]


def test_a_time_of_day_may_have_its_own_amount_and_what_it_draws_of_a_narcotic() -> None:
    slots = (Slot(SLOT, "08:00"), Slot("night", "21:00", amount="2 kapslar", quantity=2))
    oxynorm = plan(slots=slots, amount="1 kapsel", narcotic=Narcotic("Oxynorm 5 mg", "kapslar", 1))
    found = on_day(order((oxynorm, LONG_AGO)), date(2026, 3, 14))
    drawn = [(dose.plan.amount, dose.plan.narcotic and dose.plan.narcotic.per_dose) for dose in found]
    assert drawn == [("1 kapsel", 1), ("2 kapslar", 2)]


@pytest.mark.parametrize(("resumed", "expected"), [(2, [14, 16, 17]), (0, [14, 15, 16, 17])])
def test_a_pause_ends_when_the_person_comes_back(resumed: int, expected: list[int]) -> None:
    one = order()
    pause = fact(OrderPaused(start=NOON, cause="hospital"), Ref("order", ORDER), rank=2)
    back = OrderResumed(pause=pause.id, at=NOON + timedelta(days=resumed) - timedelta(hours=12))
    for said in (pause, fact(back, Ref("order", ORDER), rank=3)):
        body = body_of(said)
        assert body is not None
        one.apply(said, body)
    start = datetime(2026, 3, 14, tzinfo=STOCKHOLM)
    assert [dose.day.day for dose in planned(one, start, start + timedelta(days=4))] == expected


def test_pause_and_stop_leave_out_what_they_cover() -> None:
    one = order()
    one.pauses.append(Pause(NOON + timedelta(days=1), NOON + timedelta(days=3)))
    one.stopped = NOON + timedelta(days=5)
    days = [dose.day.day for dose in planned(one, NOON, NOON + timedelta(days=9))]
    assert days == [15, 18, 19]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=2", [1, 3, 5, 7]),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", [2, 4, 6]),
        ("FREQ=DAILY;COUNT=3", [1, 2, 3]),
    ],
)
def test_days_follow_the_rule(days: str, expected: list[int]) -> None:
    one = order((plan(days=days, start=date(2026, 3, 1)), LONG_AGO))
    start = datetime(2026, 3, 1, tzinfo=STOCKHOLM)
    assert [dose.day.day for dose in planned(one, start, start + timedelta(days=7))] == expected


@pytest.mark.parametrize("broken", [plan(days="FREQ=NEVER"), plan(slots=(Slot("x", "25:00"),))])
def test_a_rule_that_cannot_be_read_is_a_schedule_error(broken: object) -> None:
    with pytest.raises(ScheduleError):
        on_day(order((broken, LONG_AGO)), date(2026, 3, 14))  # type: ignore[arg-type]


@given(st.dates(date(2026, 1, 2), date(2028, 1, 1)), st.times())
def test_every_day_has_its_dose_whatever_the_clocks_do(day: date, clock: object) -> None:
    time = f"{clock:%H:%M}"
    found = on_day(order((plan(slots=(Slot("s", time),)), LONG_AGO)), day)
    assert len(found) == 1
    assert found[0].at.astimezone(STOCKHOLM).date() == day

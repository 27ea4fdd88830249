"""Rules of days: the same days as the library that walks them, and never longer than a moment."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from care.errors import ScheduleError
from care.order import Slot
from care.order_check import faults
from care.recurrence import recurrence
from care.schedule import falls_on, on_day
from tests.statements import order, plan

FIRST = date(2026, 1, 5)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _joined(values: object) -> str:
    return ",".join(map(str, sorted(values)))  # type: ignore[call-overload]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that name a day within some years: the library walks for seconds after one that names none."""
    every = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = {"FREQ": every, "INTERVAL": str(draw(st.integers(1, 3)))}
    spans = every in ("MONTHLY", "YEARLY")
    if draw(st.booleans()):
        parts["BYMONTH"] = _joined(draw(st.sets(st.integers(1, 12), min_size=1)))
    kind = draw(st.sampled_from(("", "each", "nth", "monthday", "both")))
    if kind in ("each", "both"):
        parts["BYDAY"] = _joined(draw(st.sets(st.sampled_from(_DAYS), min_size=1)))
    if kind == "nth" and spans:
        nth = st.builds(str.__add__, st.sampled_from(("1", "+2", "-1")), st.sampled_from(_DAYS))
        parts["BYDAY"] = _joined(draw(st.sets(nth, min_size=1, max_size=4)))
    if kind in ("monthday", "both"):
        most = 28 if "BYMONTH" in parts or kind == "both" else 31
        days = st.integers(-most, most).filter(bool)
        parts["BYMONTHDAY"] = _joined(draw(st.sets(days, min_size=1, max_size=6)))
    if spans and kind and draw(st.booleans()):
        parts["BYSETPOS"] = draw(st.sampled_from(("1", "-1", "1,-1", "2,1")))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(_DAYS))
    name, value = draw(
        st.sampled_from(
            (("", ""), ("COUNT", "3"), ("COUNT", "40"), ("UNTIL", "20270301"), ("UNTIL", "20270301T000000"))
        )
    )
    return ";".join(f"{name}={value}" for name, value in [*parts.items(), (name, value)] if name)


@given(rules(), st.dates(date(2025, 1, 1), date(2028, 12, 31)))
@settings(max_examples=200)
def test_a_rule_names_the_days_that_the_library_walks_to(rule: str, first: date) -> None:
    walked = set()
    for at in rrulestr(rule, dtstart=datetime(first.year, first.month, first.day)):
        if at.date() > first + timedelta(days=800):
            break
        walked.add(at.date())
    found = recurrence(rule, first)
    assert {day for number in range(800) if found.names(day := first + timedelta(days=number))} == {
        day for day in walked if day < first + timedelta(days=800)
    }


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;COUNT=9999;BYMONTHDAY=31;BYMONTH=4",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=53;COUNT=9999",
    ],
)
@pytest.mark.parametrize("first", [FIRST, date.min, date.max])
def test_a_rule_that_names_hardly_a_day_is_answered_at_once(rule: str, first: date) -> None:
    began = time.perf_counter()
    for number in range(0, 400, 7):
        recurrence(rule, first).names(FIRST + timedelta(days=number))
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999999999999999999",
        "FREQ=DAILY;COUNT=1;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20271301",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=8",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=٣",
        "FREQ=YEARLY;BYMONTH=13",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY\nEXDATE:20260101",
        "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 300),
    ],
)
def test_what_does_not_name_days_is_refused_in_words(rule: str) -> None:
    with pytest.raises(ScheduleError):
        falls_on(plan(days=rule, start=FIRST), FIRST)
    assert [fault.field for fault in faults(plan(days=rule, start=FIRST))] == ["days"]


def test_weekdays_and_the_nth_of_them_are_all_named() -> None:
    # The library takes only what is both; RFC 5545, 3.3.10: each of them is added.
    found = recurrence("FREQ=MONTHLY;BYDAY=MO,-1FR", FIRST)
    january = [day for number in range(1, 32) if found.names(day := date(2026, 1, number))]
    assert [day.day for day in january] == [5, 12, 19, 26, 30]


def test_a_window_that_leaves_the_calendar_is_refused() -> None:
    one = order((plan(slots=(Slot("m", "08:00", before=10**12),)), datetime(2026, 1, 1, tzinfo=UTC)))
    with pytest.raises(ScheduleError):
        on_day(one, FIRST)

"""When something is to be done: plain Swedish in, an RFC 5545 rule, and words back."""

from datetime import date, datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from care.days import Days, of_rule, words
from care.days_said import Said, moment, read
from endpoint.console.texts import texts

SAY = texts("sv")


@pytest.mark.parametrize(
    ("text", "rule", "times"),
    [
        ("var dag 08 och 20", "FREQ=DAILY", "08:00 20:00"),
        ("varje dag kl 8, 14 och 20", "FREQ=DAILY", "08:00 14:00 20:00"),
        ("08.30", "FREQ=DAILY", "08:30"),
        ("dagligen 21:15", "FREQ=DAILY", "21:15"),
        ("morgon och kväll", "FREQ=DAILY", "08:00 20:00"),
        ("varannan dag 08", "FREQ=DAILY;INTERVAL=2", "08:00"),
        ("var tredje dag klockan 9", "FREQ=DAILY;INTERVAL=3", "09:00"),
        ("var 10:e dag 9", "FREQ=DAILY;INTERVAL=10", "09:00"),
        ("mån ons fre 10", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "10:00"),
        ("Måndag, onsdag och fredag kl. 10:00", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "10:00"),
        ("vardagar 07:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "07:30"),
        ("helger 09", "FREQ=WEEKLY;BYDAY=SA,SU", "09:00"),
        ("tisdagar varannan vecka 13", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "13:00"),
        ("varje vecka 13", "FREQ=WEEKLY", "13:00"),
        ("var fjärde vecka tors 10", "FREQ=WEEKLY;INTERVAL=4;BYDAY=TH", "10:00"),
        ("den 1 varje månad 10", "FREQ=MONTHLY;BYMONTHDAY=1", "10:00"),
        ("den 1 och 15 varje månad kl 10 och 20", "FREQ=MONTHLY;BYMONTHDAY=1,15", "10:00 20:00"),
        ("var tredje månad 10", "FREQ=MONTHLY;INTERVAL=3", "10:00"),
        ("en gång 14:30", "FREQ=DAILY;COUNT=1", "14:30"),
    ],
)
def test_plain_swedish_is_read(text: str, rule: str, times: str) -> None:
    said = read(text)
    assert isinstance(said, Said), said
    assert (said.days.rule, " ".join(said.times)) == (rule, times)


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("var dag 25", "25"),
        ("var dag 08:75", "08:75"),
        ("när det behövs", "när"),
        ("varannan dag mån 08", "mån 08"),
        ("nyårsafton 10", "nyårsafton"),
        ("den 5 10", "den"),
        ("en gång varje vecka 8", "en gång"),
    ],
)
def test_what_is_not_understood_is_named(text: str, strange: str) -> None:
    found = read(text)
    assert isinstance(found, str)
    assert found.strip() == strange


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "varje dag"),
        ("FREQ=DAILY;INTERVAL=2", "varannan dag"),
        ("FREQ=DAILY;INTERVAL=3", "var 3:e dag"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "mån, ons och fre"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "vardagar"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "tis, varannan vecka"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "den 1 och 15 varje månad"),
        ("FREQ=DAILY;COUNT=1", "en gång"),
        ("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"),
    ],
)
def test_a_rule_is_said_in_words_and_one_without_words_as_it_is(rule: str, said: str) -> None:
    assert words(rule, SAY) == said


every = (
    st.builds(
        Days,
        st.just("day"),
        st.integers(1, 40),
    )
    | st.builds(
        lambda interval, days: Days("week", interval, tuple(sorted(days))),
        st.integers(1, 8),
        st.sets(st.integers(0, 6)),
    )
    | st.builds(
        lambda interval, days: Days("month", interval, (), tuple(sorted(days))),
        st.integers(1, 12),
        st.sets(st.integers(1, 31), max_size=4),
    )
)


@given(every)
def test_days_become_a_rule_and_the_rule_the_same_days(days: Days) -> None:
    rrulestr(days.rule, dtstart=datetime(2026, 3, 1))
    assert of_rule(days.rule) == days


@given(every)
def test_what_is_said_of_a_rule_reads_back_as_the_same_rule(days: Days) -> None:
    said = read(f"{words(days.rule, SAY)} kl 08")
    assert isinstance(said, Said), said
    assert said.days.rule == days.rule


@given(st.text(alphabet="abdegikmnorstvåäö 0123456789:.,", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = read(text)
    if isinstance(found, Said):
        rrulestr(found.days.rule, dtstart=datetime(2026, 3, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("08", "2026-03-14T08:00+01:00"),
        ("I dag 18.30", "2026-03-14T18:30+01:00"),
        ("i morgon kl 8", "2026-03-15T08:00+01:00"),
        ("2026-03-29 12", "2026-03-29T12:00+02:00"),
        ("mån 10", None),
        ("var dag 10", "2026-03-14T10:00+01:00"),
        ("varannan dag 10", None),
        ("08 och 20", None),
        ("i morgon", None),
        ("1026-03-14 08", None),
        ("", None),
    ],
)
def test_a_moment_is_of_one_day_and_one_time(text: str, said: str | None) -> None:
    found = moment(text, date(2026, 3, 14))
    assert found == (datetime.fromisoformat(said) if said else None)

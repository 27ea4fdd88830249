"""Given as needed: the most in any rolling 24 hours, the interval, and when again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.as_needed import ROLLING, Blocked, MayGive, effect_due, givings, may_give, over, total
from care.documents import fold
from care.facts import Ref
from care.order import AsNeeded, OrderDocument, Pause
from care.prn import PrnCorrected, PrnDocument, PrnEffect, PrnGiven
from care.schedule import STOCKHOLM
from tests.statements import NOON, ORDER, fact, new_id, order, plan

ALVEDON = AsNeeded("Smärta", 4, 3000, "mg", 1000)


def alvedon(limit: AsNeeded = ALVEDON) -> OrderDocument:
    return order((plan(slots=(), as_needed=limit), NOON - timedelta(days=60)))


def giving(at: datetime, quantity: float = 1000, unit: str = "mg") -> PrnDocument:
    body = PrnGiven(
        order=ORDER, performed=at, amount="2 tabletter", quantity=quantity, unit=unit, order_fact="f"
    )
    ref = Ref("prn", new_id())
    found = fold("prn", ref.id, [fact(body, ref, at=at)])
    assert isinstance(found, PrnDocument)
    return found


def local(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}").replace(tzinfo=STOCKHOLM)


YESTERDAY = [giving(local(13, clock)) for clock in ("09:00", "15:00", "21:00")]


def test_at_the_most_it_is_blocked_with_the_next_possible_time() -> None:
    found = may_give(alvedon(), YESTERDAY, local(14, "08:30"))
    assert found == Blocked("most", 3000, local(13, "21:00"), local(14, "09:00"))


def test_a_giving_exactly_a_day_ago_counts_no_more() -> None:
    assert may_give(alvedon(), YESTERDAY, local(14, "09:00")) == MayGive(2000, local(13, "21:00"), 0)


def test_too_soon_after_the_last_is_said_to_be_that() -> None:
    found = may_give(alvedon(), [giving(NOON)], NOON + timedelta(hours=3, minutes=59))
    assert found == Blocked("interval", 1000, NOON, NOON + timedelta(hours=4))
    assert isinstance(may_give(alvedon(), [giving(NOON)], NOON + timedelta(hours=4)), MayGive)


def test_what_was_taken_back_counts_for_nothing() -> None:
    ref = Ref("prn", new_id())
    body = PrnGiven(order=ORDER, performed=NOON, amount="2", quantity=1000, unit="mg", order_fact="f")
    first = fact(body, ref)
    back = fact(PrnCorrected(corrects=first.id, reason="wrong_person"), ref, rank=2)
    found = fold("prn", ref.id, [back, first])
    assert isinstance(found, PrnDocument)
    assert found.given is None
    assert found.signatures[0].why_withdrawn == "wrong_person"
    assert may_give(alvedon(), [found], NOON) == MayGive(0, None, 2000)


def test_an_interval_of_a_night_with_25_hours_is_hours_and_not_what_the_clock_says() -> None:
    before = datetime(2026, 10, 25, 0, 30, tzinfo=STOCKHOLM)
    four = datetime(2026, 10, 25, 3, 30, tzinfo=STOCKHOLM)  # three by the clock, four hours
    assert isinstance(may_give(alvedon(), [giving(before)], four), MayGive)
    assert isinstance(may_give(alvedon(), [giving(before)], four - timedelta(minutes=1)), Blocked)


@pytest.mark.parametrize(
    ("limit", "why"),
    [(AsNeeded("Smärta", 4, 3000, "mg"), "not_worked_out"), (AsNeeded("x", 4, 500, "mg", 1000), "too_large")],
)
def test_a_limit_that_says_nothing_is_no_permission(limit: AsNeeded, why: str) -> None:
    found = may_give(alvedon(limit), [], NOON)
    assert isinstance(found, Blocked)
    assert (found.why, found.next) == (why, None)


def test_paused_stopped_and_ended_orders_are_not_given() -> None:
    paused, stopped = alvedon(), alvedon()
    paused.pauses.append(Pause(NOON - timedelta(hours=1)))
    stopped.stopped = NOON
    ended = order((plan(slots=(), as_needed=ALVEDON, end=NOON.date() - timedelta(days=1)), NOON))
    found = [may_give(one, [], NOON) for one in (paused, stopped, ended)]
    assert [one.why for one in found if isinstance(one, Blocked)] == ["paused", "ended", "ended"]


def test_what_another_phone_gave_shows_afterwards_as_too_much() -> None:
    known_here = [YESTERDAY[0], YESTERDAY[2]]
    here = giving(local(14, "08:30"))
    assert isinstance(may_give(alvedon(), known_here, local(14, "08:30")), MayGive)
    assert [one.prn for one in over(alvedon(), [*YESTERDAY, here])] == [here.id]


def test_a_giving_of_an_earlier_unit_counts_as_one_of_todays() -> None:
    assert [one.quantity for one in givings(alvedon(), [giving(NOON, 2, "tabletter")])] == [1000]


def test_the_effect_is_asked_for_once_after_its_time() -> None:
    ref = Ref("prn", new_id())
    body = PrnGiven(order=ORDER, performed=NOON, amount="2", quantity=1000, unit="mg", order_fact="f")
    first = fact(body, ref)
    told = fact(PrnEffect(help="good", need=2), ref, rank=2)
    asked = [fold("prn", ref.id, facts) for facts in ([first], [first, told])]
    found = [effect_due(alvedon(), one) for one in asked if isinstance(one, PrnDocument)]
    assert found == [NOON + timedelta(minutes=60), None]


MOMENTS = st.lists(st.integers(0, 60 * 72), max_size=12)


@given(
    MOMENTS,
    st.integers(0, 60 * 72),
    st.sampled_from([1.0, 4.0, 6.0, 30.0]),
    st.sampled_from([1000.0, 2500.0, 3000.0]),
)
def test_the_next_time_is_allowed_and_nothing_before_it_is(
    minutes: list[int], now_minutes: int, hours: float, most: float
) -> None:
    limit = AsNeeded("Smärta", hours, most, "mg", 1000)
    start = datetime(2026, 3, 27, tzinfo=UTC)
    known = [giving(start + timedelta(minutes=at)) for at in minutes]
    now = start + timedelta(minutes=now_minutes)
    found = may_give(alvedon(limit), known, now)
    if isinstance(found, MayGive):
        assert total(givings(alvedon(limit), known), now) + 1000 <= most
        assert all(one.at + timedelta(hours=hours) <= now for one in givings(alvedon(limit), known))
        return
    assert found.next is not None
    assert isinstance(may_give(alvedon(limit), known, found.next), MayGive)
    assert isinstance(may_give(alvedon(limit), known, found.next - timedelta(seconds=1)), Blocked)


@given(MOMENTS)
def test_whoever_heeds_what_is_known_is_never_over_the_most(minutes: list[int]) -> None:
    start = datetime(2026, 3, 27, tzinfo=UTC)
    known: list[PrnDocument] = []
    for at in sorted(minutes):
        now = start + timedelta(minutes=at)
        if isinstance(may_give(alvedon(), known, now), MayGive):
            known.append(giving(now))
    given = givings(alvedon(), known)
    assert all(total([g for g in given if g.at <= one.at], one.at) <= 3000 for one in given)
    assert over(alvedon(), known) == []
    assert all(later.at - first.at >= ROLLING for first, later in zip(given, given[3:], strict=False))

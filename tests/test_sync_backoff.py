"""Waiting before the next try: close at first, far later, never in step with other phones."""

import random

from sync.backoff import CEILING_S, EAGER_CEILING_S, EAGER_S, Backoff


def tries(backoff: Backoff, seconds: float) -> list[tuple[float, float]]:
    """(when, how long it then waits), for as long as the endpoint is away."""
    now, found = 0.0, []
    while now < seconds:
        pause = backoff.failed(now)
        found.append((now, pause))
        now += pause
    return found


def test_in_the_first_half_minute_coverage_is_noticed_within_two_seconds() -> None:
    early = [pause for at, pause in tries(Backoff(random.Random(1)), EAGER_S)]
    assert 15 < len(early) < 100
    assert max(early) <= EAGER_CEILING_S


def test_later_tries_are_rare_and_never_further_apart_than_a_minute() -> None:
    late = [pause for at, pause in tries(Backoff(random.Random(2)), 3600) if at > 300]
    assert max(late) <= CEILING_S
    assert 20 < sum(late) / len(late) < 40


def test_a_thousand_phones_do_not_come_back_together() -> None:
    firsts = sorted(Backoff(random.Random(seed)).failed(0.0) for seed in range(1000))
    busiest = max(sum(1 for one in firsts if at <= one < at + 0.1) for at in firsts)
    assert busiest < 120


def test_what_the_endpoint_asks_for_is_the_least_that_is_waited() -> None:
    backoff = Backoff(random.Random(3))
    pauses = [backoff.failed(0.0, retry_after=30) for _ in range(100)]
    assert min(pauses) >= 30
    assert len(set(pauses)) == 100


def test_no_header_silences_a_phone_for_a_day() -> None:
    assert Backoff(random.Random(4)).failed(0.0, retry_after=86_400) < 1000


def test_a_reset_begins_with_short_waits_again() -> None:
    backoff = Backoff(random.Random(5))
    tries(backoff, 1000)
    backoff.reset()
    assert max(backoff.failed(2000.0) for _ in range(10)) <= EAGER_CEILING_S

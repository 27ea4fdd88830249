"""The phone locks by itself, but never under a call."""

from datetime import timedelta

import pytest

from tests.statements import NOON
from views.model.attention import Attention


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(("after", "locks"), [(9.9, False), (10, True)])
def test_idle_time_locks(after: float, locks: bool) -> None:
    assert Attention(NOON).over(NOON + minutes(after)) is locks


@pytest.mark.parametrize(("after", "locks"), [(1.9, False), (2, True)])
def test_a_phone_that_was_put_away_locks(after: float, locks: bool) -> None:
    attention = Attention(NOON)
    attention.hide(NOON)
    assert attention.over(NOON + minutes(after)) is locks


@pytest.mark.parametrize(("after", "locks"), [(14.9, False), (15, True)])
def test_calling_never_locks_the_script_away(after: float, locks: bool) -> None:
    attention = Attention(NOON)
    attention.calls(NOON)
    attention.hide(NOON)
    assert attention.over(NOON + minutes(after)) is locks


def test_whoever_touches_it_keeps_it_open() -> None:
    attention = Attention(NOON)
    attention.hide(NOON)
    attention.touch(NOON + minutes(1))
    assert not attention.over(NOON + minutes(10))

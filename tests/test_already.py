"""Told afterwards: what counts is when it was done."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.statements import NOON
from views.screens.already import offered
from views.texts import Texts

LOOK: Any = SimpleNamespace(t=Texts.load("sv"))


def task(minutes_ago: int) -> Any:
    return SimpleNamespace(dose=SimpleNamespace(at=NOON - timedelta(minutes=minutes_ago)))


def test_the_planned_time_is_offered_once_it_has_passed() -> None:
    found = offered(LOOK, NOON - timedelta(minutes=40), NOON)
    assert found["planned"] == ("Klockan 12:20, som planerat", NOON - timedelta(minutes=40))
    assert "planned" not in offered(LOOK, NOON - timedelta(minutes=-40), NOON)


@pytest.mark.parametrize(("key", "minutes"), [("0", 0), ("15", 15), ("60", 60)])
def test_some_time_ago_is_that_time(key: str, minutes: int) -> None:
    assert offered(LOOK, NOON, NOON)[key][1] == NOON - timedelta(minutes=minutes)

"""Which times of a body are looked at: all of them, wherever they stand."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

import care.aggregates  # noqa: F401
from care.facts import Body, known_bodies
from endpoint.body_times import _fields, within

GOOD, NAIVE, FAR = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1), datetime(2250, 1, 1, tzinfo=UTC)


class Inner(msgspec.Struct):
    at: datetime | None = None
    deeper: "list[Inner]" = msgspec.field(default_factory=list)


class Told(Body, frozen=True, kw_only=True):
    at: datetime | None = None
    text: str = ""
    whatever: Any = None
    one: Inner | None = None
    many: tuple[Inner, ...] = ()
    named: dict[str, datetime] = msgspec.field(default_factory=dict)


@pytest.mark.parametrize("bad", [NAIVE, FAR])
def test_a_time_counts_wherever_it_stands(bad: datetime) -> None:
    for good, wrong in (
        (Told(at=GOOD), Told(at=bad)),
        (Told(whatever=[{"a": GOOD}]), Told(whatever=[{"a": bad}])),
        (Told(one=Inner(GOOD)), Told(one=Inner(bad))),
        (Told(many=(Inner(GOOD),)), Told(many=(Inner(GOOD), Inner(deeper=[Inner(bad)])))),
        (Told(named={"x": GOOD}), Told(named={"x": bad})),
    ):
        assert within(good)
        assert not within(wrong)


def test_only_what_can_hold_no_time_is_passed_by() -> None:
    assert _fields(Told) == ("at", "whatever", "one", "many", "named")
    for body in known_bodies().values():
        looked_at = _fields(body)
        for field in msgspec.structs.fields(body):
            if "datetime.datetime" in repr(field.type) or field.type is datetime:
                assert field.name in looked_at, (body, field.name)

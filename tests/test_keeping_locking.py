"""An entry is locked after its unit's days; until then it may be corrected, from then on only added to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.documents import fold
from care.dose import DoseGiven
from care.facts import Ref
from care.locking import is_locked, lock_day, locked
from care.unit import Settings
from tests.console_world import World, world
from tests.statements import NOON, fact, new_id

NIGHT = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
"""Half past midnight on the 15th, in Sweden."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def test_the_day_is_swedens_and_the_lock_closes_at_its_beginning() -> None:
    assert lock_day(NIGHT, 14).isoformat() == "2026-03-29"
    # That night the clocks are put forward: the 29th begins at 23:00 UTC.
    assert not is_locked(NIGHT, datetime(2026, 3, 28, 22, 59, tzinfo=UTC), 14)
    assert is_locked(NIGHT, datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 14)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 100), st.integers(1, 90))
def test_what_is_locked_stays_locked_and_longer_days_never_lock_earlier(
    stated: datetime, passed: int, days: int
) -> None:
    if not 2001 < stated.year < 2190:
        return
    now = stated + timedelta(days=passed)
    assert is_locked(stated, now, days) == (passed >= days) or abs(passed - days) <= 1
    assert is_locked(stated, now, days) <= is_locked(stated, now + timedelta(hours=7), days)
    assert is_locked(stated, now, days + 1) <= is_locked(stated, now, days)


def test_a_document_is_locked_by_the_entry_that_it_began_with() -> None:
    body = DoseGiven(order=new_id(), planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    first = fact(body, Ref("dose", new_id()))
    later = fact(body, first.aggregate, rank=2, at=NOON + timedelta(days=10))
    document = fold("dose", first.aggregate.id, [later, first])
    days = Settings().lock_after_days
    assert days == 14
    assert not locked(document, NOON + timedelta(days=13), days)
    assert locked(document, NOON + timedelta(days=14), days)
    assert not locked(fold("dose", new_id(), []), NOON, days)


async def test_the_case_says_when_it_is_locked_and_that_it_has_been(here: World) -> None:
    new, old = await here.deviation(), await here.deviation(ago=60 * 24 * 20)
    await here.sign_in("Karin Ström")
    assert "Låses " in unescape(await here.see(f"/deviations/{new}"))
    page = unescape(await here.see(f"/deviations/{old}"))
    assert "Låst " in page
    assert "En rättelse läggs till, och båda finns kvar." in page
    sbar = await here.sbar()
    assert "Låses " in unescape(await here.see(f"/inbox/{sbar}"))

"""A control on SQLite and on PostgreSQL: two who draw at once, what is due, what is open."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import keys
from endpoint.audit.log import Entry, note
from endpoint.log_control import control, drawing, due, investigating, judging
from tests.endpoint_table import database
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url"]

GRANEN, CHIEF = "granen", "maria"


def reading(person: str, at: datetime) -> Entry:
    return Entry(
        at=at, staff="ann", device="d", unit=GRANEN, person=person, act="read", what="sign", role="", law=""
    )


async def test_two_who_draw_at_once_get_the_same_control(database_url: str | None, tmp_path: Path) -> None:
    with database(database_url, tmp_path) as here:
        now = datetime(2026, 11, 3, 9, tzinfo=UTC)
        read_at = [datetime(2026, 10, 5, 8, minute, tzinfo=UTC) for minute in range(40)]
        entries = [reading(f"p{at.minute}", at) for at in read_at]
        here.write_now(lambda c: note(c, entries, read_at[-1]))
        granen = UnitDocument(id=GRANEN, name="Granen")
        held = keys.load(tmp_path / "endpoint.keys", here)
        drawn = [
            here.read_now(lambda c: drawing.draw_month(c, granen, date(2026, 10, 1), CHIEF, now))
            for _ in range(2)
        ]
        kept = await asyncio.gather(*(here.write(lambda c, one=one: drawing.keep(c, one)) for one in drawn))
        assert kept[0] == kept[1]
        assert here.read_now(lambda c: drawing.redraw(c, kept[0])).same
        assert here.read_now(lambda c: len(due.reminders(c, [granen], now))) == 1
        whole = here.read_now(lambda c: control.get(c, kept[0]))
        chief = StaffDocument(id=CHIEF, name="Maria Nyberg", title="unit_manager")

        def close(connection: Any) -> None:
            judging.decide(connection, whole.id, 1, "investigate", "Varför?", CHIEF, now)
            for number in judging.left(control.get(connection, whole.id), CHIEF):
                judging.decide(connection, whole.id, number, "entitled", "", CHIEF, now)
            judging.close(connection, held, whole.id, chief, now)

        here.write_now(close)
        standing = here.read_now(lambda c: due.standings(c, [granen], now, 1))[0]
        assert (standing.state, standing.rows, standing.investigate) == ("done", len(whole.rows), 1)
        assert here.read_now(lambda c: due.open_cases(c, [GRANEN])) == 1
        assert here.read_now(lambda c: due.open_cases(c, [GRANEN], handed=True)) == 0
        assert here.read_now(lambda c: [one.state for one in investigating.of_units(c, [GRANEN])]) == ["open"]

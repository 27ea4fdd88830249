"""Tables divided by stream, id and aggregate, as in docs/scale.md: the endpoint works on them as before."""

import re
from pathlib import Path

import psycopg
import pytest

from care.facts import Ref
from endpoint.migrate import migrate
from tests.endpoint_phone import fresh_id
from tests.endpoint_town import town
from tests.postgres import postgres, postgres_url
from tests.statements import AMINA, KARIN, OTHER_UNIT, TESFAY, UNIT
from tests.test_endpoint_rules import CALLED

__all__ = ["postgres", "postgres_url"]
SCALE = Path(__file__).parents[1] / "docs" / "scale.md"


@pytest.mark.postgres
def test_the_endpoint_works_on_divided_tables_with_what_was_there(postgres_url: str, tmp_path: Path) -> None:
    with town(tmp_path, postgres_url) as here:
        phone, other = here.phone(AMINA, KARIN), here.phone(TESFAY, unit=OTHER_UNIT)
        first = phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA)
        assert phone.push(first)[0].status == "accepted"
        before = here.contents()
        [statements] = re.findall(r"```sql\n(.*?)```", SCALE.read_text(), re.DOTALL)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(statements)
            parts = connection.execute(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'placed'::regclass"
            )
            assert parts.fetchone() == (16,)
        migrate(here.database)
        assert here.contents() == before
        later = phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA)
        assert phone.push(later)[0].status == "accepted"
        assert other.push(other.fact(CALLED, Ref("sbar", fresh_id()), TESFAY))[0].status == "accepted"
        assert phone.push(later)[0].status == "known"
        assert here.stale() == []
        assert {first.fact().id, later.fact().id} <= here.contents()[f"nurse:{UNIT}"]
        held = phone.pull_all(KARIN)[f"nurse:{UNIT}"]
        assert {first.fact().id, later.fact().id} <= {one.fact().id for one in held}

"""Migrations forward and back, with data, on both databases."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select

from care.facts import Ref
from endpoint.database import Database
from endpoint.errors import NoSuchRevision
from endpoint.migrate import back_to, migrate
from endpoint.schema import documents, facts, placed, streams
from endpoint.settings import Settings
from tests.endpoint_phone import fresh_id
from tests.endpoint_town import Town, town
from tests.every_table import every_table
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA
from tests.test_endpoint_rules import CALLED

__all__ = ["database_url", "postgres", "postgres_url"]
KEPT = (facts, documents, streams, placed)


def shape(connection: Connection) -> dict[str, Any]:
    """Tables with their columns and indexes, as the database has them."""
    found = inspect(connection)
    return {
        name: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)),
            sorted(str(one["name"]) for one in found.get_indexes(name)),
        )
        for name in sorted(found.get_table_names())
        if name != "alembic_version"
    }


def held(connection: Connection) -> list[Any]:
    return [sorted(map(tuple, connection.execute(select(table)).all()), key=repr) for table in KEPT]


def test_all_the_way_back_and_forward_again_everything_said_is_there(
    tmp_path: Path, database_url: str | None
) -> None:
    with town(tmp_path, database_url) as here:
        phone = here.phone(AMINA)
        phone.push(phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA))
        before, form = here.read(held), here.read(shape)
    database = Database(Settings(data=tmp_path, database_url=database_url).database)
    assert form.keys() == every_table().keys()
    with pytest.raises(NoSuchRevision):
        back_to(database, "9999")
    for revision in ("0016", "0012", "0006", "0001"):
        back_to(database, revision)
    assert "devices" in database.read_now(shape)
    assert "audit" not in database.read_now(shape)
    migrate(database)
    assert database.read_now(shape) == form
    assert database.read_now(held) == before
    database.close()
    from tests.endpoint_server import in_process

    with in_process(tmp_path, database_url) as client:
        again = Town(client).phone(AMINA)
        [result] = again.push(again.fact(CALLED, Ref("sbar", fresh_id()), AMINA))
        assert result.status == "accepted"


def test_back_to_nothing(tmp_path: Path) -> None:
    database = Database(Settings(data=tmp_path).database)
    migrate(database)
    from alembic import command

    from endpoint.migrate import _config

    database.write_now(lambda connection: command.downgrade(_config(connection), "base"))
    assert database.read_now(shape) == {}
    database.close()

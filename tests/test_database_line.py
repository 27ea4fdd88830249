"""The line to PostgreSQL: where nobody answers on it, that is noticed before a phone has given up."""

import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from endpoint.database import Database, away
from tests.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]


def test_where_nobody_answers_it_is_away_after_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql+psycopg://rapp:secret@127.0.0.1:{port}/rapp")
        began = time.monotonic()
        with pytest.raises(OperationalError) as error:
            database.read_now(lambda connection: connection.execute(text("SELECT 1")))
        assert away(error.value)
        assert time.monotonic() - began < 12
        database.close()


@pytest.mark.postgres
def test_a_connection_has_its_limits_and_what_the_address_says_holds(
    postgres_url: str, tmp_path: Path
) -> None:
    said = make_url(postgres_url).update_query_dict({"keepalives_idle": "60"})
    database = Database(said.render_as_string(hide_password=False))

    def limits(connection: object) -> dict[str, str]:
        return connection.connection.driver_connection.info.get_parameters()  # type: ignore[attr-defined,no-any-return]

    found = database.read_now(limits)
    database.close()
    assert (found["connect_timeout"], found["keepalives_idle"], found["tcp_user_timeout"]) == (
        "5",
        "60",
        "15000",
    )


def test_a_password_with_signs_stays_what_it_is() -> None:
    database = Database("postgresql+psycopg://rapp:p%40ss%2Fw%3Ard@db.invalid/rapp?sslmode=require")
    assert make_url(database.url).password == "p@ss/w:rd"
    assert make_url(database.url).query["sslmode"] == "require"
    database.close()

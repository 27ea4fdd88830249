"""What the endpoint writes about itself: one event, one line, with its time; who was refused, and no more."""

import json
import logging
import logging.config
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.rights import Role
from endpoint import logs
from tests.rights_square import STAFF, Square, square
from tests.test_rights_matrix import asked, called


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
    with square(tmp_path_factory.mktemp("square")) as made:
        yield made


def line_of(message: str, *values: object) -> str:
    record = logging.LogRecord("rapp.endpoint", logging.WARNING, "", 0, message, values, None)
    return logs.Lines("%(asctime)s %(levelname)s %(name)s %(message)s").format(record)


def test_a_line_has_its_time_in_utc_and_where_it_comes_from() -> None:
    form = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING rapp.endpoint told"
    assert re.fullmatch(form, line_of("told"))


@pytest.mark.parametrize("sent", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\ud800b"])
def test_what_somebody_sends_cannot_begin_a_line_of_its_own(sent: str) -> None:
    line = line_of("%s", sent)
    assert line.isascii()
    assert line.isprintable()


def test_who_is_refused_is_noted_by_id_and_pattern(here: Square, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "rapp.refused"):
        asked(here, "POST /console/inbox/{id:str}/answer", "own", Role.CARER)
        called(here, "GET /v1/pull", "own", "")
        called(here, "POST /v1/push", "own", None)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"403 not_yours POST /console/inbox/{{id}}/answer by {STAFF[Role.CARER]}",
        "403 staff_needed GET /v1/pull",
        "401 no_session POST /v1/push",
    ]


def test_what_is_not_there_and_what_is_let_in_is_not_noted(
    here: Square, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "rapp.refused"):
        asked(here, "GET /console/inbox", "own", Role.NURSE)
        here.client.get("/console/nowhere/19400101-2397")
    assert caplog.records == []


def test_sign_ins_and_refusals_are_written_whatever_the_level(tmp_path: Path) -> None:
    told = logs.configuration("error")
    assert told["root"]["level"] == "ERROR"
    assert {name: one["level"] for name, one in told["loggers"].items()} == dict.fromkeys(logs.ALWAYS, "INFO")
    logging.config.DictConfigurator(told)  # type: ignore[no-untyped-call]


def test_a_log_for_machines_is_one_object_a_line_with_its_fields() -> None:
    record = logging.LogRecord("rapp.refused", logging.WARNING, "", 0, "a\nb %s", ("c",), None)
    record.said = {"status": 403, "path": "/x"}
    line = logs.JsonLines().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "WARNING", "logger": "rapp.refused", "message": "a\nb c", "status": 403, "path": "/x"
    }  # fmt: skip
    assert logs.configuration("info", "json")["handlers"]["stderr"]["formatter"] == "json"

"""A stop in the middle of a push: what was begun is answered, and the process ends by itself."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx

from care.facts import Ref
from endpoint.demo.names import STAFF, UNITS
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_server import server
from tests.test_endpoint_rules import CALLED
from wire.messages import PushResult

AMINA = STAFF["Amina Yusuf"]


def test_a_push_that_was_begun_is_answered_and_what_was_answered_is_there(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=60) as client:
        phone = Phone(client, running.enrol_code(UNITS["Granen"]))
        phone.sign_in(AMINA)
        facts = [phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA) for _ in range(20)]
        answered: list[list[PushResult]] = []
        # Nothing is written as long as this transaction is open: the push is in its midst.
        with closing(sqlite3.connect(tmp_path / "endpoint.sqlite", timeout=30)) as held:
            held.execute("BEGIN IMMEDIATE")
            pushing = threading.Thread(target=lambda: answered.append(list(phone.push(*facts))))
            pushing.start()
            time.sleep(1)
            stopping = threading.Thread(target=running.stop)
            stopping.start()
            time.sleep(1)
            assert running.pid, "it waits for what was begun"
            assert not answered
            held.rollback()
        pushing.join(40)
        stopping.join(40)
        assert running.pid is None
        assert [{one.status for one in results} for results in answered] == [{"accepted"}]
        assert "Traceback" not in running.log.read_text()
        with closing(sqlite3.connect(tmp_path / "endpoint.sqlite")) as read:
            ids = [fact.fact().id for fact in facts]
            marks = ",".join("?" * len(ids))
            found = read.execute(f"SELECT count(*) FROM facts WHERE id IN ({marks})", ids)
            assert found.fetchone() == (len(ids),)

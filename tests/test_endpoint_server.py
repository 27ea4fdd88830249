"""The endpoint as it is run: started, killed, started again; several workers; its command line."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from care.facts import Ref
from care.published import Answered
from care.sbar import SbarRecorded
from endpoint.demo.names import STAFF, UNITS
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_server import Server, server
from tests.postgres import postgres, postgres_url
from wire.envelope import Envelope

__all__ = ["postgres", "postgres_url"]

GRANEN = UNITS["Granen"]
AMINA, KARIN = STAFF["Amina Yusuf"], STAFF["Karin Ström"]


def recorded(phone: Phone) -> Envelope:
    import msgspec

    answers = Answered("form", "1", msgspec.Raw(b"{}"))
    return phone.fact(SbarRecorded(answers=answers), Ref("sbar", fresh_id()), AMINA)


def phone_at(running: Server, client: httpx.Client, *staff: str) -> Phone:
    phone = Phone(client, running.enrol_code(GRANEN))
    for one in staff:
        phone.sign_in(one)
    return phone


def test_what_a_receipt_was_given_for_survives_a_kill(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        phone = phone_at(running, client, AMINA)
        facts = [recorded(phone) for _ in range(5)]
        assert {one.status for one in phone.push(*facts)} == {"accepted"}
        running.stop(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            phone.push(facts[0])
        running.start()
        assert {one.status for one in phone.push(*facts)} == {"known"}
        held = phone.pull_all(AMINA)[f"staff:{AMINA}"]
        assert {one.fact().id for one in facts} <= {one.fact().id for one in held}


def test_the_server_reads_the_request_of_who_reads_five_hundred_streams(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        phone = phone_at(running, client, AMINA)
        asked = [("cursor", f"mas:{fresh_id()}@0a1b2c3d.17") for _ in range(500)]
        answer = client.get(
            "/v1/pull", params=asked, headers={"Authorization": f"Bearer {phone.token(AMINA)}"}
        )
        assert answer.status_code == 200, answer.text


def test_nobody_else_on_the_machine_reads_the_data_folder(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "endpoint", "migrate", "--data", str(tmp_path / "data")],
        cwd=Path(__file__).parent.parent,
        check=True,
    )
    made = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert len(made) >= 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


def test_a_stop_waits_for_no_long_poll(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        phone = phone_at(running, client, AMINA)
        phone.pull_all(AMINA)
        waiting = threading.Thread(target=lambda: _until_cut_off(phone))
        waiting.start()
        time.sleep(0.3)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 8
        waiting.join(5)


def _until_cut_off(phone: Phone) -> None:
    try:
        phone.pull(AMINA, wait=20)
    except Exception:  # the connection ends, or the answer is 5xx: either will do
        return


def test_the_demo_is_loaded_once_however_often_it_starts(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        phone = phone_at(running, client, AMINA)
        first = len(phone.pull_all(AMINA)[f"unit:{GRANEN}"])
        running.stop()
        running.start()
        assert len(phone.pull_all(AMINA)[f"unit:{GRANEN}"]) - first < 20, "only what is due is renewed"


@pytest.mark.postgres
def test_a_push_at_one_process_wakes_a_pull_at_another(postgres_url: str, tmp_path: Path) -> None:
    with (
        server(tmp_path, database_url=postgres_url) as one,
        server(tmp_path, "--log", "warning", database_url=postgres_url) as other,
        httpx.Client(base_url=one.url, timeout=30) as here,
        httpx.Client(base_url=other.url, timeout=30) as there,
    ):
        carer, nurse = phone_at(one, here, AMINA), phone_at(one, here, KARIN)
        nurse.client = there
        nurse.pull_all(KARIN)
        woken: list[float] = []

        def wait() -> None:
            assert nurse.pull(KARIN, wait=20)
            woken.append(time.monotonic())

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.5)
        carer.push(recorded(carer))
        pushed = time.monotonic()
        waiting.join(15)
        assert woken
        assert woken[0] - pushed < 0.5


def test_several_workers_share_one_sqlite_file(tmp_path: Path) -> None:
    with (
        server(tmp_path, "--demo", "--workers", "2") as running,
        httpx.Client(base_url=running.url, timeout=30) as client,
        httpx.Client(base_url=running.url, timeout=30) as another,
    ):
        carer, nurse = phone_at(running, client, AMINA), phone_at(running, another, KARIN)
        nurse.pull_all(KARIN)
        carer.push(recorded(carer))
        began = time.monotonic()
        assert nurse.pull(KARIN, wait=10)
        assert time.monotonic() - began < 3


def test_the_command_line_says_what_it_does() -> None:
    for words in (["--help"], ["serve", "--help"], ["admin", "enrol-code", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "endpoint", *words],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "usage: python -m endpoint" in done.stdout


def test_whoever_sleeps_in_a_long_poll_is_answered_when_the_endpoint_ends(tmp_path: Path) -> None:
    with server(tmp_path) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        phone = phone_at(running, client, AMINA)
        phone.pull_all(AMINA)
        ending = threading.Timer(0.5, running.stop)
        ending.start()
        begun = time.monotonic()
        assert phone.pull(AMINA, wait=25) == []
        ending.join()
        assert time.monotonic() - begun < 5

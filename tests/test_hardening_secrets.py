"""No secret and nothing of anybody's care in what the endpoint writes, however talkative it is made."""

import base64
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from msgspec import Raw
from msgspec.structs import replace

from care.deviation import DeviationReported
from care.facts import Ref
from endpoint import keys as key_file
from endpoint import settings
from endpoint.keys import KeyFile
from tests.console_world import BROR, answered
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_server import Server, server
from tests.statements import UNIT
from wire import seal, signature

ROOT = Path(__file__).parent.parent
NUMBER = "19400101-2397"
SECRET = "canary-client-secret"
CODE, STATE, PIN, COOKIE = "canary-code", "canary-state", "canary-147258", "canary-cookie"


def forms_of(secret: bytes) -> list[str]:
    """How bytes could stand in a log."""
    return [secret.hex(), base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    oidc = {
        "ISSUER": "http://127.0.0.1:9",
        "CLIENT_ID": "rapp",
        "CLIENT_SECRET": SECRET,
        "ACR": "any",
        "IDENTITY_CLAIM": "sub",
    }
    for name, value in oidc.items():
        monkeypatch.setenv(f"RAPP_OIDC_{name}", value)
    file = KeyFile(signature.new_key(), (seal.new_key(),), os.urandom(32))
    key_file.put(tmp_path / "endpoint.keys", key_file.encode(file))
    with server(tmp_path, "--log", "debug") as made:
        yield made


def report(phone: Phone, unit: str = UNIT, said: bytes | None = None, person: str | None = None) -> list[str]:
    """Report a fall, with a personnummer in its words, without signing in. The statuses."""
    words = BROR | {"fall.words": [f"Bror {NUMBER} föll."]}
    body = DeviationReported(category="fall", answers=answered("fall", words, datetime.now(UTC)))
    fact = phone.fact(body, Ref("deviation", fresh_id()), None, unit=unit, person=person)
    if said is not None:
        fact = phone.signed(replace(fact.fact(), body=Raw(said)), None)
    return [result.status for result in phone.push(fact)]


def test_a_talkative_endpoint_tells_no_secret(running: Server) -> None:
    code = running.enrol_code(UNIT)
    with httpx.Client(base_url=running.url, follow_redirects=False) as client:
        phone = Phone(client, code)
        assert report(phone) == ["accepted"]
        assert report(phone, said=f'{{"answers":"{NUMBER}"}}'.encode()) == ["accepted"]
        assert report(phone, unit=NUMBER) == ["quarantined"]
        knock(client)
        with sqlite3.connect(running.data / "endpoint.sqlite") as database:
            database.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON facts BEGIN SELECT RAISE(FAIL, 'x'); END"
            )
        database.close()
        assert report(phone, person=NUMBER) == ["quarantined"]
        token = phone.token()
    running.stop()
    told = running.log.read_text()
    assert "could not be recorded" in told, "it did say that something failed"
    assert "a sign-in failed" in told, "and that the provider was not to be reached"
    file = key_file.read(running.data / "endpoint.keys")
    secrets = [NUMBER, SECRET, CODE, STATE, PIN, COOKIE, token, code, code.replace("-", ""), "föll"]
    for key in (file.sign, file.master, *file.seal, phone.private):
        secrets += forms_of(key)
    assert [secret for secret in secrets if secret in told] == []


def knock(client: httpx.Client) -> None:
    """Sign-ins that fail, requests that are wrong, with secrets where they do and do not belong."""
    asked = f"code={CODE}&state={STATE}&q={NUMBER}"
    cookies = {"Cookie": f"rapp_console={COOKIE}; __Host-rapp_console={COOKIE}"}
    for path in ("/signin/console", "/signin/answer", "/signin/ended", "/console/persons", "/v1/pull"):
        client.get(f"{path}?{asked}", headers=cookies)
        client.post(path, data={"pin": PIN, "code": CODE}, headers=cookies)
    for path in ("/v1/session", "/v1/enrol", "/v1/push", "/v1/signin"):
        client.post(path, content=f'{{"pin":"{PIN}"'.encode(), headers={"Authorization": f"Bearer {CODE}"})
        client.post(path, json={"items": PIN, "data": PIN, "code": CODE, "name": PIN})
    client.get(f"/{NUMBER}", headers={"Host": SECRET})


def test_a_database_that_cannot_be_reached_is_told_of_without_its_password(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"postgresql://rapp:{SECRET}@127.0.0.1:9/rapp"}
    done = subprocess.run(
        [sys.executable, "-m", "endpoint", "migrate", "--data", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "127.0.0.1" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_a_secret_is_shown_by_nothing_that_prints_a_setting() -> None:
    environment = {
        "DATABASE_URL": f"postgresql://rapp:{SECRET}@db/rapp",
        "RAPP_OIDC_ISSUER": "https://idp.example",
        "RAPP_OIDC_CLIENT_ID": "rapp",
        "RAPP_OIDC_CLIENT_SECRET": SECRET,
        "RAPP_OIDC_ACR": "any",
        "RAPP_OIDC_IDENTITY_CLAIM": "sub",
    }
    assert SECRET not in repr(settings.from_environment(environment))
    key = b"canary-key-of-thirty-two-bytes.."
    assert "canary" not in repr(KeyFile(key, (key,), key))

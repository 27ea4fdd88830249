"""Figures for Prometheus: to whoever has the token, of what was done, and of nobody."""

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from care.facts import Ref
from care.staff import RoleInUnit
from endpoint.anchors import AnchorFile
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.errors import SettingError
from endpoint.settings import Settings, from_environment
from tests.authorities import Authority
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_server import enrol_code, server
from tests.endpoint_town import STAFF, Town
from tests.statements import AMINA
from tests.test_endpoint_rules import CALLED

TOKEN = "invented"


def figures(client: Any, token: str = TOKEN) -> dict[tuple[str, ...], float]:
    """Each figure by its name and labels."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return {
        (one.name, *(value for name, value in sorted(one.labels.items()) if name != "app_name")): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


@pytest.fixture
def token(tmp_path: Path) -> str:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    return str(file)


def test_calls_and_facts_are_counted_by_pattern_and_name_nobody(tmp_path: Path, token: str) -> None:
    settings = Settings(
        data=tmp_path / "data", public_url="http://testserver.local", demo=True, metrics_token_file=token
    )
    settings.data.mkdir()
    with TestClient(create_app(settings, [console])) as client:
        here = Town(client)
        name, role, unit = STAFF[AMINA]
        here.employ(AMINA, RoleInUnit(role, unit, date(2025, 1, 1)))
        before = figures(client)
        phone = Phone(client, enrol_code(here.database, unit))
        phone.sign_in(AMINA)
        fact = phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA)
        phone.push(fact)
        phone.push(fact)
        client.get(f"/console/persons/{fact.fact().id}")
        after = figures(client)
        text = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    for status in ("accepted", "known"):
        key = ("rapp_facts_total", status)
        assert after[key] - before.get(key, 0) == 1
    assert after["rapp_phones",] == 1
    assert ("rapp_messages", "waiting") in after
    assert "/v1/push" in text
    assert not [one for one in (name, AMINA, fact.fact().id, phone.known.device) if one in text]


def test_it_is_told_how_long_the_anchors_of_tls_last(tmp_path: Path, token: str) -> None:
    some = Authority("Ett", ends=9), Authority("Två", ends=5)
    for name, held in (("none", ()), ("some", some)):
        settings = Settings(
            data=tmp_path / name,
            public_url="http://testserver.local",
            metrics_token_file=token,
            anchors=AnchorFile("", tuple(one.der for one in held)),
        )
        with TestClient(create_app(settings)) as client:
            left = figures(client).get(("rapp_anchors_left_seconds",))
        assert left is None if not held else 4.9 < (left or 0) / 86400 < 5.0


def test_without_the_token_nobody_is_told(tmp_path: Path, token: str) -> None:
    for file in ("", token):
        settings = Settings(
            data=tmp_path / f"d{len(file)}", public_url="http://testserver.local", metrics_token_file=file
        )
        settings.data.mkdir()
        with TestClient(create_app(settings)) as client:
            for shown in ("", "Bearer ", "Bearer wrong"):
                assert client.get("/metrics", headers={"authorization": shown}).status_code == 401
    with pytest.raises(SettingError, match="RAPP_METRICS_TOKEN_FILE"):
        from_environment({"RAPP_METRICS_TOKEN_FILE": str(tmp_path / "nowhere")})


def test_several_workers_count_together(tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPP_METRICS_TOKEN_FILE", token)
    monkeypatch.setenv("RAPP_HOSTS", "127.0.0.1")
    with server(tmp_path / "data", "--workers", "2") as running, httpx.Client(base_url=running.url) as client:
        for _ in range(12):
            httpx.get(f"{running.url}/v1/ready")
        found = [figures(client), figures(client)]
    for one in found:
        assert (
            sum(value for key, value in one.items() if key[0] == "rapp_requests_total" and "/v1/ready" in key)
            == 12
        )

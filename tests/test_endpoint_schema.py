"""The endpoint describes its calls, without fetching anything from elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.endpoint_server import in_process


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient[Any]]:
    with in_process(tmp_path) as made:
        yield made


def test_every_call_is_described_with_its_messages_and_refusals(client: TestClient[Any]) -> None:
    described = client.get("/schema/openapi.json").json()
    calls = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert calls == {
        ("/v1/enrol", "post"),
        ("/v1/session", "post"),
        ("/v1/anchors", "get"),
        ("/v1/signin", "post"),
        ("/v1/signin/{sign_in}", "get"),
        ("/v1/signin/{sign_in}/certify", "post"),
        ("/v1/push", "post"),
        ("/v1/photo/{photo}", "post"),
        ("/v1/photo/{photo}/{n}", "get"),
        ("/v1/pull", "get"),
        ("/v1/aggregate/{kind}/{id}", "get"),
        ("/v1/device", "get"),
        ("/v1/device/closed", "post"),
        ("/v1/device/moved", "post"),
        ("/v1/device/key", "post"),
        ("/v1/certificate", "post"),
        ("/v1/health", "get"),
        ("/v1/ready", "get"),
        ("/v1/statistics/deviations", "get"),
        ("/v1/machines/events", "post"),
    }
    push = described["paths"]["/v1/push"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/PushRequest")
    for path, method in calls:
        refused = described["paths"][path][method]["responses"]["400"]
        assert refused["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")


def test_the_description_is_at_schema_and_no_page_fetches_scripts(client: TestClient[Any]) -> None:
    answer = client.get("/schema")
    assert answer.status_code == 200
    assert "paths" in answer.json()

"""Calls drawn from the served description (schemathesis): as a stranger, a phone and a person."""

import os
from collections import Counter
from typing import Any

import httpx
import msgspec
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.endpoint_phone import Phone
from tests.endpoint_town import Town
from tests.statements import AMINA
from wire.messages import Problem

SLOWEST_S = 30.0
"""The long-poll's 25 s, and some."""
_FILES = "/proc/self/fd"


def attack(here: Town, phone: Phone, tries: int) -> Counter[str]:
    """So many calls of each kind. What was answered, by status. Raises AssertionError for what may not be."""
    described = here.client.get("/schema/openapi.json").json()
    answers = Counter[str]()
    files = len(os.listdir(_FILES))
    for result in schemathesis.openapi.from_dict(described).get_all_operations():
        _attack(here, phone, result.ok(), tries, answers)
    assert len(os.listdir(_FILES)) < files + 20, "files are left open"
    return answers


def _attack(here: Town, phone: Phone, operation: Any, tries: int, answers: Counter[str]) -> None:
    tokens = ["", phone.token(), phone.token(AMINA)]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=tries,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def called(case: Any) -> None:
        token = tokens[sum(answers.values()) % len(tokens)]
        answer = _sent(here, case, {"authorization": f"Bearer {token}"} if token else {})
        if answer is not None:
            answers[f"{answer.status_code}"] += 1
            _check(f"{operation.method} {operation.path}", answer)

    called()


def _sent(here: Town, case: Any, headers: dict[str, str]) -> httpx.Response | None:
    asked = case.as_transport_kwargs(base_url=str(here.client.base_url))
    asked["headers"] = {**asked["headers"], **headers}
    # Nobody sleeps here: what is new is asked for at once.
    if "wait" in (asked.get("params") or {}):
        asked["params"]["wait"] = "0"
    asked.pop("cookies", None)
    try:
        answer: httpx.Response = here.client.request(**asked)
    except (httpx.InvalidURL, UnicodeEncodeError, TypeError):
        # What no client can write on the line.
        return None
    return answer


def _check(call: str, answer: httpx.Response) -> None:
    assert answer.status_code < 500, f"{call}: {answer.status_code} {answer.text}"
    assert answer.headers.get("Rapp-Protocol") == "1", f"{call}: nobody says that it is the endpoint"
    assert answer.elapsed.total_seconds() < SLOWEST_S, f"{call}: {answer.elapsed}"
    if answer.status_code >= 400:
        assert msgspec.json.decode(answer.content, type=Problem).code, call

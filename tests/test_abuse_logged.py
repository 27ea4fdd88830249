"""What forgers, thieves and bombs send: refused, with a line in the log that names phones and ids alone."""

import gzip
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from care.facts import Ref
from care.sbar import SbarCalled
from tests.endpoint_phone import Phone, Refusal, fresh_id
from tests.endpoint_town import Town
from tests.keeping_town import a_town
from tests.statements import AMINA, KARIN, OTHER_UNIT, TESFAY
from wire.envelope import Envelope
from wire.messages import PUSH_MOST, Session

SAID = "Asta Provdahl"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        yield made


def _called(phone: Phone, author: str = AMINA, by: str | None = None, **changes: object) -> Envelope:
    fact = phone.fact(SbarCalled(to=SAID, number="010"), Ref("sbar", fresh_id()), AMINA).fact()
    return phone.signed(replace(fact, author=author, **changes), by or author)  # type: ignore[arg-type]


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as error:
        call()
    return f"{error.value.status} {error.value.problem.code}"


def replayed_session(here: Town, phone: Phone) -> None:
    request = phone.session_request(AMINA)
    phone.post("/v1/session", request, Session)
    assert _refused(lambda: phone.post("/v1/session", request, Session)).startswith("401")


def forged_author(here: Town, phone: Phone) -> None:
    assert [one.reason for one in phone.push(_called(phone, KARIN, AMINA))] == ["unsigned"]


def unknown_author(here: Town, phone: Phone) -> None:
    assert [one.reason for one in phone.push(_called(phone, TESFAY, AMINA))] == ["unknown_author"]


def forged_device(here: Town, phone: Phone) -> None:
    other = here.phone()
    assert [one.reason for one in phone.push(_called(phone, device=other.known.device))] == ["unknown_device"]


def stolen_token(here: Town, phone: Phone) -> None:
    thief = here.phone(AMINA)
    thief.tokens[None] = phone.token()
    items = [thief.seal(_called(thief))]
    from wire.messages import PushRequest, Signed

    thief.post("/v1/push", PushRequest(items=tuple(items)), Signed, thief.tokens[None])


def other_units_stream(here: Town, phone: Phone) -> None:
    assert [one.reason for one in phone.push(_called(phone, unit=OTHER_UNIT))] == ["not_permitted"]


def token_that_is_none(here: Town, phone: Phone) -> None:
    phone.tokens[None] = "stolen"
    assert _refused(lambda: phone.push(_called(phone))).startswith("401")


def too_many(here: Town, phone: Phone) -> None:
    sealed = phone.seal(_called(phone))
    assert _refused(lambda: phone.push_sealed([sealed] * (PUSH_MOST + 1))) == "413 too_many"


def bomb(here: Town, phone: Phone) -> None:
    headers = {"authorization": f"Bearer {phone.token()}", "content-encoding": "gzip"}
    answer = here.client.post("/v1/push", content=gzip.compress(b" " * 17_000_000), headers=headers)
    assert answer.status_code == 413


def oversized(here: Town, phone: Phone) -> None:
    headers = {"authorization": f"Bearer {phone.token()}"}
    answer = here.client.post("/v1/push", content=b" " * 17_000_000, headers=headers)
    assert answer.status_code == 413


ABUSES = {
    replayed_session: "401",
    forged_author: "unsigned",
    unknown_author: "unknown_author",
    forged_device: "unknown_device",
    stolen_token: "sealed",
    other_units_stream: "not_permitted",
    token_that_is_none: "401",
    too_many: "413",
    bomb: "413",
    oversized: "413",
}


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda one: one.__name__)
def test_what_is_refused_is_in_the_log_without_anybodys_name(
    here: Town, abuse: Callable[[Town, Phone], None], caplog: pytest.LogCaptureFixture
) -> None:
    phone = here.phone(AMINA, KARIN)
    with caplog.at_level(logging.INFO, "rapp.refused"):
        abuse(here, phone)
    told = [one.getMessage() for one in caplog.records if one.name == "rapp.refused"]
    assert any(ABUSES[abuse] in line for line in told), told
    assert not any(word in line for line in told for word in (SAID, "Amina", "Karin"))

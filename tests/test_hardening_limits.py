"""How often one may call: much from one address, what one phone needs from one session."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from care.rights import Role
from endpoint.limits import LIMITS, Limit, Limiter, address_of
from tests.endpoint_phone import Phone
from tests.endpoint_server import enrol_code, in_process
from tests.endpoint_town import Town, town
from tests.rights_square import Square, square
from tests.statements import UNIT
from wire.messages import Problem


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


ONE = Limit("one", ("/x",), "address", burst=3, per_second=0.5)


def test_an_allowance_is_used_up_and_fills_again() -> None:
    clock = Clock()
    limiter = Limiter((ONE,), clock)
    for _ in range(3):
        assert limiter.wait(ONE, "a") == 0
        limiter.use(ONE, "a")
    assert limiter.wait(ONE, "a") == 2, "one call each two seconds"
    assert limiter.wait(ONE, "b") == 0, "another caller has their own"
    clock.now += 2
    assert limiter.wait(ONE, "a") == 0
    clock.now += 3600
    for _ in range(3):
        limiter.use(ONE, "a")
    assert limiter.wait(ONE, "a") > 0, "it fills to the burst and no further"


def test_nobody_fills_the_memory_with_names() -> None:
    limiter = Limiter((ONE,))
    for number in range(60_000):
        limiter.use(ONE, str(number))
    assert len(limiter._callers) == 50_000


def test_an_address_of_ipv6_is_counted_by_what_one_subscriber_has() -> None:
    assert address_of("2001:db8:1:2:3:4:5:6") == address_of("2001:db8:1:2:ffff::1")
    assert address_of("2001:db8:1:2::1") != address_of("2001:db8:1:3::1")
    assert address_of("::ffff:192.0.2.7") == address_of("192.0.2.7") == "192.0.2.7"
    assert address_of("testclient") == "testclient"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/session"),
        ("POST", "/v1/enrol"),
        ("POST", "/v1/signin"),
        ("GET", "/v1/signin/x"),
        ("POST", "/v1/push"),
        ("GET", "/v1/pull"),
        ("GET", "/v1/aggregate/dose/x"),
        ("GET", "/v1/device"),
        ("POST", "/v1/device/closed"),
        ("POST", "/v1/certificate"),
        ("GET", "/scim/v2/Users"),
        ("GET", "/v1/statistics/deviations"),
        ("GET", "/console/sign-in"),
        ("GET", "/signin/answer"),
        ("POST", "/console/inbox/x/answer"),
        ("GET", "/demo/signin/x"),
    ],
)
def test_what_can_be_tried_again_and_again_has_a_limit(method: str, path: str) -> None:
    assert Limiter().of(method, path)


def test_a_municipality_begins_its_morning_behind_one_address() -> None:
    """3,000 phones within five minutes: each a session of its own and one of a person, and a push."""
    clock = Clock()
    limiter = Limiter(clock=clock)
    for number in range(3000):
        clock.now += 0.1
        for path, who in (("/v1/session", "nat"), ("/v1/session", "nat"), ("/v1/push", str(number))):
            for limit in limiter.of("POST", path):
                assert limiter.wait(limit, who) == 0, (number, limit.name)
                limiter.use(limit, who)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def limit_to(here: Town | Square, name: str, burst: int) -> None:
    limiter = here.client.app.state.limiter
    limiter.limits = tuple(
        msgspec.structs.replace(limit, burst=burst, per_second=0.1) for limit in LIMITS if limit.name == name
    )


def test_a_phone_that_calls_too_fast_is_told_when_to_come_again_and_loses_nothing(here: Town) -> None:
    phone = here.phone()
    limit_to(here, "exchange", 2)
    headers = {"Authorization": f"Bearer {phone.token()}"}
    answers = [here.client.post("/v1/push", json={"items": []}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem = msgspec.json.decode(answers[-1].content, type=Problem)
    assert (problem.code, problem.retry_after) == ("too_often", 10)
    assert answers[-1].headers["Retry-After"] == "10"
    assert answers[-1].headers["Rapp-Protocol"] == "1"


def test_one_phone_that_calls_too_fast_stops_no_other(here: Town) -> None:
    fast, other = here.phone(), here.phone()
    limit_to(here, "exchange", 1)
    for phone, due in ((fast, 200), (fast, 429), (other, 200)):
        headers = {"Authorization": f"Bearer {phone.token()}"}
        assert here.client.post("/v1/push", json={"items": []}, headers=headers).status_code == due


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer guessed"}])
def test_whoever_shows_nothing_that_holds_is_counted_with_their_address(
    here: Town, shown: dict[str, str]
) -> None:
    limit_to(here, "strangers", 2)
    for due in (401, 401, 429):
        answer = here.client.get("/v1/pull", headers=shown | {"Cookie": f"rapp_console={due}"})
        assert answer.status_code == due


def test_one_who_guesses_stops_no_phone_at_the_same_address(here: Town) -> None:
    opened = {"Authorization": f"Bearer {here.phone().token()}"}
    limit_to(here, "strangers", 1)
    for due in (401, 429):
        guessed = {"Authorization": f"Bearer guess {due}"}
        assert here.client.post("/v1/push", json={"items": []}, headers=guessed).status_code == due
    assert here.client.post("/v1/push", json={"items": []}, headers=opened).status_code == 200


def test_one_who_guesses_stops_no_browser_at_the_same_address(tmp_path: Path) -> None:
    with square(tmp_path) as here:
        signed_in = {"Cookie": here.cookies[Role.NURSE]}
        assert here.client.get("/console/my-sign-ins", headers=signed_in).status_code == 200
        limit_to(here, "strangers", 1)
        for due in (303, 429):
            guessed = {"Cookie": f"rapp_console=guess{due}"}
            answer = here.client.get("/console/my-sign-ins", headers=guessed, follow_redirects=False)
            assert answer.status_code == due
        assert here.client.get("/console/my-sign-ins", headers=signed_in).status_code == 200


def test_what_failed_in_one_browser_keeps_no_other_from_signing_in(here: Town) -> None:
    for _ in range(200):
        assert here.client.get("/demo/signin/x").status_code == 410
    assert here.client.get("/demo/console-signin").status_code == 200


def test_a_proxy_that_is_not_trusted_names_no_address(tmp_path: Path) -> None:
    """X-Forwarded-For is read by the server, from trusted proxies alone; never by the application."""
    with in_process(tmp_path) as client:
        phone = Phone(client, enrol_code(client.app.state.parts.database, UNIT))
        limiter = client.app.state.limiter
        limiter.limits = (Limit("all", ("/v1/push",), "address", 1, 0.1),)
        headers = {"Authorization": f"Bearer {phone.token()}"}
        for number, due in ((1, 200), (2, 429)):
            sent = headers | {"X-Forwarded-For": f"192.0.2.{number}"}
            assert client.post("/v1/push", json={"items": []}, headers=sent).status_code == due


def test_on_the_console_a_page_says_so_in_words(tmp_path: Path) -> None:
    with square(tmp_path) as here:
        limit_to(here, "console forms", 0)
        headers = {"Cookie": here.cookies[Role.NURSE], "Sec-Fetch-Site": "same-origin"}
        answer = here.client.post("/console/inbox/x/answer", data={"text": "Hej"}, headers=headers)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "10"
        assert "Vänta en liten stund" in answer.text
        part = here.client.post("/console/inbox/x/answer", headers=headers | {"HX-Request": "true"})
        assert (part.status_code, part.text) == (429, "")

"""What every answer says to browsers; who may send forms; which hosts, methods and sizes are taken."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from care.rights import Role
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.headers import ALWAYS, HSTS
from endpoint.hosts import names_of
from endpoint.settings import Settings
from tests.endpoint_server import in_process
from tests.rights_routes import ROUTES, Of
from tests.rights_square import Square, square
from tests.test_rights_matrix import OUT, address, asked, called, on_console

PARTS = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
    with square(tmp_path_factory.mktemp("square")) as made:
        yield made


def check(answer: Any) -> None:
    told = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, f"{name}: {told}"
    csp = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert csp >= PARTS, told
    assert not any("unsafe" in part or "*" in part or "http:" in part for part in csp), told
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), told
    if "/static/" not in str(answer.request.url):
        assert answer.headers["Cache-Control"] == "no-store", told
    assert "server" not in answer.headers, told


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_every_answer_has_its_headers_whoever_asks(here: Square, route: str) -> None:
    if on_console(route):
        answers = [asked(here, route, "own", who) for who in (OUT, Role.NURSE, Role.ADMINISTRATOR)]
    else:
        answers = [called(here, route, "own", who) for who in (None, "", Role.CARER)]
    for answer in answers:
        check(answer)


@pytest.mark.parametrize("method", ["GET", "POST", "TRACE", "OPTIONS", "HEAD", "PUT", "DELETE", "NONSENSE"])
@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/console/nowhere", "/v1/push", "/console/inbox", "/schema"]
)
def test_other_methods_and_addresses_are_refused_with_the_same_headers(
    here: Square, method: str, path: str
) -> None:
    answer = here.client.request(method, path, follow_redirects=False)
    check(answer)
    assert answer.status_code < 500
    if method in ("TRACE", "PUT", "DELETE", "NONSENSE"):
        assert answer.status_code in (404, 405), "refused, and above all: a TRACE is not echoed"
    if method == "OPTIONS":
        assert "access-control-allow-origin" not in answer.headers, "no other site may call"


def test_no_page_has_script_or_style_in_it(here: Square) -> None:
    """So that the policy need not allow any."""
    for route in (one for one in ROUTES if one.startswith("GET /console")):
        html = asked(here, route, "own", Role.NURSE).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", html), route


def test_over_https_browsers_are_told_to_stay_there_and_the_cookie_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="https://rapp.example.se", demo=True)
    with TestClient(create_app(settings, [console]), base_url="https://rapp.example.se") as client:
        assert client.get("/v1/health").headers["Strict-Transport-Security"] == HSTS
        assert client.get("/nowhere").headers["Strict-Transport-Security"] == HSTS


def test_over_http_nothing_is_said_of_https(tmp_path: Path) -> None:
    with in_process(tmp_path) as client:
        assert "Strict-Transport-Security" not in client.get("/v1/health").headers


def test_signing_out_leaves_nothing_in_the_browser(here: Square) -> None:
    answer = asked(here, "POST /console/sign-out", "own", Role.NURSE)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("route", ["GET /console/inbox", "GET /console/sign-in", "GET /console/log"])
def test_what_is_text_says_in_which_signs_it_is_written(here: Square, route: str) -> None:
    for answer in (asked(here, route, "own", Role.NURSE), here.client.get("/console/static/console.css")):
        kind = answer.headers.get("content-type", "")
        assert not answer.content or "charset=utf-8" in kind, kind


# ------------------------------------------------------------ forms of other sites


FORMS = sorted(route for route in ROUTES if on_console(route) and not route.startswith("GET"))


@pytest.mark.parametrize("route", FORMS)
def test_no_form_of_another_site_is_taken(here: Square, route: str) -> None:
    """Whatever the reader's role: the guard is on every route that changes anything."""
    method, path = route.split(" ", 1)
    declared = ROUTES[route]
    url = address(path, declared if isinstance(declared, Of) else Of("public"), "own")
    cookie = {"Cookie": here.cookies[Role.NURSE]}
    for foreign in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "https://elsewhere.example/console/"},
        {},
    ):
        answer = here.client.request(method, url, headers=cookie | foreign, follow_redirects=False)
        assert answer.status_code == 403, (route, foreign, answer.status_code)
        assert "kom från en annan sida" in answer.text, (route, foreign)


# ------------------------------------------------------------ hosts and sizes


def test_another_host_is_refused(here: Square) -> None:
    for method, path in (("POST", "/v1/session"), ("GET", "/console/inbox"), ("GET", "/console/sign-in")):
        answer = here.client.request(method, path, headers={"Host": "elsewhere.example"})
        assert answer.status_code == 400, path
        check(answer)
    assert here.client.get("/v1/health", headers={"Host": "10.0.0.7"}).status_code == 200


def test_the_names_of_the_endpoint_are_its_public_one_and_those_that_are_added(tmp_path: Path) -> None:
    assert names_of(Settings(data=tmp_path)) is None
    public = Settings(data=tmp_path, public_url="https://Rapp.example.se", hosts=("rapp.inside:8710",))
    assert names_of(public) == {"rapp.example.se", "rapp.inside:8710"}


def test_a_form_that_is_too_large_is_refused(here: Square) -> None:
    large = {"text": "x" * (17 * 1024 * 1024)}
    headers = {"Cookie": here.cookies[Role.NURSE], "Sec-Fetch-Site": "same-origin"}
    answer = here.client.post("/console/inbox/x/answer", data=large, headers=headers)
    assert answer.status_code in (404, 413)

"""Every route x every role x {own unit, same vårdgivare, another vårdgivare, role ended, signed out}.

WHO ADDS A ROUTE: one line in tests/rights_routes.py says who may; how is told at its top.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar

from care.rights import Act, Role, scopes
from tests.rights_routes import ROUTES, Of
from tests.rights_square import ENDED, PROVIDER, RECIPIENT, UNITS, Square, id_of, square

OUT = "signed out"
READERS = [*Role, ENDED, OUT]
MACHINES = ("system", "statistics", "machines")
CALLERS: dict[str, tuple[str, ...]] = {
    "device": ("", Role.CARER, Role.NURSE, ENDED),
    "person": (Role.CARER, Role.NURSE, ENDED),
    "employed": (Role.CARER, Role.NURSE),
    "handles": (Role.NURSE,),
    "system": ("system",),
    "statistics": ("statistics",),
    "machines": ("machines",),
    "journal": ("journal",),
    "metrics": (),
}
"""Whose tokens are taken, by what a call is for. "": a phone's on which nobody is signed in."""
_PARAMETER = re.compile(r"\{(\w+):\w+\}")


BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/photo/{photo:str}": {"pieces": []},
    "POST /v1/push": {"items": []},
    "/certify": {"public": "", "proof": ""},
    "PUT /scim/v2/Users/{id:str}": {"userName": "x", "displayName": "X"},
    "PATCH /scim/v2/Users/{id:str}": {"Operations": [{"op": "replace", "path": "active", "value": True}]},
}
"""What is sent where something must be, for it to be looked at at all."""


def on_console(route: str) -> bool:
    return route.split(" ", 1)[1].startswith("/console")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
    with square(tmp_path_factory.mktemp("square")) as made:
        yield made


def routes_of(app: Litestar) -> set[str]:
    """Every method and path that the application answers. OPTIONS is Litestar's own, and tells nothing."""
    return {
        f"{method} {route.path}"
        for route in app.routes
        for method in getattr(route, "methods", {"ANY"})
        if method != "OPTIONS"
    }


def test_every_route_is_declared_and_every_declared_route_is_there(here: Square) -> None:
    found = routes_of(here.client.app)
    assert found - ROUTES.keys() == set(), "say who may, in one line of tests/rights_routes.py"
    assert ROUTES.keys() - found == set(), "declared, but not there any more"


@pytest.mark.parametrize("route", sorted(filter(on_console, ROUTES)))
def test_the_console_lets_in_exactly_who_may(here: Square, route: str) -> None:
    declared = ROUTES[route]
    who = list(product(UNITS if isinstance(declared, Of) else UNITS[:1], READERS))
    for (unit, reader), answer in zip(who, all_asked(here, route, who), strict=True):
        told = f"{route} of {unit} unit by {reader}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in (200, 303, 304, 307, 400, 401, 403, 404, 409, 422), told
        inside = let_in(answer) and not (getattr(declared, "told", False) and answer.status_code == 422)
        assert declared == "public" or inside == expected(declared, unit, reader), told
        if not inside:
            assert not named(answer.text, UNITS), told
        assert not named(answer.text, ["foreign"]), told


@pytest.mark.parametrize("route", sorted(one for one in ROUTES if not on_console(one)))
def test_the_calls_of_phones_are_for_whom_they_say(here: Square, route: str) -> None:
    declared = ROUTES[route]
    who = declared.who if isinstance(declared, Of) else declared
    for unit in UNITS if isinstance(declared, Of) else UNITS[:1]:
        for caller in (
            None,
            "",
            Role.CARER,
            Role.NURSE,
            ENDED,
            "system",
            "statistics",
            "machines",
            "journal",
            "journal of old",
        ):
            answer = called(here, route, unit, caller)
            told = f"{route} of {unit} unit with {caller!r}: {answer.status_code} {answer.text[:300]}"
            # 503: nobody answers where the identity provider is said to be.
            assert answer.status_code < 500 or answer.status_code in (502, 503), told
            if who == "public":
                assert not refused_for_want_of_session(answer), told
                continue
            due = caller in CALLERS[str(who)]
            if isinstance(declared, Of):
                due = due and (unit == "own" or (who == "system" and unit == "sibling"))
                assert (answer.status_code not in (401, 403, 404)) == due, told
            else:
                refused = answer.status_code in (401, 403) or '"not_of_unit"' in answer.text
                assert refused != due, told
            # A journal system is told of its own unit's, and of nobody else's.
            assert not named(answer.text, UNITS[1:] if due and who == "journal" else UNITS), told


def expected(declared: Any, unit: str, reader: str) -> bool:
    """Whether the table lets a reader, whose role is in their own unit, in to a thing of another."""
    who = declared.who if isinstance(declared, Of) else declared
    if reader in (OUT, ENDED):
        return False
    if who == "signed in":
        return True
    acts: tuple[Act, ...] = who if isinstance(who, tuple) else (who,)
    reach = {
        unit
        for act in acts
        for scope in scopes(act, frozenset({Role(reader)}))
        for unit in {"unit": ["own"], "provider": ["own", "sibling"], "self": []}[scope]
    }
    return unit in reach if isinstance(declared, Of) else bool(reach)


def let_in(answer: Any) -> bool:
    """Neither refused, nor sent to sign in, nor told that there is nothing by that address."""
    if answer.status_code in (302, 303, 307):
        return urlsplit(answer.headers["location"]).path != "/console/sign-in"
    return answer.status_code not in (401, 403, 404, 405)


def named(text: str, units: Any) -> list[str]:
    return [RECIPIENT[unit] for unit in units if RECIPIENT[unit] in text]


def asked(here: Square, route: str, unit: str, reader: str) -> Any:
    return here.client.request(**asking(here, route, unit, reader))


def all_asked(here: Square, route: str, who: Sequence[tuple[str, str]]) -> list[httpx.Response]:
    """What each is answered, one after the other: in the application's own loop, since going there and back
    for each is a third of what the thousands of calls take."""

    async def ask() -> list[httpx.Response]:
        line = httpx.ASGITransport(here.client.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=line, base_url=here.client.base_url) as client:
            return [await client.request(**asking(here, route, *one)) for one in who]

    answers: list[httpx.Response] = here.client.blocking_portal.call(ask)
    return answers


def asking(here: Square, route: str, unit: str, reader: str) -> dict[str, Any]:
    """A console's call of a route, for what there is of a unit."""
    method, path = route.split(" ", 1)
    declared = ROUTES[route] if isinstance(ROUTES[route], Of) else Of("public")
    assert isinstance(declared, Of)
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"Cookie": here.cookies[reader]} if reader != OUT else {})
    return {
        "method": method,
        "url": address(path, declared, unit),
        "params": filled(declared.query, unit),
        "data": filled(declared.form, unit) if method != "GET" else None,
        "headers": headers,
        "follow_redirects": False,
    }


def called(here: Square, route: str, unit: str, caller: str | None) -> Any:
    """Call as the own unit's phone, `caller` signed in on it ("": nobody), or without a session (None)."""
    method, path = route.split(" ", 1)
    declared = ROUTES[route]
    headers = {} if caller is None else {"Authorization": f"Bearer {here.tokens[f'own/{caller}']}"}
    url = address(path, declared if isinstance(declared, Of) else Of("public"), unit)
    body = next((body for end, body in BODIES.items() if f"{method} {path}".endswith(end)), None)
    return here.client.request(method, url, json=body, headers=headers, follow_redirects=False)


def address(path: str, declared: Of, unit: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in ("name", "path"):
            return "console.css"
        return id_of(declared.names.get(name) or (declared.id if name == "id" else name), unit)

    return _PARAMETER.sub(value, path)


def filled(values: dict[str, str], unit: str) -> dict[str, str]:
    return {key: re.sub(r"<(\w+)>", lambda m: id_of(m.group(1), unit), text) for key, text in values.items()}


def refused_for_want_of_session(answer: Any) -> bool:
    return answer.status_code in (401, 403) and answer.json().get("code") in ("no_session", "staff_needed")


def test_the_square_has_what_the_matrix_needs() -> None:
    assert PROVIDER["own"] == PROVIDER["sibling"] != PROVIDER["foreign"]
    assert set(READERS) == {*Role, ENDED, OUT}

"""SCIM 2.0 (RFC 7643, RFC 7644): an identity system says itself who works here."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from care.rights import Role
from care.staff import RoleInUnit
from endpoint.people.errors import BadPatch
from endpoint.people.scim_patch import patched
from endpoint.people.scim_users import ENTERPRISE, LIST, ROLES, USER
from tests.people_world import BJORKEN, GRANEN, GRANNE, GRO, HSA, ROBIN, START, People, people, same_id, words

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("scim")) as made:
        yield made


def key(here: People, who: str, name: str = "Katalogen") -> str:
    here.sign_in(who)
    html = here.send("/staff/systems", {"name": name}, 200).text
    return str(html.rpartition('<code class="code">')[2].partition("<")[0])


def calling(here: People, token: str) -> Call:
    def call(method: str, path: str, status: int, body: Any = None, **more: Any) -> Any:
        here.client.cookies.clear()
        headers = {"Authorization": f"Bearer {token}"}
        answer = here.client.request(method, f"/scim/v2{path}", json=body, headers=headers, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        if answer.content:
            assert answer.headers["content-type"].startswith("application/scim+json")
        return answer.json() if answer.content else None

    return call


@pytest.fixture(scope="module")
def call(here: People) -> Call:
    return calling(here, key(here, ROBIN))


def user(name: str, **more: Any) -> dict[str, Any]:
    given, family = name.split(" ")
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": name.lower().replace(" ", "."),
        "name": {"givenName": given, "familyName": family},
        "title": "Undersköterska",
        "active": True,
        ENTERPRISE: {"department": "Granen"},
        **more,
    }


def test_somebody_is_made_found_changed_and_put_back_unchanged(here: People, call: Call) -> None:
    made = call("POST", "/Users", 201, user("Anna Prov", phoneNumbers=[{"value": "070-1740601"}]))
    id = made["id"]
    assert (made["displayName"], made["active"], made["phoneNumbers"][0]["value"]) == (
        "Anna Prov",
        True,
        "070-1740601",
    )
    assert here.staff(id).roles == [RoleInUnit(Role.CARER, GRANEN, here.today)]
    found = call("GET", '/Users?filter=userName eq "ANNA.prov"', 200)
    assert (found["schemas"], found["totalResults"], found["Resources"][0]["id"]) == ([LIST], 1, id)
    before = here.staff(id)
    assert call("PUT", f"/Users/{id}", 200, call("GET", f"/Users/{id}", 200))["id"] == id
    assert here.staff(id) == before
    call("PUT", f"/Users/{id}", 200, user("Anna Prov", **{ENTERPRISE: {"department": "Björken"}}))
    assert here.staff(id).units(here.today) == [BJORKEN]
    assert call("POST", "/Users", 409, user("Anna Prov"))["scimType"] == "uniqueness"
    page = call("GET", "/Users?startIndex=2&count=1", 200)
    assert (page["startIndex"], page["itemsPerPage"]) == (2, 1)
    assert page["totalResults"] >= 2
    here.sign_in(ROBIN)
    assert "Skickat av Katalogen" in words(here.see(f"/staff/{id}/history"))


def test_who_is_taken_out_of_service_loses_access_at_once_and_may_come_back(here: People, call: Call) -> None:
    id = call("POST", "/Users", 201, user("Bo Prov"))["id"]
    # One system sends words for booleans, and no path.
    off = {"Operations": [{"op": "Replace", "value": {"active": "False"}}]}
    assert call("PATCH", f"/Users/{id}", 200, off)["active"] is False
    assert here.staff(id).units(here.today) == []
    on = {"Operations": [{"op": "replace", "path": "active", "value": True}]}
    assert call("PATCH", f"/Users/{id}", 200, on)["active"] is True
    assert here.staff(id).units(here.today) == [GRANEN]
    assert call("PATCH", f"/Users/{id}", 200, on)["active"] is True
    assert len(here.staff(id).roles) == 2


def test_the_deleted_are_not_found_and_come_back_as_who_they_were(here: People, call: Call) -> None:
    id = call("POST", "/Users", 201, user("Cissi Prov"))["id"]
    call("DELETE", f"/Users/{id}", 204)
    for method, body in (("GET", None), ("PUT", user("Cissi Prov")), ("DELETE", None)):
        assert call(method, f"/Users/{id}", 404, body)["status"] == "404"
    assert call("GET", '/Users?filter=userName eq "cissi.prov"', 200)["totalResults"] == 0
    assert here.staff(id).name == "Cissi Prov"
    assert call("POST", "/Users", 201, user("Cissi Prov"))["id"] == id
    assert here.staff(id).units(here.today) == [GRANEN]


def test_roles_are_given_by_the_extension_but_never_that_of_an_administrator(
    here: People, call: Call
) -> None:
    roles = [
        {"role": "nurse", "unit": "Granen", "start": "2026-01-01"},
        {"role": "mas", "unit": "Björken", "start": "2026-01-01", "end": "2099-12-31"},
    ]
    id = call("POST", "/Users", 201, user("Dag Prov", **{ROLES: {"roles": roles}}))["id"]
    assert here.staff(id).roles_in(BJORKEN, here.today) == {Role.MAS}
    low = [{"role": "administrator", "unit": "Granen"}]
    answer = call("PUT", f"/Users/{id}", 400, user("Dag Prov", **{ROLES: {"roles": low}}))
    assert "console alone" in answer["detail"]
    call("POST", "/Users", 400, user("Elak Prov", **{ROLES: {"roles": low}}))
    call("POST", "/Users", 400, user("Elak Prov", title="Systemförvaltare"))
    admin = here.employ("Fia Admin", (Role.ADMINISTRATOR, GRANEN), (Role.CARER, GRANEN), identity="fia.admin")
    call("PUT", f"/Users/{admin}", 200, user("Fia Admin"))
    assert Role.ADMINISTRATOR in here.staff(admin).roles_in(GRANEN, here.today)
    # Nor may a key say whom an administrator signs in as, by id or by finding one who has none.
    named = [{"op": "replace", "path": "userName", "value": "elak"}]
    call("PATCH", f"/Users/{admin}", 403, {"Operations": named})
    call("POST", "/Users", 403, user("Robin Sand", userName="elak"))
    assert here.staff(ROBIN).identity == ""


def test_the_last_administrator_is_not_taken_out_of_service(here: People) -> None:
    here.employ("Gro Grannadmin", (Role.ADMINISTRATOR, GRANNE), identity="gro")
    call = calling(here, key(here, GRO, "Granntjänsten"))
    off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert "last administrator" in call("PATCH", f"/Users/{GRO}", 403, off)["detail"]
    call("DELETE", f"/Users/{GRO}", 403)
    assert here.staff(GRO).units(here.today) == [GRANNE]


def test_a_key_is_one_providers_and_carries_other_providers_roles_over(here: People, call: Call) -> None:
    only = here.employ("Hugo Granne", (Role.CARER, GRANNE), identity="hugo")
    both = here.employ("Ida Delad", (Role.CARER, GRANEN), (Role.NURSE, GRANNE), identity=f"{HSA}9")
    for method, body in (("GET", None), ("PUT", user("Hugo Granne")), ("DELETE", None)):
        call(method, f"/Users/{only}", 404, body)
    call("POST", "/Users", 409, user("Hugo Granne", userName="hugo"))
    everybody = call("GET", "/Users", 200)
    assert "Hugo Granne" not in str(everybody)
    assert "Grannen" not in str(everybody)
    call(
        "PATCH", f"/Users/{both}", 409, {"Operations": [{"op": "replace", "path": "userName", "value": "ny"}]}
    )
    call("DELETE", f"/Users/{both}", 204)
    assert here.staff(both).units(here.today) == [GRANNE]
    assert RoleInUnit(Role.NURSE, GRANNE, START) in here.staff(both).roles
    call("POST", "/Users", 400, user("Jon Prov", **{ENTERPRISE: {"department": "Grannen"}}))


def test_a_key_is_shown_once_kept_as_a_digest_and_closed_for_good(here: People) -> None:
    token = key(here, ROBIN, "Gamla systemet")
    call = calling(here, token)
    call("GET", "/ServiceProviderConfig", 200)
    here.sign_in(ROBIN)
    html = here.see("/staff/systems")
    assert token not in html
    close = html.split("Gamla systemet", 1)[1].split('href="/console', 1)[1].split('"', 1)[0]
    assert "kan inte längre skicka personal" in words(here.see(close))
    here.sign_in(GRO)
    here.see(close, 404)
    here.send(close, status=404)
    call("GET", "/Users", 200)
    here.sign_in(ROBIN)
    here.send(close)
    assert "Stängd" in words(here.see("/staff/systems"))
    answer = call("GET", "/Users", 401)
    assert answer["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    for wrong in ("", "x", "å"):
        headers = {"Authorization": f"Bearer {wrong}".encode()}
        assert here.client.get("/scim/v2/Users", headers=headers).status_code == 401
    with here.parts.database.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM scim_tokens").all()
    assert kept
    assert token not in str(kept)


def test_nothing_that_is_sent_is_an_error_of_ours(here: People, call: Call) -> None:
    url, id = "/scim/v2/Users", same_id("Robin Sand")
    token = key(here, ROBIN, "Slarviga systemet")
    headers = {"Authorization": f"Bearer {token}"}
    for content in (
        b"",
        b"{",
        b"[]",
        b"3",
        b"[" * 5000,
        b'{"userName": 3}',
        b'{"userName": "\\u0000", "name": 1}',
    ):
        answer = here.client.post(url, content=content, headers=headers)
        assert answer.status_code == 400, content
        assert answer.json()["schemas"][0].endswith("Error")
    odd: list[Any] = [
        {"userName": ["a"], "name": "b"},
        user("K Prov", phoneNumbers="x", roles=3, active=[], **{ROLES: 1, ENTERPRISE: "x"}),
        user("K Prov", phoneNumbers=[3, {"value": "många"}]),
        user("K Prov", userName="x" * 9999),
    ]
    for body in odd:
        call("POST", "/Users", 400, body)
    call("POST", "/Users", 413, {"x": "y" * 1_100_000})
    for filter in ("userName sw x", 'emails eq "x"', "x", '"'):
        assert call("GET", "/Users", 400, params={"filter": filter})["scimType"] == "invalidFilter"
    call("GET", "/Users?startIndex=-3&count=abc", 200)
    for operations in (None, [], [3], [{"op": "x"}], [{"op": "remove"}], [{"op": "add", "value": 3}]):
        call("PATCH", f"/Users/{id}", 400, {"Operations": operations})
    call("GET", "/Users/%00", 404)
    for path in ("/ResourceTypes", "/Schemas"):
        assert call("GET", path, 200)["totalResults"] >= 1


def test_patches_change_what_their_paths_name() -> None:
    before = {"name": {"givenName": "A"}, "phoneNumbers": [{"type": "work", "value": "1"}], "x": [1]}
    operations = [
        {"op": "Replace", "path": "NAME.givenname", "value": "B"},
        {"op": "add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "2"},
        {"op": "replace", "path": 'phoneNumbers[type eq "work"].value', "value": "3"},
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Granen"},
        {"op": "add", "path": "x", "value": [1, 2]},
        {"op": "replace", "value": {"name.familyName": "C", f"{USER}:title": "t"}},
        {"op": "add", "path": "urn:other:2.0:User:thing", "value": "kept by nobody"},
    ]
    after = patched(before, operations)
    assert after == {
        "name": {"givenName": "B", "familyName": "C"},
        "phoneNumbers": [{"type": "work", "value": "3"}, {"type": "mobile", "value": "2"}],
        "x": [1, 2],
        "title": "t",
        ENTERPRISE: {"department": "Granen"},
    }
    assert before["name"] == {"givenName": "A"}
    removed = patched(
        after, [{"op": "remove", "path": 'phoneNumbers[type eq "work"]'}, {"op": "remove", "path": "x"}]
    )
    assert removed["phoneNumbers"] == [{"type": "mobile", "value": "2"}]
    assert "x" not in removed
    with pytest.raises(BadPatch):
        patched(before, [{"op": "add", "path": "not a path", "value": 1}])

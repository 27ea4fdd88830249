"""SCIM 2.0 (RFC 7643, RFC 7644): an identity system says itself who works here, with a key of its own."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from care.staff import StaffDocument
from endpoint.console.texts import texts
from endpoint.errors import NotKnown, TooLarge
from endpoint.limits import token_holds
from endpoint.parts import Parts
from endpoint.people import tokens
from endpoint.people.errors import BadPatch, ScimError
from endpoint.people.scim_answers import HANDLERS, answer
from endpoint.people.scim_patch import patched
from endpoint.people.scim_schemas import CONFIG, RESOURCE_TYPES, SCHEMAS
from endpoint.people.scim_store import Store
from endpoint.people.scim_users import LIST, written
from endpoint.people.tokens import Token

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
System = NamedDependency[Token]
BODY_MOST = 1024 * 1024
COUNT_MOST = 500


async def provide_system(request: AnyRequest, parts: NamedDependency[Parts]) -> Token:
    """The system whose key was sent. Raises NotKnown."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotKnown("no_session", "Authorization: Bearer <token>")
    now = parts.now()
    found = await parts.database.read(lambda connection: tokens.holder(connection, token.strip(), now))
    token_holds(request.scope)
    return found


@get("/Users")
async def users(
    parts: Here,
    system: System,
    filter: FromQuery[str] = "",
    startIndex: FromQuery[str] = "1",  # noqa: N803 - RFC 7644, 3.4.2.4
    count: FromQuery[str] = "100",
) -> Response[Any]:
    start, most = max(1, _number(startIndex, 1)), min(max(0, _number(count, 100)), COUNT_MOST)

    def find(store: Store) -> dict[str, Any]:
        found = store.found(filter)
        shown = found[start - 1 : start - 1 + most]
        return {
            "schemas": [LIST],
            "totalResults": len(found),
            "startIndex": start,
            "itemsPerPage": len(shown),
            "Resources": [_user(one, store, parts) for one in shown],
        }

    return answer(await _call(parts, system, find, writes=False))


@get("/Users/{id:str}")
async def user(parts: Here, system: System, id: FromPath[str]) -> Response[Any]:
    return answer(await _call(parts, system, lambda store: _user(store.one(id), store, parts), writes=False))


@post("/Users")
async def user_made(parts: Here, system: System, request: AnyRequest) -> Response[Any]:
    given = await _body(request)
    made = await _call(parts, system, lambda store: _user(store.create(given), store, parts))
    return answer(made, 201, Location=made["meta"]["location"])


@put("/Users/{id:str}")
async def user_put(parts: Here, system: System, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    given = await _body(request)
    return answer(await _call(parts, system, lambda store: _user(store.replace(id, given), store, parts)))


@patch("/Users/{id:str}")
async def user_patched(parts: Here, system: System, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    given = await _body(request)
    operations = next((value for key, value in given.items() if key.lower() == "operations"), None)

    def change(store: Store) -> dict[str, Any]:
        before = _user(store.one(id), store, parts)
        try:
            after = patched(before, operations)
        except BadPatch as error:
            raise ScimError(400, str(error), error.kind) from error
        return _user(store.replace(id, _agreeing(before, after)), store, parts)

    return answer(await _call(parts, system, change))


@delete("/Users/{id:str}", status_code=204)
async def user_deleted(parts: Here, system: System, id: FromPath[str]) -> None:
    await _call(parts, system, lambda store: store.delete(id))


@get("/ServiceProviderConfig")
async def config(system: System) -> Response[Any]:
    return answer(CONFIG)


@get("/ResourceTypes")
async def resource_types(system: System) -> Response[Any]:
    return answer(_list(RESOURCE_TYPES))


@get("/Schemas")
async def schemas(system: System) -> Response[Any]:
    return answer(_list(SCHEMAS))


async def _call(parts: Parts, system: Token, work: Callable[[Store], T], writes: bool = True) -> T:
    now = parts.now()

    def done(connection: Connection) -> tuple[T, frozenset[str]]:
        if writes:
            tokens.note_use(connection, system, now)
        store = Store(connection, parts.keys, system, now, writes)
        return work(store), store.woken

    result, woken = await (parts.database.write(done) if writes else parts.database.read(done))
    parts.database.wake.up(woken)
    return result


async def _body(request: AnyRequest) -> dict[str, Any]:
    data = await request.body()
    if len(data) > BODY_MOST:
        raise TooLarge("too_large", f"at most {BODY_MOST} bytes")
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScimError(400, str(error), "invalidSyntax") from error


def _user(staff: StaffDocument, store: Store, parts: Parts) -> dict[str, Any]:
    location = f"{parts.settings.base_url}/scim/v2/Users/{staff.id}"
    return written(staff, store.roster, texts("sv")(f"title.{staff.title}"), location)


def _agreeing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """A User after a PATCH, whose whole name follows from the part of it that was changed.

    What was not changed is not said again: roles and service stay as they are.
    """
    name = after.get("name")
    was, name = before["name"], name if isinstance(name, dict) else {}
    if name.get("formatted") == was["formatted"]:
        parts = [name.get("givenName"), name.get("familyName")]
        if parts != [was["givenName"], was["familyName"]]:
            after["name"] = {"formatted": " ".join(str(part) for part in parts if part)}
        elif after.get("displayName") != before["displayName"]:
            after["name"] = {"formatted": after.get("displayName")}
    for key in before:
        if key not in ("schemas", "userName", "name", "title") and after.get(key) == before[key]:
            after.pop(key, None)
    return after


def _number(text: str, otherwise: int) -> int:
    given = text.strip().removeprefix("-")
    return int(text) if given.isascii() and given.isdecimal() and len(given) < 9 else otherwise


def _list(resources: list[dict[str, Any]]) -> dict[str, Any]:
    count = len(resources)
    return {
        "schemas": [LIST],
        "totalResults": count,
        "startIndex": 1,
        "itemsPerPage": count,
        "Resources": resources,
    }


scim = Router(
    "/scim/v2",
    route_handlers=[
        users,
        user,
        user_made,
        user_put,
        user_patched,
        user_deleted,
        config,
        resource_types,
        schemas,
    ],
    dependencies={"system": Provide(provide_system)},
    exception_handlers=HANDLERS,
    include_in_schema=False,
)

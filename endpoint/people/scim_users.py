"""People as other systems write them: a SCIM User (RFC 7643, 4.1) read as lines of a list, and one of ours
written as a User.

Roles are in an extension of our own (`ROLES`): role, unit, from, to. A system that has no such thing gives a
title and a department, and the role follows from the title.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from care.staff import StaffDocument
from endpoint.people.errors import Unreadable
from endpoint.people.roster import Roster
from endpoint.people.table import BYTES_MOST, ROWS_MOST, Line, Sheet

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ROLES = "urn:rapp:params:scim:schemas:extension:staff:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_MOST = 500

Json = Mapping[str, Any]


def read_file(data: bytes) -> Sheet:
    """The Users of a file: a ListResponse, a list of Users, or one. Raises Unreadable."""
    if len(data) > BYTES_MOST:
        raise Unreadable("people.file.too_large", most=BYTES_MOST // 1024 // 1024)
    try:
        found = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("people.file.not_json") from error
    if isinstance(found, dict):
        found = _get(found, "Resources") or [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable("people.file.not_scim")
    if not found:
        raise Unreadable("people.file.empty")
    if len(found) > ROWS_MOST:
        raise Unreadable("people.file.too_many", most=ROWS_MOST)
    if not any(_get(one, "userName") for one in found):
        raise Unreadable("people.file.not_scim")
    return Sheet([line for number, one in enumerate(found, 1) for line in lines(one, number)])


def looks_like(data: bytes) -> bool:
    """Whether a file is JSON rather than a table."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def lines(user: Json, row: int = 1) -> list[Line]:
    """A User as lines, one for each role; one without a role when it names none."""
    title = _text(user, "title") or None
    given = _mapping(user, ROLES).get("roles")
    roles = [one for one in given if isinstance(one, Mapping)] if isinstance(given, Sequence) else []
    if not roles:
        unit = _text(_mapping(user, ENTERPRISE), "department") or None
        # "roles" has no vocabulary of its own (RFC 7643, 4.1.2): where a value is one of ours, it is a role.
        values = _get(user, "roles")
        told = _first(values) if isinstance(values, list) and values else None
        roles = [{"unit": unit, "role": told}] if unit else [{}]
    return [
        Line(
            row=row,
            identity=_text(user, "userName"),
            name=name_of(user),
            title=title,
            phone=value_of(user, "phoneNumbers", "tel:"),
            email=value_of(user, "emails", "mailto:"),
            language=(_text(user, "preferredLanguage").replace("_", "-").split("-")[0] or None),
            unit=_text(one, "unit") or None,
            role=_text(one, "role") or None,
            start=_text(one, "start") or None,
            end=_text(one, "end") or None,
        )
        for one in roles
    ]


def name_of(user: Json) -> str:
    """The whole name: formatted, given and family name, or the name that is displayed."""
    name = _mapping(user, "name")
    parts = [part for part in (_text(name, "givenName"), _text(name, "familyName")) if part]
    return _text(name, "formatted") or " ".join(parts) or _text(user, "displayName")


def value_of(user: Json, name: str, scheme: str) -> str | None:
    """The number or address for work; any other where there is none."""
    found = _get(user, name)
    values = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    values.sort(key=lambda one: (_get(one, "type") != "work", _get(one, "primary") is not True))
    value = next((text for one in values if (text := _text(one, "value"))), None)
    return value.removeprefix(scheme) if value else None


def active_of(user: Json) -> bool | None:
    """Whether the system says that they are in service; None: it does not say. Some send it as a word."""
    found = _get(user, "active")
    if isinstance(found, str):
        found = {"true": True, "false": False}.get(found.lower())
    return found if isinstance(found, bool) else None


def written(staff: StaffDocument, roster: Roster, title: str, location: str) -> dict[str, Any]:
    """Somebody as a User. `title`: the word for it; `location`: the address of the resource."""
    given, _, family = staff.name.rpartition(" ")
    current = roster.current(staff)
    units = [roster.units[role.unit].name for role in current]
    user: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE, ROLES],
        "id": staff.id,
        "userName": staff.identity or staff.id,
        "name": {
            "formatted": staff.name,
            "givenName": given or family,
            "familyName": family if given else "",
        },
        "displayName": staff.name,
        "title": title,
        "preferredLanguage": staff.language,
        "active": bool(current),
        "phoneNumbers": [{"value": staff.phone, "type": "work"}] if staff.phone else [],
        "emails": [{"value": staff.email, "type": "work"}] if staff.email else [],
        ROLES: {
            "roles": [
                {
                    "role": role.role.value,
                    "unit": roster.units[role.unit].name,
                    "start": role.start.isoformat(),
                    **({"end": role.end.isoformat()} if role.end else {}),
                }
                for role in current
            ]
        },
        "meta": {"resourceType": "User", "location": location},
    }
    if units:
        user[ENTERPRISE] = {"department": units[0]}
    if staff.created and staff.changed:
        user["meta"] |= {"created": staff.created.isoformat(), "lastModified": staff.changed.isoformat()}
    return user


def _get(user: Json, name: str) -> Any:
    """An attribute. Their names are without regard to case (RFC 7643, 2.1)."""
    if name in user:
        return user[name]
    return next((value for key, value in user.items() if key.lower() == name.lower()), None)


def _mapping(user: Json, name: str) -> Json:
    found = _get(user, name)
    return found if isinstance(found, Mapping) else {}


def _text(user: Json, name: str) -> str:
    found = _get(user, name)
    return " ".join(str(found)[:_MOST].split()) if isinstance(found, str | int | float) else ""


def _first(values: list[Any]) -> str:
    one = values[0]
    return _text(one, "value") if isinstance(one, Mapping) else str(one)[:_MOST]

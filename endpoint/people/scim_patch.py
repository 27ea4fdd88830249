"""PATCH of a User (RFC 7644, 3.5.2): operations on its JSON, which is then read as if it had been put."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from endpoint.people.errors import BadPatch
from endpoint.people.scim_users import ENTERPRISE, ROLES, USER

OPERATIONS_MOST = 100
_PATH = re.compile(
    r"(?:(?P<urn>urn:[^\s\[\]]+):)?(?P<name>[A-Za-z$][\w$-]*)"
    r"(?:\[(?P<by>[A-Za-z]\w*) eq (?P<value>\"[^\"]*\"|true|false)\])?(?:\.(?P<sub>[A-Za-z]\w*))?",
    re.IGNORECASE,
)
_URNS = {urn.lower(): urn for urn in (ENTERPRISE, ROLES, USER)}


def patched(user: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """A User after the operations. Raises BadPatch; then nothing has been done."""
    if not isinstance(operations, list) or not 1 <= len(operations) <= OPERATIONS_MOST:
        raise BadPatch("invalidSyntax", "Operations: a list of 1 to 100")
    result = deepcopy(dict(user))
    for one in operations:
        if not isinstance(one, Mapping):
            raise BadPatch("invalidSyntax", "an operation is an object")
        fields = {str(key).lower(): value for key, value in one.items()}
        verb, path, value = str(fields.get("op", "")).lower(), fields.get("path"), fields.get("value")
        if verb not in ("add", "replace", "remove"):
            raise BadPatch("invalidSyntax", "op: add, replace or remove")
        if path is None:
            _without_path(result, verb, value)
        else:
            _with_path(result, verb, str(path), value)
    return result


def _without_path(user: dict[str, Any], verb: str, value: Any) -> None:
    if verb == "remove":
        raise BadPatch("noTarget", "remove needs a path")
    if not isinstance(value, Mapping):
        raise BadPatch("invalidValue", "without a path the value is an object")
    for key, one in value.items():
        urn = _URNS.get(str(key).lower())
        if urn is not None and urn != USER and isinstance(one, Mapping):
            for name, inner in one.items():
                _set(_inside(user, urn), str(name), inner)
        else:
            # Some systems send paths as keys: "name.givenName".
            _with_path(user, "replace", str(key), one)


def _with_path(user: dict[str, Any], verb: str, path: str, value: Any) -> None:
    if path.lower() in _URNS and path.lower() != USER.lower():
        urn = _URNS[path.lower()]
        if verb == "remove":
            user.pop(urn, None)
        elif isinstance(value, Mapping):
            user[urn] = {**user.get(urn, {}), **value} if verb == "add" else dict(value)
        else:
            raise BadPatch("invalidValue", path)
        return
    found = _PATH.fullmatch(path)
    if found is None:
        raise BadPatch("invalidPath", path)
    known = _URNS.get((found["urn"] or USER).lower())
    if known is None:
        return  # an extension that we do not keep
    here = user if known == USER else _inside(user, known)
    if found["by"]:
        _in_list(here, verb, found, value)
    elif found["sub"]:
        inner = here.get(_key(here, found["name"]))
        if not isinstance(inner, dict):
            if verb == "remove":
                return
            inner = {}
            here[_key(here, found["name"])] = inner
        _change(inner, verb, found["sub"], value)
    else:
        _change(here, verb, found["name"], value)


def _in_list(here: dict[str, Any], verb: str, found: re.Match[str], value: Any) -> None:
    """What is said of the entries of a list that fit a filter, such as phoneNumbers[type eq "work"]."""
    name, by = _key(here, found["name"]), found["by"]
    wanted: Any = found["value"].strip('"') if found["value"][0] == '"' else found["value"].lower() == "true"
    entries = here.get(name)
    entries = list(entries) if isinstance(entries, list) else []
    fit = [one for one in entries if isinstance(one, dict) and one.get(by) == wanted]
    if verb == "remove" and not found["sub"]:
        here[name] = [one for one in entries if one not in fit]
        return
    if not fit:
        if verb == "remove":
            return
        fit = [{by: wanted}]
        entries += fit
    for one in fit:
        if found["sub"]:
            _change(one, verb, found["sub"], value)
        elif isinstance(value, Mapping):
            one.update(value)
        else:
            raise BadPatch("invalidValue", found[0])
    here[name] = entries


def _change(here: dict[str, Any], verb: str, name: str, value: Any) -> None:
    key = _key(here, name)
    if verb == "remove":
        here.pop(key, None)
    elif verb == "add" and isinstance(here.get(key), list):
        new = value if isinstance(value, list) else [value]
        here[key] = here[key] + [one for one in new if one not in here[key]]
    else:
        _set(here, name, value)


def _set(here: dict[str, Any], name: str, value: Any) -> None:
    key = _key(here, name)
    held = here.get(key)
    here[key] = {**held, **value} if isinstance(held, dict) and isinstance(value, Mapping) else value


def _inside(user: dict[str, Any], urn: str) -> dict[str, Any]:
    inner = user.get(urn)
    if not isinstance(inner, dict):
        inner = user[urn] = {}
    return inner


def _key(here: Mapping[str, Any], name: str) -> str:
    """The name as it stands there already, whatever its case."""
    return next((key for key in here if key.lower() == name.lower()), name)

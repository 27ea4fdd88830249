"""Who is who in Provkommun: ids that are the same on every machine and in every run.

`STAFF["Amina Yusuf"]`, `UNITS["Granen"]` and `RESIDENTS["Asta Provdahl"]` give ids by name. An order's id
comes from its key in orders.json: `order_id("marta-aslund/near")`.
"""

import uuid

from endpoint.demo import records
from endpoint.demo.errors import UnknownName

_DEMO = uuid.uuid5(uuid.NAMESPACE_DNS, "provkommun.rapp.test")

PROVIDER_NAME = "Provkommun"


def _id(kind: str, key: str) -> str:
    return str(uuid.uuid5(_DEMO, f"{kind}/{key}"))


PROVIDER = _id("provider", "provkommun")
UNITS = {unit.name: _id("unit", unit.key) for unit in records.units()}
STAFF = {one.name: _id("staff", one.key) for one in records.staff()}
RESIDENTS = {resident.name: _id("person", resident.key) for resident in records.residents()}

_KEYS = {
    "unit": frozenset(unit.key for unit in records.units()),
    "staff": frozenset(one.key for one in records.staff()),
    "person": frozenset(resident.key for resident in records.residents()),
    "order": frozenset(order.key for order in records.orders()),
}


def unit_id(key: str) -> str:
    """The id of a unit by its key, such as "granen"."""
    return _known("unit", key)


def staff_id(key: str) -> str:
    """The id of a member of staff by key, such as "amina-yusuf"."""
    return _known("staff", key)


def person_id(key: str) -> str:
    """The id of a resident by key, such as "asta-provdahl"."""
    return _known("person", key)


def order_id(key: str) -> str:
    """The id of an order by key, such as "marta-aslund/near"."""
    return _known("order", key)


def delegation_id(key: str, renewal: int = 0) -> str:
    """The id of a delegation; each renewal is another delegation."""
    return _id("delegation", f"{key}/{renewal}" if renewal else key)


def quality_id(kind: str, key: str) -> str:
    """The id of a routine ("routine", "fall") or of a plan of self-checks ("check", "falls")."""
    return _id(kind, key)


def _known(kind: str, key: str) -> str:
    if key not in _KEYS[kind]:
        raise UnknownName(f"{kind} {key!r}")
    return _id(kind, key)

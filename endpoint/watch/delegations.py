"""Delegations that end, in each unit that they cover: wherever they were issued."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from care import watch
from care.delegation import DelegationDocument
from care.watch import Found
from endpoint.schema import documents

InForce = Mapping[str, Sequence[bytes]]
"""Documents of delegations that have not ended, as they are kept, by each unit that they cover."""


class _Covers(Struct):
    units: list[str] = []
    end: datetime | None = None


def in_force(connection: Connection, now: datetime) -> InForce:
    """Read once for all units, and opened for each: one that cannot be read concerns its own units alone."""
    query = select(documents.c.unit, documents.c.document).where(
        documents.c.kind == DelegationDocument.kind, documents.c.document.is_not(None)
    )
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for home, data in connection.execute(query.order_by(documents.c.id)):
        try:
            covers = msgspec.json.decode(data, type=_Covers)
        except msgspec.DecodeError:
            covers = _Covers()
        if covers.end is None or covers.end > now:
            for unit in dict.fromkeys(covers.units or [home]):
                found[unit].append(data)
    return found


def ending(covering: Iterable[bytes], unit: str, now: datetime) -> list[Found]:
    """Those of a unit's that end soon. Raises msgspec.DecodeError."""
    opened = [msgspec.json.decode(data, type=DelegationDocument) for data in covering]
    return watch.ending([one for one in opened if not one.gone], unit, now)

"""What streams lack by today's rules (care/streams.py), of aggregates that were published by earlier ones."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from care.documents import Document
from care.facts import Ref
from care.published import FormDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.aggregates import aggregate_name, lock_aggregates
from endpoint.parts import Parts
from endpoint.publish import announce, publish

KINDS: tuple[type[Document], ...] = (UnitDocument, StaffDocument, FormDocument)
"""Whose streams have become more: they stand in those of MAS, MAR, SAS and skyddsombud too."""
_AT_ONCE = 100


def publish_anew(parts: Parts) -> int:
    """Append what is missing, some aggregates a transaction; how often a stream grew. Done again: never."""
    grown = 0
    for kind in KINDS:
        held = parts.database.read_now(partial(documents.all_of, kind=kind))
        for at in range(0, len(held), _AT_ONCE):
            ids = [one.id for one in held[at : at + _AT_ONCE]]
            woken = parts.database.write_now(partial(_publish, kind=kind, ids=ids))
            parts.database.wake.up(woken)
            grown += len(woken)
    return grown


def _publish(connection: Connection, kind: type[Document], ids: Sequence[str]) -> frozenset[str]:
    lock_aggregates(connection, [Ref(kind.kind, id) for id in ids])
    # Read once they are locked: what has changed meanwhile is published by whoever changed it.
    found = documents.some(connection, kind, ids)
    woken = publish(connection, {aggregate_name(Ref(kind.kind, one.id)): one for one in found}, {})
    announce(connection, woken)
    return woken

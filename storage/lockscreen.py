"""What the lock screen shows follows the documents of the unit and of its staff."""

import sqlite3
from collections.abc import Mapping

from care.documents import Document
from care.facts import Ref
from care.staff import StaffDocument
from care.unit import UnitDocument
from storage.file import File
from storage.slots import Card
from storage.state import LockInfo


def follow(file: File, connection: sqlite3.Connection, changed: Mapping[Ref, Document]) -> LockInfo | None:
    """Keep what changed of the unit's numbers and of the names on the slots. Returns new numbers, if any."""
    for document in changed.values():
        if isinstance(document, StaffDocument) and document.name:
            card = Card(document.id, document.name, document.title, document.language)
            file.slots.show(connection, card)
    unit = changed.get(Ref("unit", file.enrolled().unit))
    if not isinstance(unit, UnitDocument):
        return None
    info = LockInfo(
        unit_name=unit.name or file.enrolled().unit_name,
        phone_name=file.enrolled().name,
        nurse=tuple(unit.nurse),
        fallback=tuple(unit.fallback),
    )
    file.state.put(connection, info)
    return info

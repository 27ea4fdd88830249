"""Vårdgivare: which one each unit belongs to. They live apart on one endpoint (PDL 2008:355)."""

from sqlalchemy import Connection

from care.unit import UnitDocument
from endpoint import documents


def providers(connection: Connection) -> dict[str, str]:
    """The vårdgivare of each unit, by id."""
    return {unit.id: unit.provider for unit in documents.all_of(connection, UnitDocument)}

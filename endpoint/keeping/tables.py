"""Erasures as they are prepared and confirmed on the console."""

from sqlalchemy import Boolean, Column, Index, String, Table

from endpoint.schema import Moment, metadata

erasures = Table(
    "erasures",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("person", String),
    Column("whole", Boolean, nullable=False),
    Column("aggregates", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("prepared", Moment, nullable=False),
    Column("prepared_by", String, nullable=False),
    Column("state", String, nullable=False),
    Column("settled", Moment),
    Column("settled_by", String),
    Column("counts", String, nullable=False),
    Index("erasures_by_unit", "unit"),
)
"""``state``: prepared, confirmed, done, cancelled. ``person`` and ``aggregates`` (names with spaces between)
are there until it is done; ``counts`` is how many facts of each kind, as JSON."""

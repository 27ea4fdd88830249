"""Reports from the system before, the units that they name, and vårddygn per month."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from endpoint.schema import Moment, metadata

past_deviations = Table(
    "past_deviations",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("provider", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("unit_type", String, nullable=False),
    Column("category", String, nullable=False),
    Column("subcategory", String, nullable=False),
    Column("harm", String, nullable=False),
    Column("profession", String, nullable=False),
    Column("occurred", Moment),
    Column("reported", Moment, nullable=False),
    Column("day", String, nullable=False),
    Column("hour", Integer),
    Column("minutes", BigInteger),
    Column("person", LargeBinary),
    Column("imported", Moment, nullable=False),
    Index("past_deviations_by_unit", "unit", "day"),
)
"""Nobody here has signed them, so they are no facts and no cases: rows that figures count, marked as such.

``id`` and ``person`` are keyed hashes: of the row as it was written, of the other system's pseudonym.
``day`` is the local date that it is counted on, ``hour`` the local hour of occurrence.
"""

past_units = Table(
    "past_units",
    metadata,
    Column("id", String, primary_key=True),
    Column("provider", String, nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
)
"""Units that only old reports name: no longer there when Rapp began."""

past_keys = Table(
    "past_keys",
    metadata,
    Column("provider", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
"""The key of each vårdgivare's hashes, under the master key."""

care_days = Table(
    "care_days",
    metadata,
    Column("unit", String, primary_key=True),
    Column("month", String, primary_key=True),
    Column("days", BigInteger, nullable=False),
    Column("set_by", String, nullable=False),
    Column("set_at", Moment, nullable=False),
)
"""Vårddygn: how many person-days of care a unit gave in a month ("2024-03")."""

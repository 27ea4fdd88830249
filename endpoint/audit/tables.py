"""The log's tables. Rows and heads are only ever added; the database itself refuses anything else."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table

from endpoint.schema import Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("unit", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("staff", String, nullable=False),
    Column("device", String, nullable=False),
    Column("person", String, nullable=False),
    Column("act", String, nullable=False),
    Column("what", String, nullable=False),
    Column("role", String, nullable=False),
    Column("law", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_by_person", "person", "recorded"),
    Index("audit_by_staff", "staff", "recorded"),
)
"""One row per thing done, in its unit's chain of the local day on which the endpoint recorded it."""

audit_chains = Table(
    "audit_chains",
    metadata,
    Column("day", String, primary_key=True),
    Column("unit", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("closed", Boolean, nullable=False),
)
"""The end of each chain, and the lock under which it grows. ``closed``: its head has been signed."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("unit", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("day", String, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index("audit_heads_by_day", "unit", "day", unique=True),
)
"""The signed heads of a unit, each naming the one before it. They stay when their rows are gone."""

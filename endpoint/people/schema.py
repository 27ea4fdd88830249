"""Lists that wait to be carried out, and the keys of systems that send staff."""

from sqlalchemy import Boolean, Column, LargeBinary, String, Table

from endpoint.schema import Moment, metadata

staff_lists = Table(
    "staff_lists",
    metadata,
    Column("id", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("name", String, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("made", Moment, nullable=False),
    Column("passed_over", String, nullable=False),
    Column("lines", LargeBinary, nullable=False),
)
"""A list that was shown as a dry run, for whoever sent it. Gone when it is carried out, or in a day."""

scim_tokens = Table(
    "scim_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("name", String, nullable=False),
    Column("made", Moment, nullable=False),
    Column("made_by", String, nullable=False),
    Column("used", Moment),
    Column("closed", Moment),
    Column("closed_by", String),
    Column("use", String, nullable=False, default="staff", server_default="staff"),
)
"""``use``: what the key is for, "staff" (sending who works here) or "statistics" (reading figures)."""

scim_deleted = Table(
    "scim_deleted",
    metadata,
    Column("provider", String, primary_key=True),
    Column("staff", String, primary_key=True),
)
"""Who a system has deleted: not to be found by it (RFC 7644, 3.6), though what they did stays theirs."""

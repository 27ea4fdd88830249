"""The tables of log control. Staff and persons stand in them by id."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, UniqueConstraint

from endpoint.schema import Moment, metadata

log_controls = Table(
    "log_controls",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("month", String),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("drawn", Moment, nullable=False),
    Column("drawn_by", String, nullable=False),
    Column("method", BigInteger, nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("known", LargeBinary, nullable=False),
    Column("input", LargeBinary, nullable=False),
    Column("told", LargeBinary, nullable=False),
    Column("closed", Moment),
    Column("closed_by", String),
    Column("protocol", LargeBinary),
    Column("signature", LargeBinary),
    UniqueConstraint("unit", "month", name="log_controls_once"),
)
"""One control of one unit. ``month`` ("2026-10") is null for an extra one. ``known``: what the draw knew
beside the log (`known.Known`, JSON). ``input``: SHA-256 of what it was made from. ``told``: its counts."""

log_control_rows = Table(
    "log_control_rows",
    metadata,
    Column("control", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("row", LargeBinary, nullable=False),
    Column("decision", String),
    Column("note", String, nullable=False),
    Column("decided", Moment),
    Column("decided_by", String),
)
"""What was drawn (`care.log_control.Row`, JSON) and what was decided of it, until the control is closed."""

log_control_steps = Table(
    "log_control_steps",
    metadata,
    Column("control", String, primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", String, nullable=False),
    Column("step", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("note", String, nullable=False),
)
"""What has been done with a row that needed investigation, step by step; nothing is changed."""

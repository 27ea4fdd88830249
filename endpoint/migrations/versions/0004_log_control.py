"""Log control: what was drawn, what was decided, what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def text(name: str, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=null, primary_key=key)


def number(name: str, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, primary_key=key, autoincrement=False)


def binary(name: str, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def upgrade() -> None:
    op.create_table(
        "log_controls",
        text("id", key=True),
        text("unit"),
        text("month", null=True),
        number("since"),
        number("until"),
        number("drawn"),
        text("drawn_by"),
        number("method"),
        binary("seed"),
        binary("known"),
        binary("input"),
        binary("told"),
        number("closed", null=True),
        text("closed_by", null=True),
        binary("protocol", null=True),
        binary("signature", null=True),
        sa.UniqueConstraint("unit", "month", name="log_controls_once"),
    )
    op.create_table(
        "log_control_rows",
        text("control", key=True),
        number("number", key=True),
        binary("row"),
        text("decision", null=True),
        text("note"),
        number("decided", null=True),
        text("decided_by", null=True),
    )
    op.create_table(
        "log_control_steps",
        text("control", key=True),
        number("row", key=True),
        number("number", key=True),
        number("at"),
        text("by"),
        text("step"),
        text("outcome"),
        text("note"),
    )


def downgrade() -> None:
    for name in ("log_control_steps", "log_control_rows", "log_controls"):
        op.drop_table(name)

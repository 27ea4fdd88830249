"""Reports from the system before, vårddygn, and what a system's key is for."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "past_deviations",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("unit_type", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("subcategory", sa.String, nullable=False),
        sa.Column("harm", sa.String, nullable=False),
        sa.Column("profession", sa.String, nullable=False),
        sa.Column("occurred", sa.BigInteger),
        sa.Column("reported", sa.BigInteger, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("hour", sa.Integer),
        sa.Column("minutes", sa.BigInteger),
        sa.Column("person", sa.LargeBinary),
        sa.Column("imported", sa.BigInteger, nullable=False),
    )
    op.create_index("past_deviations_by_unit", "past_deviations", ["unit", "day"])
    op.create_table(
        "past_units",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
    )
    op.create_table(
        "past_keys",
        sa.Column("provider", sa.String, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "care_days",
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("month", sa.String, primary_key=True),
        sa.Column("days", sa.BigInteger, nullable=False),
        sa.Column("set_by", sa.String, nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    op.add_column("scim_tokens", sa.Column("use", sa.String, nullable=False, server_default="staff"))


def downgrade() -> None:
    op.drop_column("scim_tokens", "use")
    for name in ("care_days", "past_keys", "past_units", "past_deviations"):
        op.drop_table(name)

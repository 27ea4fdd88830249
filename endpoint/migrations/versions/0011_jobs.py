"""What the endpoint does by itself, and when it last did."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "jobs_done",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger),
    )


def downgrade() -> None:
    op.drop_table("jobs_done")

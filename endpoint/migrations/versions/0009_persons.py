"""Active choices: who chose to see a person beyond their own units, why, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "beyond",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("beyond_by_staff", "beyond", ["staff", "person"])


def downgrade() -> None:
    op.drop_table("beyond")

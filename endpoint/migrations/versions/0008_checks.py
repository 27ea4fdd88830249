"""What has been begun on a form of the console and not signed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "console_drafts",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("staff", sa.String(64), primary_key=True),
        sa.Column("typed", sa.LargeBinary, nullable=False),
        sa.Column("saved", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("console_drafts")

"""Photos of reports, and pieces of those that are on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("media", sa.String, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "photo_pieces",
        sa.Column("photo", sa.String, primary_key=True),
        sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("photo_pieces")
    op.drop_table("photos")

"""Files that wait to be read in on the console."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "import_lists",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("sort", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("passed_over", sa.String, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("moved", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("rows", sa.LargeBinary, nullable=False),
        sa.Column("results", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("import_lists")

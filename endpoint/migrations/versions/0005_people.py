"""Lists of staff that wait to be carried out, and the keys of systems that send staff."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "staff_lists",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("passed_over", sa.String, nullable=False),
        sa.Column("lines", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "scim_tokens",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("used", sa.BigInteger),
        sa.Column("closed", sa.BigInteger),
        sa.Column("closed_by", sa.String),
    )
    op.create_table(
        "scim_deleted",
        sa.Column("provider", sa.String, primary_key=True),
        sa.Column("staff", sa.String, primary_key=True),
    )


def downgrade() -> None:
    for name in ("scim_deleted", "scim_tokens", "staff_lists"):
        op.drop_table(name)

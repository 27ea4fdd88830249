"""Messages of the watch on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("matter", sa.String, nullable=False),
        sa.Column("stage", sa.BigInteger, nullable=False),
        sa.Column("things", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("next", sa.BigInteger),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sent", sa.BigInteger),
        sa.Column("given_up", sa.BigInteger),
        sa.Column("error", sa.String, nullable=False, server_default=""),
    )
    op.create_index("outgoing_next", "outgoing", ["next"])
    op.create_index("outgoing_by_unit", "outgoing", ["unit", "made"])


def downgrade() -> None:
    op.drop_table("outgoing")

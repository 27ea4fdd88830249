"""Since when the last secret of a slot's keys has been in use: it is exchanged after a time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("slot_keys", sa.Column("made", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("slot_keys", "made")

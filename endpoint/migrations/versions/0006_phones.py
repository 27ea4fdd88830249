"""What phones tell of themselves, how they are closed and moved, and their earlier keys."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("devices", sa.Column("state", sa.String, nullable=False, server_default="open"))
    op.add_column("devices", sa.Column("new_key", sa.Boolean, nullable=False, server_default=sa.false()))
    for name in ("state_since", "keyed", "protocol", "unsent", "aside", "drafts", "offset_ms", "told"):
        op.add_column("devices", sa.Column(name, sa.BigInteger))
    for name in ("move_to", "error", "slots"):
        op.add_column("devices", sa.Column(name, sa.String))
    op.add_column("enrol_codes", sa.Column("id", sa.String))
    op.add_column("enrol_codes", sa.Column("revoked", sa.BigInteger))
    op.create_table(
        "device_keys",
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("public", sa.LargeBinary, primary_key=True),
        sa.Column("end", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "device_events",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
    )
    op.create_index("device_events_by_device", "device_events", ["device", "at"])


def downgrade() -> None:
    op.drop_table("device_events")
    op.drop_table("device_keys")
    for name in ("id", "revoked"):
        op.drop_column("enrol_codes", name)
    for name in ("state", "new_key", "state_since", "keyed", "protocol", "unsent", "aside", "drafts"):
        op.drop_column("devices", name)
    for name in ("offset_ms", "told", "move_to", "error", "slots"):
        op.drop_column("devices", name)

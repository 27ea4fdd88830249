"""What has lately arrived of a unit, without reading all that ever has."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("facts_by_unit", "facts", ["unit", "received"])


def downgrade() -> None:
    op.drop_index("facts_by_unit", "facts")

"""By which anchors of TLS a phone says that it knows the endpoint."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("devices", sa.Column("anchors", sa.String))


def downgrade() -> None:
    op.drop_column("devices", "anchors")

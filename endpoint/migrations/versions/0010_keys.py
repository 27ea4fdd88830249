"""The public halves of the endpoint's keys: a key file that is too old is known by them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "noted_keys",
        sa.Column("public", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("noted", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("noted_keys")

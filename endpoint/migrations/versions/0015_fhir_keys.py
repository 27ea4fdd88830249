"""The keys with which journal systems read SBARs, each in the name of one person."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "fhir_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger),
        sa.Column("closed", sa.BigInteger),
    )
    op.create_index("fhir_keys_of_staff", "fhir_keys", ["staff"])


def downgrade() -> None:
    op.drop_table("fhir_keys")

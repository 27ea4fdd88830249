"""Facts whose content has been erased, and erasures that somebody prepares and another confirms."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("facts", sa.Column("erased", sa.String))
    some = sa.text("erased IS NOT NULL")
    op.create_index("facts_by_erasure", "facts", ["erased"], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "erasures",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("person", sa.String),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("aggregates", sa.String, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("prepared", sa.BigInteger, nullable=False),
        sa.Column("prepared_by", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("settled", sa.BigInteger),
        sa.Column("settled_by", sa.String),
        sa.Column("counts", sa.String, nullable=False),
    )
    op.create_index("erasures_by_unit", "erasures", ["unit"])


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_index("facts_by_erasure", "facts")
    op.drop_column("facts", "erased")

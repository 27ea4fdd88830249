"""Sessions of the console know when somebody signed in, was last seen, and what their provider calls it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Sessions of before hold none of this: whoever is signed in signs in anew.
    op.drop_table("console_sessions")
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("signed_in", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("checked", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.String),
        sa.Column("provider_session", sa.String),
        sa.Column("kept", sa.LargeBinary),
    )
    op.create_index("console_sessions_by_subject", "console_sessions", ["subject"])
    op.create_index("console_sessions_by_provider_session", "console_sessions", ["provider_session"])
    op.create_table(
        "authorizations",
        sa.Column("state", sa.LargeBinary, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "logout_tokens",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("logout_tokens")
    op.drop_table("authorizations")
    op.drop_table("console_sessions")
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("staff", sa.String, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )

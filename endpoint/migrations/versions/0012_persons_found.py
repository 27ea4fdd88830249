"""All that is held of a person is found without going through everybody's."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    some = sa.text("person IS NOT NULL")
    op.create_index("facts_by_person", "facts", ["person"], sqlite_where=some, postgresql_where=some)
    op.drop_index("documents_by_person", "documents")
    op.create_index("documents_of_person", "documents", ["person", "kind"])


def downgrade() -> None:
    op.drop_index("documents_of_person", "documents")
    op.create_index("documents_by_person", "documents", ["kind", "person"])
    op.drop_index("facts_by_person", "facts")

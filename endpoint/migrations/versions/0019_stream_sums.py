"""A sum over the facts of each stream, so that a phone can tell whether it has got them all.

Forward it is worked out for what is there: one reading of all places, about a second for 200,000 of them.
"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_AT_ONCE = 10_000


def upgrade() -> None:
    op.add_column("streams", sa.Column("sum", sa.BigInteger, nullable=False, server_default="0"))
    streams = sa.table("streams", sa.column("name", sa.String), sa.column("sum", sa.BigInteger))
    connection = op.get_bind()
    connection.execute(
        sa.update(streams).where(streams.c.name == sa.bindparam("of")).values(sum=sa.bindparam("with")),
        [
            # 64 bits, which the databases know with a sign.
            {"of": name, "with": found - 2**64 if found >= 2**63 else found}
            for name, found in _sums(connection).items()
        ]
        or [{"of": "", "with": 0}],
    )


def _sums(connection: sa.Connection) -> dict[str, int]:
    placed = sa.table("placed", sa.column("stream", sa.String), sa.column("fact", sa.String))
    facts = sa.table("facts", sa.column("id", sa.String), sa.column("hash", sa.LargeBinary))
    query = sa.select(placed.c.stream, facts.c.hash).join(facts, facts.c.id == placed.c.fact)
    found: defaultdict[str, int] = defaultdict(int)
    for stream, hash in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        found[stream] = (found[stream] + int.from_bytes(hash[:8], "big")) % 2**64
    return found


def downgrade() -> None:
    op.drop_column("streams", "sum")

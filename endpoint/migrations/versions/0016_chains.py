"""What has arrived of each phone's chain. What is held already is taken by its numbers, as one stretch for
each run of them: of a fact that was erased nobody knows any longer what it named."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
_SIGNATURE = 64


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("hash", sa.LargeBinary))
    op.create_index("quarantine_by_device", "quarantine", ["device", "hash"])
    chains = op.create_table(
        "chains",
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("stretches", sa.LargeBinary, nullable=False),
        sa.Column("restored", sa.BigInteger),
    )
    connection = op.get_bind()
    held = sa.text("SELECT seq, hash, id FROM facts WHERE device = :device ORDER BY seq")
    for device in connection.scalars(sa.text("SELECT id FROM devices")).all():
        rows = connection.execute(held, {"device": device}).all()
        stretches = [
            (first.seq, last.seq, _named(connection, first), bytes(last.hash).hex())
            for first, last in _runs(rows)
        ]
        data = json.dumps(stretches).encode()
        connection.execute(chains.insert().values(device=device, stretches=data))


def downgrade() -> None:
    op.drop_table("chains")
    op.drop_index("quarantine_by_device", "quarantine")
    op.drop_column("quarantine", "hash")


def _runs(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    first = last = None
    for row in rows:
        if last is not None and row.seq > last.seq + 1:
            yield first, last
            first = None
        first, last = first or row, row
    if first is not None:
        yield first, last


def _named(connection: Any, row: Any) -> str | None:
    """The fact that the first of a run names as the one before it."""
    if row.seq == 1:
        return None
    query = sa.text("SELECT envelope FROM facts WHERE id = :id")
    envelope = bytes(connection.execute(query, {"id": row.id}).scalar_one())
    prev = json.loads(envelope[_SIGNATURE:]).get("prev") if envelope else ""
    return prev[:64] if isinstance(prev, str) else None

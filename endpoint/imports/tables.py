"""Files that wait to be read in."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from endpoint.schema import Moment, metadata

import_lists = Table(
    "import_lists",
    metadata,
    Column("id", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("sort", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("name", String, nullable=False),
    Column("made", Moment, nullable=False),
    Column("passed_over", String, nullable=False),
    Column("total", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("moved", Moment, nullable=False),
    Column("done", Integer, nullable=False),
    Column("rows", LargeBinary, nullable=False),
    Column("results", LargeBinary, nullable=False),
)
"""``rows``: what the file says, gone once it has been read in; ``results``: what becomes of each row, which
names nobody. All of it goes within a day. ``moved``: when a batch was last through."""

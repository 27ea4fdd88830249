"""The endpoint's SQLite file with all its tables and nothing in them: made once in a process, then copied.

A copy is at hand in a fortieth of the time. That migrations make these tables is test_migrations.py's.
"""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from endpoint.database import Database
from endpoint.migrate import migrate


def with_tables(path: Path) -> None:
    """Put the tables where there is no file yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(_tables())


@cache
def _tables() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="rapp-tables-"))
    database = Database(f"sqlite:///{folder}/e.db")
    migrate(database)
    database.close()
    assert not (folder / "e.db-wal").exists(), "all of it is in the file"
    whole = (folder / "e.db").read_bytes()
    shutil.rmtree(folder)
    return whole

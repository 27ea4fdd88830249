"""A file that was put back as it once was: it cannot know that by itself. The endpoint holds later facts of
this phone, or two facts under one number, and says so.
"""

import sqlite3

from storage.chain import anew
from storage.errors import Damaged
from storage.file import File
from storage.state import Chain, Mishap


def begin_anew(
    file: File, connection: sqlite3.Connection, seq: int, fact_hash: str, twice: int
) -> Mishap | None:
    """Compare the end of the chain with what the endpoint holds; where it is older, begin a new stretch.

    Cursors go with it: whatever else in the file is older, the endpoint brings it again.
    """
    chain = _held(file, connection)
    if chain is None or not _is_older(chain, seq, fact_hash, twice):
        return None
    file.state.put(connection, anew(max(seq, chain.seq)))
    connection.execute("DELETE FROM cursors")
    mishap = Mishap(what="restored", at=file.now())
    file.state.put(connection, mishap)
    return mishap


def is_older(file: File, connection: sqlite3.Connection, seq: int, fact_hash: str, twice: int) -> bool:
    """Whether the end of the chain is older than what the endpoint holds. Changes nothing."""
    chain = _held(file, connection)
    return chain is not None and _is_older(chain, seq, fact_hash, twice)


def _held(file: File, connection: sqlite3.Connection) -> Chain | None:
    """The end of the chain; None when it is damaged: the next fact begins a new stretch anyway."""
    try:
        return file.state.get(connection, Chain) or Chain()
    except Damaged:
        return None


def _is_older(chain: Chain, seq: int, fact_hash: str, twice: int) -> bool:
    other = seq == chain.seq and chain.prev is not None and fact_hash != chain.prev
    return seq > chain.seq or other or twice > chain.before

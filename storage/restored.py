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
    try:
        chain = file.state.get(connection, Chain) or Chain()
    except Damaged:
        # The next fact begins a new stretch anyway.
        return None
    other = seq == chain.seq and chain.prev is not None and fact_hash != chain.prev
    if not (seq > chain.seq or other or twice > chain.before):
        return None
    file.state.put(connection, anew(max(seq, chain.seq)))
    connection.execute("DELETE FROM cursors")
    mishap = Mishap(what="restored", at=file.now())
    file.state.put(connection, mishap)
    return mishap

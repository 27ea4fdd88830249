"""When the log of a period is gone, so are the rows that were drawn from it. The protocol stays."""

from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, delete, select, update

from endpoint.audit.retention import oldest_kept
from endpoint.log_control import months
from endpoint.log_control.known import Known
from endpoint.log_control.tables import log_control_rows, log_control_steps, log_controls


def forget(connection: Connection, now: datetime) -> int:
    """Delete rows and steps of controls whose log is older than is kept. How many controls they were."""
    c = log_controls.c
    kept_from = months.midnight(oldest_kept(now))
    gone = 0
    for id, data in connection.execute(select(c.id, c.known).where(c.until < kept_from)).all():
        known = msgspec.json.decode(data, type=Known)
        if known.workers or known.protected:
            bare = msgspec.json.encode(replace(known, workers=(), protected=()))
            connection.execute(update(log_controls).where(c.id == id).values(known=bare))
            gone += 1
        connection.execute(delete(log_control_rows).where(log_control_rows.c.control == id))
        connection.execute(delete(log_control_steps).where(log_control_steps.c.control == id))
    return gone

"""Sending what waits, one message after the other, each in hand of one worker alone."""

import logging
import time

from care.unit import UnitDocument
from endpoint import documents
from endpoint.parts import Parts
from endpoint.watch import channels, outgoing
from endpoint.watch.channels import NotTaken

logger = logging.getLogger("rapp.watch")
AT_A_TIME = 200
FOR_S = 30.0
"""At most so long at one look: what else is due each minute must not wait for a gateway that is slow."""


def send_due(parts: Parts) -> int:
    """Try all that is due; how many were taken. Blocking."""
    database, taken = parts.database, 0
    ends = time.monotonic() + FOR_S
    for id in database.read_now(lambda connection: outgoing.due(connection, parts.now(), AT_A_TIME)):
        if time.monotonic() > ends:
            break
        taken += _try(parts, id)
    return taken


def _try(parts: Parts, id: str) -> bool:
    database = parts.database
    message = database.write_now(lambda connection: outgoing.take(connection, id, parts.now()))
    if message is None:
        return False
    unit = database.read_now(lambda connection: documents.one(connection, UnitDocument, message.unit))
    name = unit.name if unit else ""
    try:
        channels.send(parts.settings.channels, message, name, parts.settings.base_url, parts.now())
    except NotTaken as error:
        reason, for_good = error.reason, error.for_good
    except Exception as error:
        # Of a message that breaks its way, such as a setting that no header can hold: the others go on.
        reason, for_good = "fault", False
        logger.error("a message broke its way: %s %s", message.channel, type(error).__name__)
    else:
        database.write_now(lambda connection: outgoing.taken(connection, message.id, parts.now()))
        return True
    logger.warning("not taken: %s %s %s, try %s", message.channel, message.id, reason, message.tries)
    database.write_now(lambda c: outgoing.failed(c, message, reason, parts.now(), for_good))
    return False

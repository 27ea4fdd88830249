"""Carrying out what two people have decided: in batches, beside the work of the phones, and to its end.

Begun when it is confirmed; where the endpoint ended in the middle of it, the scheduler goes on with it.
"""

import logging

from endpoint.keeping import decisions, ledger
from endpoint.keeping.decisions import Decided
from endpoint.keeping.erase import Order, clear_quarantine, erase
from endpoint.parts import Parts

logger = logging.getLogger("rapp.keeping")


def carry_out(parts: Parts) -> int:
    """Erase all that has been confirmed. How many erasures. Safe to do twice at once. Blocking."""
    waiting = parts.database.read_now(decisions.confirmed)
    for one in waiting:
        _carry_out(parts, one)
    return len(waiting)


def begin(parts: Parts) -> None:
    """Carry out what has just been confirmed, after whoever confirmed it has been answered. Blocking."""
    try:
        carry_out(parts)
    except Exception:
        # Nobody is there to be told; it stays confirmed.
        logger.exception("an erasure was broken off; the scheduler goes on with it")


def _carry_out(parts: Parts, decided: Decided) -> None:
    database = parts.database
    names = database.read_now(lambda connection: decisions.names_now(connection, decided))
    assert decided.settled_by is not None
    order = Order("decision", decided.decision, decided.settled_by, decided.unit)

    erase(
        database,
        parts.keys,
        names,
        order,
        lambda connection, counts: decisions.went(connection, decided.id, counts),
    )
    ledger.keep(database, ledger.path_in(parts.settings.data))
    whom = [decided.person] if decided.person and decided.whole else []
    clear_quarantine(database, parts.keys, whom, names)
    database.write_now(lambda connection: decisions.finish(connection, decided.id))
    database.checkpoint()

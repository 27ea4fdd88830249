"""How delivery stands, for the chip that is always visible. Derived here and nowhere else.

"sent" is said only when nothing waits, and a fact leaves the outbox only through a verified receipt.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Phase = Literal["sent", "sending", "waiting", "offline", "action"]


class SyncState(Struct, frozen=True):
    """What a screen may say of delivery.

    ``reason`` is a text's key: why it is offline, or what needs somebody. ``sign_in`` are the ids of those
    unlocked who must sign in anew before anything new reaches them; what they save is still delivered.
    """

    phase: Phase = "sent"
    waiting: int = 0
    needs_action: int = 0
    last_contact: datetime | None = None
    all_sent_at: datetime | None = None
    reason: str = ""
    sign_in: frozenset[str] = frozenset()


class Connection(Struct, frozen=True):
    """What the last tries showed. ``connected`` is None until the first of them has ended.

    ``trouble`` is the key of what keeps it from working and will not pass by itself.
    """

    connected: bool | None = None
    sending: bool = False
    asked_to_wait: bool = False
    reason: str = ""
    trouble: str = ""
    sign_in: frozenset[str] = frozenset()


def phase(waiting: int, needs_action: int, connection: Connection) -> Phase:
    """Which of the chip's five forms holds.

    What needs somebody comes first, since it will not pass; then being offline, which is normal and said also
    when nothing waits; then what waits.
    """
    if needs_action or connection.trouble:
        return "action"
    if connection.asked_to_wait:
        return "waiting" if waiting else "sent"
    if connection.connected is False:
        return "offline"
    if not waiting:
        return "sent"
    return "sending" if connection.sending or connection.connected else "waiting"


def chip(
    waiting: int,
    needs_action: int,
    connection: Connection,
    last_contact: datetime | None = None,
    all_sent_at: datetime | None = None,
) -> SyncState:
    """The state that the chip shows."""
    reason = connection.trouble or connection.reason
    if needs_action and not connection.trouble:
        reason = "delivery.quarantined"
    return SyncState(
        phase=phase(waiting, needs_action, connection),
        waiting=waiting,
        needs_action=needs_action,
        last_contact=last_contact,
        all_sent_at=all_sent_at,
        reason=reason,
        sign_in=connection.sign_in,
    )

"""Renewing the certificate of whoever is unlocked, in good time and without a sign-in."""

from datetime import timedelta

from storage import Unlocked
from sync.errors import Offline, Refused
from sync.session import Sessions
from wire.messages import Renewed

RENEW_BEFORE = timedelta(days=10)
"""So long before its end; a phone that is in contact once a week renews in time."""


async def renew(who: Unlocked, sessions: Sessions) -> None:
    """Renew the certificate when it is time. If it cannot be, the person signs in again one day."""
    if who.locked or who.certified_until - sessions.now() > RENEW_BEFORE or not sessions.may_renew(who.staff):
        return
    try:
        renewed = await sessions.ask(
            who, lambda token: sessions.link.post("/v1/certificate", None, Renewed, token)
        )
    except (Refused, Offline):
        return
    if renewed.end > who.certified_until or renewed.sign_in_by > who.sign_in_by:
        who.renewed(max(renewed.end, who.certified_until), renewed.sign_in_by)

"""Renewing the certificate of whoever is unlocked, in good time and without a sign-in."""

import logging
from datetime import timedelta

from storage import ForeignKeys, Unlocked
from sync.errors import Offline, Refused
from sync.session import Sessions
from wire.messages import Renewed

RENEW_BEFORE = timedelta(days=10)
"""So long before its end; a phone that is in contact once a week renews in time."""
_log = logging.getLogger(__name__)


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
    if renewed.phone_key and renewed.own_key:
        try:
            who.take_keys(renewed.phone_key, renewed.own_key)
        except ForeignKeys as error:
            # Nothing is lost: the phone goes on with the keys that it has.
            _log.warning("keys: %r", error)
    if renewed.end > who.certified_until or renewed.sign_in_by > who.sign_in_by:
        who.renewed(max(renewed.end, who.certified_until), renewed.sign_in_by)

"""A phone without contact for longer than it may rely on its delegations: one reason a shift, and why.

A delegation may have been revoked without this phone knowing. Nothing is refused; the reason goes with what
is signed, and the nurse sees it.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from care.dose import Unheard
from care.signing import relies_too_long
from views.model import reading
from views.model.shift import Shift

A_SHIFT = timedelta(hours=12)
_NOTE = "unheard"


class Silence(Struct, frozen=True):
    """Since when the phone has had no contact, and why somebody goes on signing."""

    since: datetime
    reason: Unheard
    said: datetime


def since(shift: Shift) -> datetime | None:
    """Since when it has had no contact, where that is too long; else None."""
    unit, last = reading.unit(shift), shift.phone.sync.state.last_contact
    days = unit.settings.delegation_trust_days if unit else 7
    return last if relies_too_long(last, shift.phone.now(), days) else None


def said(shift: Shift) -> Silence | None:
    """The reason given this shift by whoever has the phone, while the silence lasts."""
    note = reading.remembered(shift, _NOTE) if since(shift) else None
    try:
        silence = msgspec.json.decode(note, type=Silence) if note else None
    except msgspec.DecodeError:
        return None
    fresh = silence is not None and shift.phone.now() - silence.said < A_SHIFT
    return silence if fresh else None


def asks(shift: Shift) -> bool:
    """Whether the reason is to be asked for before something is signed on a delegation."""
    return since(shift) is not None and said(shift) is None


def say(shift: Shift, reason: Unheard) -> None:
    last = since(shift)
    if last:
        silence = Silence(last, reason, shift.phone.now())
        shift.me.remember(_NOTE, msgspec.json.encode(silence))
        shift.changed()

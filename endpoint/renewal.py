"""Renewing a person's certificate without a new sign-in, while they work here and have signed in lately."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection

from care.facts import Ref
from care.staff import StaffCertified, StaffDocument, StaffKey
from endpoint import documents, slot_keys
from endpoint.errors import Gone
from endpoint.keys import Keys
from endpoint.sessions import Caller
from endpoint.settings import Settings
from endpoint.standing import check_open
from endpoint.statements import Statement, write
from endpoint.using_phones import phone_of
from wire.messages import Renewed

RENEW_BEFORE = timedelta(days=10)
"""A certificate that lasts longer than this is left as it is."""


class Lasting(Struct, frozen=True):
    """How long a certificate lasts, and for how long after a sign-in it is renewed; days."""

    certificate: int
    sign_in: int
    ring_key: timedelta
    """How long a secret of the phone's rings is in use."""

    def end(self, now: datetime, signed_in: datetime) -> datetime:
        """When a certificate that is given now ends."""
        return min(now + timedelta(days=self.certificate), self.sign_in_by(signed_in))

    def sign_in_by(self, signed_in: datetime) -> datetime:
        return signed_in + timedelta(days=self.sign_in)


def lasting_of(settings: Settings) -> Lasting:
    return Lasting(settings.certificate_days, settings.sign_in_days, timedelta(days=settings.device_key_days))


def renew(
    connection: Connection, keys: Keys, caller: Caller, now: datetime, lasting: Lasting
) -> tuple[Renewed, frozenset[str]]:
    """Vouch for the caller's key anew. Too early: as it stands. Raises Gone, NotAllowed."""
    check_open(connection, caller.device)
    staff = documents.one(connection, StaffDocument, caller.person)
    if staff is None or not phone_of(connection, caller.unit).works_here(staff, now):
        raise Gone("not_of_unit", "the person holds no role with which one uses this phone")
    held = [key for key in staff.keys if key.device == caller.device and key.end > now]
    if not held:
        raise Gone("sign_in_again", "no key of theirs on this phone is vouched for")
    # The key of the last sign-in: the slot holds that one.
    newest = max(held, key=lambda key: (staff.signed_in_at(caller.device, key.public) or key.start, key.end))
    signed_in = staff.signed_in_at(caller.device, newest.public) or newest.start
    end, by = lasting.end(now, signed_in), lasting.sign_in_by(signed_in)
    if newest.end > now + RENEW_BEFORE or end <= newest.end:
        return _renewed(connection, keys, caller, newest.end, by, now, lasting), frozenset()
    key = StaffKey(caller.device, newest.public, now, end)
    said = Statement(StaffCertified(key=key), Ref("staff", staff.id), staff.unit)
    _, done = write(connection, keys, [said])
    return _renewed(connection, keys, caller, end, by, now, lasting), done.woken


def _renewed(
    connection: Connection,
    keys: Keys,
    caller: Caller,
    end: datetime,
    by: datetime,
    now: datetime,
    lasting: Lasting,
) -> Renewed:
    phone, own = (
        slot_keys.chain(connection, keys, caller.device, staff, now, lasting.ring_key)
        for staff in ("", caller.person)
    )
    return Renewed(end=end, sign_in_by=by, phone_key=phone, own_key=own)

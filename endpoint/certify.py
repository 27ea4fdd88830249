"""Certifying a person's key on a phone, after a sign-in; and the keys of their slot there.

Both slot keys are kept here (slot_keys.py), so that a forgotten code, or a first sign-in on a locked phone,
loses nothing that is on it.
"""

from datetime import datetime

from sqlalchemy import Connection, update

from care.facts import Ref
from care.staff import StaffCertified, StaffDocument, StaffKey
from endpoint import documents, slot_keys, standing
from endpoint.errors import Gone, NotAllowed, NotKnown
from endpoint.identity import sign_ins
from endpoint.keys import Keys
from endpoint.renewal import Lasting
from endpoint.schema import sign_ins as sign_ins_table
from endpoint.sessions import Caller
from endpoint.statements import Statement, write
from endpoint.using_phones import phone_of
from wire.errors import SignatureError
from wire.messages import Certified, CertifyRequest
from wire.signature import Context, verify


def certify(
    connection: Connection,
    keys: Keys,
    caller: Caller,
    sign_in: str,
    request: CertifyRequest,
    now: datetime,
    lasting: Lasting,
) -> tuple[Certified, frozenset[str]]:
    """Vouch for the key; what is to be woken comes along. Asked again with the same key: the same answer."""
    standing.check_open(connection, caller.device)
    row = sign_ins.locked(connection, sign_in, caller.device)
    if row.staff is None or row.refused or row.expires <= now:
        raise Gone("no_sign_in", "nobody has signed in, or it is too long ago")
    _check_proof(request, f"{sign_in}{row.staff}")
    staff = documents.one(connection, StaffDocument, row.staff)
    if staff is None or not phone_of(connection, caller.unit).may_use(staff, now):
        raise NotAllowed("not_of_unit", "the person holds no role today with which one uses this phone")
    start, end, woken = row.certified_from, row.certified_until, frozenset[str]()
    if row.public is None:
        start, end = now, lasting.end(now, now)
        key = StaffKey(caller.device, request.public, start, end)
        fact = Statement(StaffCertified(key=key), Ref("staff", staff.id), staff.unit)
        _, done = write(connection, keys, [fact])
        woken = done.woken
        connection.execute(
            update(sign_ins_table)
            .where(sign_ins_table.c.id == sign_in)
            .values(public=request.public, certified_from=start, certified_until=end)
        )
    elif row.public != request.public:
        raise Gone("used_sign_in", "this sign-in has certified another key")
    certified = Certified(
        staff=staff.id,
        start=start,
        end=end,
        phone_key=slot_keys.chain(connection, keys, caller.device, "", now, lasting.ring_key),
        own_key=slot_keys.chain(connection, keys, caller.device, staff.id, now, lasting.ring_key),
        sign_in_by=lasting.sign_in_by(start),
    )
    return certified, woken


def _check_proof(request: CertifyRequest, proven: str) -> None:
    try:
        verify(request.public, Context.CERTIFY, request.proof, proven.encode())
    except SignatureError as error:
        raise NotKnown("bad_proof", str(error), field="proof") from error

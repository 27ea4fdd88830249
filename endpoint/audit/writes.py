"""Rows for facts: whatever is recorded of anybody or anything is logged in the same transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache

import msgspec
from sqlalchemy import Connection, bindparam, select

from care.erasing import ERASED
from care.errors import BodyError
from care.facts import ENDPOINT, Fact, body_of
from care.rights import ACT_OF_FACT, Act, laws
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import READ_ACT
from care.viewing import PersonViewed
from endpoint.audit.chain import Entry, note, roles_then
from endpoint.schema import documents

_ACTS: dict[str, Act] = {
    **ACT_OF_FACT,
    "dose.given": Act.DOSE_SIGN,
    "dose.withheld": Act.DOSE_SIGN,
    "dose.corrected": Act.DOSE_SIGN,
    "sbar.recorded": Act.SBAR_RECORD,
    "sbar.called": Act.SBAR_RECORD,
    "sbar.acknowledged": Act.SBAR_ANSWER,
    "sbar.answered": Act.SBAR_ANSWER,
    "sbar.closed": Act.SBAR_ANSWER,
    "sbar.read_back": Act.SBAR_READ_BACK,
    "deviation.reported": Act.DEVIATION_REPORT,
    "deviation.amended": Act.DEVIATION_REPORT,
    "deviation.photographed": Act.DEVIATION_REPORT,
    "deviation.received": Act.DEVIATION_HANDLE,
    "deviation.status": Act.DEVIATION_HANDLE,
    "complaint.received": Act.COMPLAINT_RECEIVE,
    "delegation.accepted": Act.DELEGATION_ACCEPT,
    "delegation.declined": Act.DELEGATION_ACCEPT,
    "person.nurse_set": Act.PERSON_NURSE,
    ERASED: Act.RECORD_ERASE,
}
"""The act that stating a type is; of others, reading the unit gives the law."""


def log(connection: Connection, facts: Sequence[Fact], recorded: datetime) -> None:
    """A row for each fact that has just been recorded, in their order. Comes last in the transaction."""
    if facts:
        staff = _staff(connection, {one.author for one in facts if one.author and one.author != ENDPOINT})
        roles = cache(lambda author, unit, day: roles_then(staff.get(author), unit, day))
        note(connection, [_entry(one, roles) for one in facts], recorded)


def _entry(fact: Fact, roles: Callable[[str, str, date], str]) -> Entry:
    viewed = _viewed(fact)
    at = fact.time
    by_hand = fact.device == ENDPOINT and fact.author != ENDPOINT
    return Entry(
        at=at,
        staff=fact.author or "",
        device="console" if by_hand else fact.device,
        unit=fact.unit,
        person=fact.person or (fact.aggregate.id if fact.aggregate.kind == "person" else ""),
        act="read" if viewed else "erase" if fact.type == ERASED else "write",
        what=viewed.what if viewed else fact.type,
        role=roles(fact.author or "", fact.unit, local_day(at)),
        law=_law(READ_ACT.get(viewed.under, Act.UNIT_READ) if viewed else law_act(fact.type)),
        ref=fact.id,
    )


def law_act(fact_type: str) -> Act:
    """The act whose law a type is stated under."""
    return _ACTS.get(fact_type, Act.UNIT_READ)


def _viewed(fact: Fact) -> PersonViewed | None:
    if fact.type != "person.viewed":
        return None
    try:
        body = body_of(fact)
    except BodyError:
        body = None
    # Whatever its body says, it was a reading.
    return body if isinstance(body, PersonViewed) else PersonViewed(what="unknown")


_STAFF = select(documents.c.document).where(documents.c.aggregate.in_(bindparam("names", expanding=True)))


def _staff(connection: Connection, ids: Iterable[str]) -> dict[str, StaffDocument]:
    # Not endpoint.documents, which needs what is being recorded here.
    names = [f"staff/{id}" for id in ids]
    if not names:
        return {}
    rows = connection.scalars(_STAFF, {"names": names})
    found = [msgspec.json.decode(data, type=StaffDocument) for data in rows if data is not None]
    return {one.id: one for one in found}


_law = cache(laws)

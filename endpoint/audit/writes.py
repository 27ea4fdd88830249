"""Rows for facts: whatever is recorded of anybody or anything is logged in the same transaction."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import Connection

from care.erasing import ERASED
from care.errors import BodyError
from care.facts import ENDPOINT, Fact, body_of
from care.rights import ACT_OF_FACT, Act, laws
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import READ_ACT
from care.viewing import PersonViewed
from endpoint import documents
from endpoint.audit.chain import Entry, note, roles_then

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
        authors = {one.author for one in facts if one.author and one.author != ENDPOINT}
        staff = {one.id: one for one in documents.some(connection, StaffDocument, authors)}
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


_law = cache(laws)

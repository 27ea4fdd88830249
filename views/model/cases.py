"""Deviations as those read them who answer for them: chief, nurse, FT, AT, MAS, MAR, SAS, the skyddsombud."""

from care.case_due import due
from care.deviation import DeviationDocument
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import CASE_READERS, Stream, granted, streams_of
from views.model import reading
from views.model.shift import Shift


def read_as(shift: Shift, document: DeviationDocument) -> str:
    """The class of stream by which whoever has the phone may read a case; "": they may not."""
    return _read_as(_granted(shift), document)


def may_read_any(shift: Shift) -> bool:
    """Whether there is a class of cases that is theirs to read, whatever there is in it."""
    return any(stream.of in CASE_READERS for stream in _granted(shift))


def all_of(shift: Shift) -> list[DeviationDocument]:
    """Those that are theirs to read: what is overdue first, open before closed, the newest first."""
    theirs, today = _granted(shift), local_day(shift.phone.now())
    found = [one for one in reading.all_of(shift, DeviationDocument) if _read_as(theirs, one)]

    def order(one: DeviationDocument) -> tuple[bool, bool, float, str]:
        at, waits = one.reported or one.created, due(one)
        late = bool(waits) and waits[0].overdue(today)
        return one.step == "closed", not late, -(at.timestamp() if at else 0.0), one.id

    return sorted(found, key=order)


def _read_as(theirs: frozenset[Stream], document: DeviationDocument) -> str:
    found = {stream.of for stream in streams_of(document) if stream in theirs}
    return next((of for of in CASE_READERS if of in found), "")


def _granted(shift: Shift) -> frozenset[Stream]:
    me: StaffDocument | None = reading.me(shift)
    if me is None:
        return frozenset()
    units = {one.unit for one in reading.all_of(shift, DeviationDocument)}
    return frozenset(granted(me, local_day(shift.phone.now()), reading.providers(shift, *units)))

"""Deviations as those read them who answer for them: chief, MAS, MAR, SAS, and the skyddsombud."""

from care.deviation import DeviationDocument
from care.staff import StaffDocument
from care.streams import Stream, granted, streams_of
from care.unit import UnitDocument
from views.model import reading
from views.model.shift import Shift

READERS = ("chief", "mas", "sas", "safety")
"""Classes of stream in which cases are read by others than nurses, in the order in which the law is named."""


def read_as(shift: Shift, document: DeviationDocument) -> str:
    """The class of stream by which whoever has the phone may read a case; "": they may not."""
    theirs = _granted(shift)
    found = {stream.of for stream in streams_of(document) if stream in theirs}
    return next((of for of in (*READERS, "nurse") if of in found), "")


def may_read_any(shift: Shift) -> bool:
    """Whether there is a class of cases that is theirs to read, whatever there is in it."""
    return any(stream.of in READERS for stream in _granted(shift))


def all_of(shift: Shift) -> list[DeviationDocument]:
    """Those that are theirs to read: open before closed, the newest first."""
    found = [one for one in reading.all_of(shift, DeviationDocument) if read_as(shift, one) in READERS]

    def order(one: DeviationDocument) -> tuple[bool, float, str]:
        at = one.reported or one.created
        return one.step == "closed", -(at.timestamp() if at else 0.0), one.id

    return sorted(found, key=order)


def _granted(shift: Shift) -> frozenset[Stream]:
    me: StaffDocument | None = reading.me(shift)
    if me is None:
        return frozenset()
    providers = {one.id: one.provider for one in reading.all_of(shift, UnitDocument)}
    return frozenset(granted(me, shift.phone.now().date(), providers))

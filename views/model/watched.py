"""What the watch has told the nurses, or the unit's chief, and is not seen to yet as far as is known here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.dose import DoseDocument
from care.notice import MATTERS, NoticeDocument, Told
from care.unit import UnitDocument
from views.model import reading
from views.model.shift import Shift

KEPT = timedelta(hours=24)
"""How long it stays on the phone; the console has a week."""


@dataclass(frozen=True)
class Line:
    """One matter of a unit. ``at``: when it was last told of."""

    matter: str
    unit: str
    count: int
    at: datetime
    fact: str
    """The last telling, by which it is heard once."""


def watched(shift: Shift, to: Told) -> list[Line]:
    """The lines for those who are told, by matter, of the units that they read so.

    A signature that is known here clears its task.
    """
    now = shift.phone.now()
    found = []
    for notice in reading.all_of(shift, NoticeDocument):
        if not reading.reads(shift, to, notice.unit):
            continue
        tellings = [one for one in notice.tellings if one.to == to and now - one.at < KEPT]
        about = {id for one in tellings for id in notice.open(one)}
        left = about - _signed(shift, notice, about)
        if left and notice.matter in MATTERS:
            unit = reading.one(shift, UnitDocument, notice.unit)
            name = unit.name if unit else ""
            found.append(Line(notice.matter, name, len(left), tellings[-1].at, tellings[-1].fact))
    return sorted(found, key=lambda one: (MATTERS.index(one.matter), one.unit))


def _signed(shift: Shift, notice: NoticeDocument, about: set[str]) -> set[str]:
    if notice.matter != "late_doses":
        return set()
    return {one.id for one in reading.some(shift, DoseDocument, about) if one.standing}

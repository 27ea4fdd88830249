"""A drawn row as a chief reads it: who, whom, what, when, why it was drawn, and what else was done then."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection

from care.log_signs import Care
from care.person import PersonDocument
from care.signing import local_day
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.console.times import clock
from endpoint.log_control.control import Control, Judged
from endpoint.persons.beyond import REASONS

READ = (
    "sign",
    "as_needed",
    "form",
    "sbar",
    "report",
    "deviation",
    "inbox",
    "deviations",
    "signing",
    "person",
    "import",
)
"""Pages and screens by their name in the log; whatever else is read is called the record."""
WROTE = ("dose", "sbar", "deviation", "order", "delegation", "person", "task")
CARE_MOST = 3


class Shown(Struct, frozen=True):
    """One row with everybody's names. `worked`: names of the units where a role was held that day."""

    judged: Judged
    unit: UnitDocument
    staff: StaffDocument | None
    person: PersonDocument | None
    worked: tuple[str, ...]
    own: bool
    """Whether it is the reader's own reading."""
    by: str
    """Who judged it."""

    @property
    def number(self) -> int:
        return self.judged.row.number

    def what(self, t: Texts) -> list[str]:
        """What was looked at, each once."""
        row = self.judged.row.occasion
        said = [
            t(f"console.log_control.act.{act}") for act in ("beyond", "export", "print") if act in row.acts
        ]
        if "read" in row.acts:
            names = (what if what in READ else "record" for what in row.whats)
            said += [t(f"console.log_control.read.{name}") for name in dict.fromkeys(names)]
        return said or [t("console.log_control.read.record")]

    def reasons(self, t: Texts) -> list[str]:
        """What was given as the reason of an active choice."""
        return [_reason(reason, t) for reason in self.judged.row.occasion.reasons]

    def care(self, t: Texts) -> list[str]:
        """What they wrote of the same person then: "gav en insats 08:04"."""
        near = sorted(self.judged.row.care, key=lambda one: abs(one.at - self.judged.row.occasion.first))
        return [_wrote(one, t) for one in sorted(near[:CARE_MOST])]


def rows(connection: Connection, control: Control, reader: Reader, unit: UnitDocument) -> list[Shown]:
    """Every row of a control, in its order."""
    occasions = [one.row.occasion for one in control.rows]
    deciders = {one.decided_by for one in control.rows if one.decided_by}
    staff = _by_id(documents.some(connection, StaffDocument, {one.staff for one in occasions} | deciders))
    persons = _by_id(documents.some(connection, PersonDocument, {one.person for one in occasions}))
    units = {one.id: one.name for one in reader.units}
    found = []
    for judged in control.rows:
        one = judged.row.occasion
        worker, day = staff.get(one.staff), local_day(one.first)
        worked = tuple(units[id] for id in worker.units(day) if id in units) if worker else ()
        judge = staff.get(judged.decided_by or "")
        own = one.staff == reader.staff.id
        found.append(
            Shown(judged, unit, worker, persons.get(one.person), worked, own, judge.name if judge else "")
        )
    return found


def names(connection: Connection, ids: set[str]) -> dict[str, str]:
    """What members of staff are called."""
    return {one.id: one.name for one in documents.some(connection, StaffDocument, ids)}


def _by_id(found: Iterable[documents.DocumentT]) -> dict[str, documents.DocumentT]:
    return {one.id: one for one in found}


def _reason(reason: str, t: Texts) -> str:
    key, _, words = reason.partition(": ")
    if key not in REASONS:
        return reason
    return t(f"console.beyond.reason.{key}") + (f": {words}" if words else "")


def _wrote(one: Care, t: Texts) -> str:
    kind = one.what.partition(".")[0]
    return t(f"console.log_control.wrote.{kind if kind in WROTE else 'other'}", at=clock(one.at))

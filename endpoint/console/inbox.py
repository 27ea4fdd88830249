"""Inkorg: what waits for the nurse, the most dangerous first.

Danger outranks time. An SBAR counts as its NEWS2 score; answers that call for help at once, and a fall
with such an answer, stand beside NEWS2 7. An incomplete score is never taken for a low one.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.deviation import DeviationDocument
from care.news2 import Score
from care.person import PersonDocument
from care.rights import Act
from care.sbar import SbarDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.answers import Reading, read
from endpoint.console.reader import Reader
from endpoint.database import Database

KEPT = timedelta(hours=24)
"""How long a case whose loop is closed stays in sight."""
DANGER = 7
_LEAST = {"high": 7, "medium": 5, "low-medium": 5, "low": 0}
_INCOMPLETE = 4
"""What an incomplete score counts as at least: it may be anything, so it stands above every low one."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

State = Literal["waiting", "acknowledged", "answered", "read_back", "closed"]


class Case(Struct, frozen=True):
    """One row. `sbar` or `deviation` is what it is; `score` only where the unit has chosen to show it."""

    id: str
    unit: UnitDocument
    person: PersonDocument | None
    reading: Reading
    since: datetime
    state: State
    by: StaffDocument | None
    sbar: SbarDocument | None = None
    deviation: DeviationDocument | None = None
    score: Score | None = None
    dangers: tuple[str, ...] = ()
    claimed: str = ""

    @property
    def severity(self) -> int:
        counted = 0
        if self.score:
            known = sum(part or 0 for part in self.score.parts.values())
            least = _LEAST[self.score.band] if self.score.band else 0
            counted = max(known, least, 0 if self.score.complete else _INCOMPLETE)
        return max(counted, DANGER) if self.dangers else counted

    @property
    def overdue(self) -> datetime:
        """When it should have been answered at the latest."""
        return self.since + timedelta(minutes=self.unit.settings.sbar_answer_minutes)

    @property
    def order(self) -> tuple[int, int, datetime, str]:
        handled = {"waiting": 0, "acknowledged": 0, "answered": 1}.get(self.state, 2)
        return handled, -self.severity, self.since, self.id


async def cases(database: Database, reader: Reader) -> list[Case]:
    """Every case of the reader's units, in order."""
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    found: list[Case] = []
    for unit in reader.units_for(Act.NURSE_INBOX_READ):
        persons = {one.id: one for one in await documents.of_unit(database, PersonDocument, unit.id)}
        sbars = await documents.of_unit(database, SbarDocument, unit.id)
        deviations = await documents.of_unit(database, DeviationDocument, unit.id)
        dangerous = {one.id: one for one in deviations if one.danger and reader.may_see(one)}
        prompted = {one.prompted_by for one in sbars}
        found += [_sbar(one, unit, persons, staff, dangerous) for one in sbars]
        found += [_fall(one, unit, persons, staff) for one in dangerous.values() if one.id not in prompted]
    return sorted((case for case in found if _in_sight(case, reader.now)), key=lambda case: case.order)


def _sbar(
    sbar: SbarDocument,
    unit: UnitDocument,
    persons: dict[str, PersonDocument],
    staff: dict[str, StaffDocument],
    dangerous: dict[str, DeviationDocument],
) -> Case:
    person = persons.get(sbar.person or "")
    reading = read(sbar.answers, person.first_name if person else "")
    dangers = reading.dangers()
    if fall := dangerous.get(sbar.prompted_by):
        dangers += read(fall.answers, person.first_name if person else "").dangers()
    scored = unit.settings.news2 == "score"
    return Case(
        id=sbar.id,
        unit=unit,
        person=person,
        reading=reading,
        since=sbar.recorded or sbar.created or _LONG_AGO,
        state=sbar.state,
        by=staff.get(sbar.askers[0]) if sbar.askers else None,
        sbar=sbar,
        score=reading.scored(bool(person and person.scale2)) if scored else None,
        dangers=tuple(dict.fromkeys(dangers)),
        claimed=sbar.claimed,
    )


def _fall(
    deviation: DeviationDocument,
    unit: UnitDocument,
    persons: dict[str, PersonDocument],
    staff: dict[str, StaffDocument],
) -> Case:
    person = persons.get(deviation.person or "")
    reading = read(deviation.answers, person.first_name if person else "")
    return Case(
        id=deviation.id,
        unit=unit,
        person=person,
        reading=reading,
        since=deviation.reported or deviation.created or _LONG_AGO,
        state="read_back" if deviation.received else "waiting",
        by=staff.get(deviation.reporter),
        deviation=deviation,
        dangers=tuple(reading.dangers()) or tuple(deviation.danger),
        claimed=deviation.claimed,
    )


def _in_sight(case: Case, now: datetime) -> bool:
    if case.state not in ("read_back", "closed"):
        return True
    changed = case.sbar.changed if case.sbar else case.deviation.changed if case.deviation else None
    return (changed or case.since) > now - KEPT

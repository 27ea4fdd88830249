"""Inkorg: what waits for the nurse, the most dangerous first. The order is care/urgency.py's."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from care.deviation import DeviationDocument
from care.news2 import Score
from care.person import PersonDocument
from care.rights import Act
from care.sbar import SbarDocument, State
from care.staff import StaffDocument
from care.unanswered import Stage, Times, stage, times
from care.unit import UnitDocument
from care.urgency import Order, Urgency, of_answers, of_deviation, order, state_of
from endpoint import documents
from endpoint.console.answers import Known, Reading, read
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.reader import Reader
from endpoint.database import Database

KEPT = timedelta(hours=24)
"""How long a case whose loop is closed stays in sight."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Case(Struct, frozen=True):
    """One row: an SBAR, or a deviation with an answer that calls for the nurse."""

    id: str
    unit: UnitDocument
    person: PersonDocument | None
    reading: Reading
    since: datetime
    state: State
    urgency: Urgency
    by: StaffDocument | None
    sbar: SbarDocument | None = None
    deviation: DeviationDocument | None = None
    dangers: tuple[str, ...] = ()
    """The answers that call for the nurse now, as they are read."""
    claimed: str = ""
    on: str = ""
    """The device that it came from."""

    @property
    def outside(self) -> bool:
        """Whether the sign-in on that phone had ended when it was signed."""
        return self.by is not None and self.by.outside_certificate(self.on, self.since)

    @property
    def score(self) -> Score | None:
        """NEWS2, where the unit has chosen to show it and anything was measured."""
        return self.urgency.score

    @property
    def times(self) -> Times:
        """When the nurses are told once more, and when somebody else is to be called."""
        return times(self.since, self.unit.settings, self.urgency.danger)

    def stage(self, now: datetime) -> Stage:
        """How long it has stood unread, in stages."""
        return stage(self.sbar, self.unit.settings, self.urgency.danger, now) if self.sbar else "none"

    def notice(self, now: datetime) -> str:
        """What sounds when it is new on the page: the case, and each stage of it. Nothing when it is read."""
        if self.state != "waiting":
            return ""
        return f"{self.id}/{self.stage(now)}"

    @property
    def order(self) -> Order:
        return order(self.urgency, self.state, self.since, self.id)


async def cases(database: Database, reader: Reader) -> list[Case]:
    """Every case of the reader's units, in order."""
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    found: list[Case] = []
    known = (await catalogue(database, [unit.id for unit in reader.units_for(Act.NURSE_INBOX_READ)])).of
    for unit in reader.units_for(Act.NURSE_INBOX_READ):
        persons = {one.id: one for one in await documents.of_unit(database, PersonDocument, unit.id)}
        sbars = await documents.of_unit(database, SbarDocument, unit.id)
        deviations = await documents.of_unit(database, DeviationDocument, unit.id)
        dangerous = {one.id: one for one in deviations if one.danger and reader.may_see(one)}
        prompted = {one.prompted_by for one in sbars}
        found += [case_of(one, unit, persons, staff, dangerous, known) for one in sbars]
        found += [
            _fall(one, unit, persons, staff, known) for one in dangerous.values() if one.id not in prompted
        ]
    return sorted((case for case in found if _in_sight(case, reader.now)), key=lambda case: case.order)


async def one_case(database: Database, reader: Reader, id: str) -> Case | None:
    """One SBAR of the reader's units, however old; None when there is none that is theirs."""
    sbar = await documents.get(database, SbarDocument, id)
    units = {one.id: one for one in reader.units_for(Act.NURSE_INBOX_READ)}
    if sbar is None or sbar.gone or sbar.unit not in units:
        return None
    person = await documents.get(database, PersonDocument, sbar.person) if sbar.person else None
    fall = await documents.get(database, DeviationDocument, sbar.prompted_by) if sbar.prompted_by else None
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    return case_of(
        sbar,
        units[sbar.unit],
        {person.id: person} if person else {},
        staff,
        {fall.id: fall} if fall and fall.danger and reader.may_see(fall) else {},
        (await catalogue(database, [sbar.unit])).of,
    )


def case_of(
    sbar: SbarDocument,
    unit: UnitDocument,
    persons: dict[str, PersonDocument],
    staff: dict[str, StaffDocument],
    dangerous: dict[str, DeviationDocument],
    known: Known,
) -> Case:
    """An SBAR with all that is read with it. `dangerous`: the reports that may have prompted it."""
    person = persons.get(sbar.person or "")
    name = person.first_name if person else ""
    reading = read(sbar.answers, name, known)
    scored, scale2 = unit.settings.news2 == "score", bool(person and person.scale2)
    urgency = of_answers(reading.questionnaire, reading.answers, scored=scored, scale2=scale2)
    dangers = reading.told(urgency.dangers)
    if fall := dangerous.get(sbar.prompted_by):
        urgency = urgency.beside(of_deviation(fall))
        dangers += read(fall.answers, name, known).told(fall.danger)
    return Case(
        id=sbar.id,
        unit=unit,
        person=person,
        reading=reading,
        since=sbar.recorded or sbar.created or _LONG_AGO,
        state=state_of(sbar),
        urgency=urgency,
        by=staff.get(sbar.askers[0]) if sbar.askers else None,
        sbar=sbar,
        dangers=tuple(dict.fromkeys(dangers)),
        claimed=sbar.claimed,
        on=sbar.recorded_on,
    )


def _fall(
    deviation: DeviationDocument,
    unit: UnitDocument,
    persons: dict[str, PersonDocument],
    staff: dict[str, StaffDocument],
    known: Known,
) -> Case:
    person = persons.get(deviation.person or "")
    reading = read(deviation.answers, person.first_name if person else "", known)
    return Case(
        id=deviation.id,
        unit=unit,
        person=person,
        reading=reading,
        since=deviation.reported or deviation.created or _LONG_AGO,
        state=state_of(deviation),
        urgency=of_deviation(deviation),
        by=staff.get(deviation.reporter),
        deviation=deviation,
        dangers=tuple(reading.told(deviation.danger)),
        claimed=deviation.claimed,
        on=deviation.reported_on,
    )


def _in_sight(case: Case, now: datetime) -> bool:
    if case.state not in ("read_back", "closed"):
        return True
    changed = case.sbar.changed if case.sbar else case.deviation.changed if case.deviation else None
    return (changed or case.since) > now - KEPT

"""Avvikelser: the cases that are the reader's to handle, those that nobody has received first."""

from datetime import UTC, datetime

from msgspec import Struct

from care.deviation import DeviationDocument, DeviationReceived, ReportDocument, ReportStatus
from care.facts import Ref
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.answers import Reading, read
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.keys import Keys
from endpoint.statements import Statement, state_all

NOTE_MOST = 2000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Report(Struct, frozen=True):
    """One case as it is shown. `told` is what the reporter has been told of it."""

    case: DeviationDocument
    unit: UnitDocument
    person: PersonDocument | None
    reporter: StaffDocument | None
    reading: Reading
    told: ReportDocument | None

    @property
    def at(self) -> datetime:
        return self.case.reported or self.case.created or _LONG_AGO

    @property
    def outside(self) -> bool:
        """Whether the sign-in on the reporter's phone had ended when it was signed."""
        return self.reporter is not None and self.reporter.outside_certificate(self.case.reported_on, self.at)

    @property
    def received(self) -> bool:
        return bool(self.case.received)

    @property
    def what(self) -> str:
        """What happened, in the reporter's own words where there are any."""
        said = (self.reading.text(link) for link in ("deviation.what", "fall.words", "deviation.medication"))
        return next((text for text in said if text), "")

    @property
    def place(self) -> str:
        return self.reading.text("fall.place") or self.reading.text("deviation.place")


async def reports(database: Database, reader: Reader) -> list[Report]:
    """Every case the reader may see: unreceived before received, dangerous first, then the newest."""
    found: list[Report] = []
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    for unit in reader.units_for(Act.DEVIATION_HANDLE):
        persons = {one.id: one for one in await documents.of_unit(database, PersonDocument, unit.id)}
        told = {one.id: one for one in await documents.of_unit(database, ReportDocument, unit.id)}
        for case in await documents.of_unit(database, DeviationDocument, unit.id):
            if reader.may_see(case):
                person = persons.get(case.person or "")
                reading = read(case.answers, person.first_name if person else "")
                found.append(Report(case, unit, person, staff.get(case.reporter), reading, told.get(case.id)))
    return sorted(found, key=lambda one: (one.received, not one.case.danger, -one.at.timestamp()))


async def receive(database: Database, keys: Keys, reader: Reader, id: str, words: str) -> None:
    """Say that a case has been received, and tell the reporter so in the reader's words.

    Raises NoSuchPage or NotYours. Received twice is received once: the second time says nothing.
    """
    case = await documents.get(database, DeviationDocument, id)
    if case is None or case.answers is None:
        raise NoSuchPage(id)
    if not reader.may_see(case):
        raise NotYours(id)
    if case.received:
        return
    said = [Statement(DeviationReceived(), Ref("deviation", id), case.unit, case.person)]
    if case.reporter:
        step = ReportStatus(reporter=case.reporter, step="received", text=words.strip()[:NOTE_MOST])
        said.append(Statement(step, Ref("report", id), case.unit))
    await state_all(database, keys, said, reader.staff.id)

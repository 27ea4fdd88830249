"""Avvikelser: the cases that are the reader's to handle, what waits in them first."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from care.case_due import Due, due
from care.case_words import beside
from care.deviation import DeviationDocument, ReportDocument
from care.forms import Changed, Line, changed
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.streams import readers_of, streams_of
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.answers import Known, Reading, read
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.reader import Reader, handling
from endpoint.console.texts import Texts
from endpoint.database import Database

CLOSED_SHOWN = timedelta(days=30)
"""For so long a case that is closed stays in the list (p); it opens by its address after that."""
STATES = ("new", "received", "assessed", "investigated", "action", "followed_up", "closed")
"""The columns of the board. new: nobody has received it."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Amended(Struct, frozen=True):
    """The answers given anew: when, what differs, and how they all were before."""

    at: datetime
    changed: list[Changed]
    before: tuple[Line, ...]


class Report(Struct, frozen=True):
    """One case as it is shown. `told` is what the reporter has been told of it."""

    case: DeviationDocument
    unit: UnitDocument
    person: PersonDocument | None
    reporter: StaffDocument | None
    reading: Reading
    told: ReportDocument | None
    due: list[Due] = []
    amended: list[Amended] = []
    """The last first."""

    @property
    def at(self) -> datetime:
        return self.case.reported or self.case.created or _LONG_AGO

    @property
    def outside(self) -> bool:
        """Whether the sign-in on the reporter's phone had ended when it was signed."""
        return self.reporter is not None and self.reporter.outside_certificate(self.case.reported_on, self.at)

    @property
    def received(self) -> bool:
        return self.case.step is not None and not (self.case.endangered and self.case.unread)

    @property
    def state(self) -> str:
        return self.case.step or "new"

    @property
    def next(self) -> Due | None:
        """What is to be done next."""
        return self.due[0] if self.due else None

    def beside(self, t: Texts) -> list[str]:
        """What it is besides its answers: an outside party, harm to staff, one reader alone; who reads it."""
        *all, last = [t(f"fill.reader.{one}") for one in readers_of(self.case)]
        named = t("common.and", all=", ".join(all), last=last) if all else last
        return [*beside(self.case, t), t("fill.who_reads", readers=named)]

    @property
    def what(self) -> str:
        """What happened, in the reporter's own words where there are any."""
        said = (self.reading.text(link) for link in ("deviation.what", "fall.words", "deviation.medication"))
        return next((text for text in said if text), "")

    @property
    def place(self) -> str:
        return self.reading.text("fall.place") or self.reading.text("deviation.place")


class Seen(Struct, frozen=True):
    """Every case that the reader may see, and what is needed to show any of them."""

    cases: list[DeviationDocument]
    units: Mapping[str, UnitDocument]
    persons: Mapping[str, PersonDocument]
    staff: Mapping[str, StaffDocument]
    told: Mapping[str, ReportDocument]
    known: Known
    read_only: frozenset[str] = frozenset()
    """Those that are the reader's as skyddsombud: to read, and whom it concerns is not said."""

    def report(self, case: DeviationDocument) -> Report:
        person = None if case.id in self.read_only else self.persons.get(case.person or "")
        name = person.first_name if person else ""
        amended = []
        for at, was, now in reversed(case.amended):
            before, after = read(was, name, self.known).lines, read(now, name, self.known).lines
            amended.append(Amended(at, changed(before, after), before))
        return Report(
            case=case,
            unit=self.units[case.unit],
            person=person,
            reporter=self.staff.get(case.reporter),
            reading=read(case.answers, name, self.known),
            told=self.told.get(case.id),
            due=due(case),
            amended=amended,
        )

    def one(self, id: str) -> Report | None:
        return next((self.report(case) for case in self.cases if case.id == id), None)

    def listed(self, now: datetime, today: date, unit: str = "") -> list[Report]:
        """Those that are open, and those just closed; of one unit where it is named."""
        shown = [case for case in self.cases if not _long_closed(case, now) and unit in ("", case.unit)]
        return in_order([self.report(case) for case in shown], today)


async def seen_by(database: Database, reader: Reader, also_read: bool = False) -> Seen:
    """All that the reader handles. ``also_read``: and what they read as skyddsombud."""
    acts = (Act.DEVIATION_HANDLE, Act.SAFETY_READ) if also_read else (Act.DEVIATION_HANDLE,)
    units = {unit.id: unit for act in acts for unit in reader.units_for(act)}
    mine = reader.streams() if also_read else handling(reader.streams())
    cases: list[DeviationDocument] = []
    persons: dict[str, PersonDocument] = {}
    told: dict[str, ReportDocument] = {}
    for unit in units:
        persons |= {one.id: one for one in await documents.of_unit(database, PersonDocument, unit)}
        told |= {one.id: one for one in await documents.of_unit(database, ReportDocument, unit)}
        cases += [
            case
            for case in await documents.of_unit(database, DeviationDocument, unit)
            if not streams_of(case).isdisjoint(mine)
        ]
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    known = (await catalogue(database, list(units))).of
    handled = handling(mine)
    read_only = frozenset(case.id for case in cases if streams_of(case).isdisjoint(handled))
    return Seen(cases, units, persons, staff, told, known, read_only)


async def reports(database: Database, reader: Reader) -> list[Report]:
    """The cases in the reader's list."""
    return (await seen_by(database, reader)).listed(reader.now, reader.day)


def in_order(reports: Iterable[Report], today: date) -> list[Report]:
    """Dangerous and unreceived first, then what is overdue, longest first, then what nobody has received;
    those that are closed last, the newest first."""

    def order(one: Report) -> tuple[bool, bool, date, bool, float]:
        late = one.next is not None and one.next.overdue(today)
        return (
            one.next is None,
            one.received or not one.case.danger,
            one.next.day if late and one.next else today,
            one.received,
            -one.at.timestamp() if not one.received or one.next is None else one.at.timestamp(),
        )

    return sorted(reports, key=order)


def _long_closed(case: DeviationDocument, now: datetime) -> bool:
    closed = case.handling.closed
    return closed is not None and now - closed.at > CLOSED_SHOWN

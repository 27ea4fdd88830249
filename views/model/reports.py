"""What somebody has reported or asked, and what came of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from care.complaint import ComplaintAmended, ComplaintDocument
from care.deviation import DeviationAmended, DeviationDocument, ReportDocument, ReportStep
from care.facts import Ref
from care.person import PersonDocument
from care.retention import note_of
from care.sbar import SbarDocument
from storage import Statement
from views.model import reading
from views.model.shift import Shift


@dataclass(frozen=True)
class Reported:
    """One report of one's own, or a complaint that one has taken down. What was written is only on the phone
    that it was written on; `report` comes to all."""

    id: str
    deviation: DeviationDocument | None
    complaint: ComplaintDocument | None
    report: ReportDocument | None
    person: PersonDocument | None

    @property
    def reported(self) -> datetime | None:
        """When; known where it was written alone."""
        of = self.deviation or self.complaint
        return of.reported if of else None

    @property
    def at(self) -> datetime | None:
        """When it was reported, or first told of."""
        return self.reported or (self.report.created if self.report else None)

    @property
    def steps(self) -> list[ReportStep]:
        return self.report.steps if self.report else []

    @property
    def feedback(self) -> ReportStep | None:
        """The last words to whoever reported."""
        return next((step for step in reversed(self.steps) if step.text), None)


def mine(shift: Shift) -> list[Reported]:
    """One's own reports, the last one first."""
    me = shift.me.staff
    written = {one.id: one for one in reading.all_of(shift, DeviationDocument) if one.reporter == me}
    taken = {one.id: one for one in reading.all_of(shift, ComplaintDocument) if one.reporter == me}
    told = {one.id: one for one in reading.all_of(shift, ReportDocument) if one.reporter == me}
    ids = {**written, **taken, **told}
    found = [_reported(shift, id, written.get(id), taken.get(id), told.get(id)) for id in ids]
    return sorted(found, key=lambda one: (one.at.timestamp() if one.at else 0.0, one.id), reverse=True)


def one(shift: Shift, id: str) -> Reported | None:
    """A report of one's own."""
    return next((found for found in mine(shift) if found.id == id), None)


def asked(shift: Shift) -> list[SbarDocument]:
    """One's own SBARs, the last one first."""
    found = [one for one in reading.all_of(shift, SbarDocument) if shift.me.staff in one.askers]
    return sorted(
        found, key=lambda one: (one.recorded.timestamp() if one.recorded else 0.0, one.id), reverse=True
    )


def unread(shift: Shift, found: Reported) -> bool:
    """Whether there are words to the reporter that they have not said they have read."""
    feedback = found.feedback
    if feedback is None:
        return False
    seen = shift.me.recall(note_of(ReportDocument.kind, found.id))
    return seen is None or seen.decode() != feedback.at.isoformat()


async def have_read(shift: Shift, found: Reported) -> None:
    """The reporter has read the words. It is remembered for them alone."""
    if found.feedback:
        at = found.feedback.at.isoformat().encode()
        await asyncio.to_thread(shift.me.remember, note_of(ReportDocument.kind, found.id), at)
        shift.changed()


async def add(shift: Shift, found: Reported, text: str) -> None:
    """Something more to tell. It is added; what was written first stays."""
    of = found.deviation or found.complaint or found.report
    assert of is not None
    said = ComplaintAmended(text=text.strip()) if found.complaint else DeviationAmended(text=text.strip())
    kind = "complaint" if found.complaint else "deviation"
    await shift.save(Statement(said, Ref(kind, found.id), of.unit, of.person))


def _reported(
    shift: Shift,
    id: str,
    deviation: DeviationDocument | None,
    complaint: ComplaintDocument | None,
    report: ReportDocument | None,
) -> Reported:
    of = deviation or complaint or report
    return Reported(id, deviation, complaint, report, reading.person(shift, of.person) if of else None)

"""A case in full: who can lead it, what it resembles, and all that was said in it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec import Struct

from care.case_due import Due, due, due_in_complaint
from care.case_history import Entry, of_complaint, of_deviation
from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument
from care.rights import LICENSED, OVERSIGHT, Role
from care.staff import StaffDocument
from endpoint.console.deviation_said import DECIDES, TRACKS, left_to_do
from endpoint.console.reader import Reader
from endpoint.deviations.happened import coded

AnyCase = DeviationDocument | ComplaintDocument
SIMILAR_MOST = 5
SIMILAR_WITHIN = timedelta(days=365)
_HANDLES = frozenset({Role.UNIT_MANAGER, *LICENSED})
_PLACES = ("fall.place", "deviation.place")
_KINDS = ("deviation.medication", "fall.movement")


class Similar(Struct, frozen=True):
    """Another case, and what it has in common with this one: "person", "place", "type"."""

    case: DeviationDocument
    alike: tuple[str, ...]


class Full(Struct, frozen=True):
    """What the page of one case shows beyond the report itself."""

    due: list[Due]
    people: list[StaffDocument]
    names: dict[str, str]
    similar: list[Similar]
    linked: list[DeviationDocument]
    left: list[str]
    entries: list[Entry]
    decides: frozenset[str]
    """Of which tracks the reader decides."""

    @property
    def next(self) -> Due | None:
        return self.due[0] if self.due else None


def full(
    case: DeviationDocument,
    others: Iterable[DeviationDocument],
    staff: Sequence[StaffDocument],
    reader: Reader,
) -> Full:
    """`others`: the cases that the reader may see."""
    known = {one.id: one for one in others if one.id != case.id and one.answers}
    linked = {link.to for link in case.handling.links if link.kind == "deviation"}
    linked |= {
        one.id
        for one in known.values()
        if any((link.kind, link.to) == ("deviation", case.id) for link in one.handling.links)
    }
    return Full(
        due=due(case),
        people=people(case, staff, reader),
        names={one.id: one.name for one in staff},
        similar=similar(case, [one for one in known.values() if one.id not in linked]),
        linked=[known[id] for id in sorted(linked) if id in known],
        left=left_to_do(case),
        entries=of_deviation(case),
        decides=frozenset(track for track in TRACKS if reader.may(DECIDES[track], case.unit)),
    )


def full_complaint(case: ComplaintDocument, staff: Sequence[StaffDocument], reader: Reader) -> Full:
    """The same of a complaint."""
    return Full(
        due=due_in_complaint(case),
        people=people(case, staff, reader),
        names={one.id: one.name for one in staff},
        similar=[],
        linked=[],
        left=left_of_complaint(case),
        entries=of_complaint(case),
        decides=frozenset(),
    )


def left_of_complaint(case: ComplaintDocument) -> list[str]:
    """What must be done before it can be closed, as the last part of a text's key."""
    left = {
        "investigation": bool(case.handling.begun) and not case.handling.analyses,
        "actions": any(one.open for one in case.handling.actions),
        "answer": bool(case.reply_to) and not case.answered,
    }
    return [name for name, so in left.items() if so]


def people(case: AnyCase, staff: Iterable[StaffDocument], reader: Reader) -> list[StaffDocument]:
    """Those who may read the case, by name: they can lead it and own its actions."""
    here = [one for one in staff if _may_see(case, one, reader)]
    return sorted(here, key=lambda one: one.name)


def _may_see(case: AnyCase, staff: StaffDocument, reader: Reader) -> bool:
    in_unit = not _HANDLES.isdisjoint(staff.roles_in(case.unit, reader.day))
    provider = next((unit.provider for unit in reader.units if unit.id == case.unit), "")
    as_them = Reader(staff, reader.now, reader.units)
    if not in_unit and OVERSIGHT.isdisjoint(as_them.roles_with(provider)):
        return False
    return as_them.may_see(case)


def similar(case: DeviationDocument, others: Iterable[DeviationDocument]) -> list[Similar]:
    """Cases of the last year of the same person, or of the same type or place in the same unit."""
    mine, at = _traits(case), case.occurred or case.reported
    found = []
    for one in others:
        when = one.occurred or one.reported
        if at is None or when is None or abs(at - when) > SIMILAR_WITHIN:
            continue
        alike = tuple(
            name for name, trait in _traits(one).items() if trait is not None and trait == mine[name]
        )
        if "person" in alike or len(alike) > 1:
            found.append(Similar(one, alike))
    found.sort(key=lambda one: (-len(one.alike), -(one.case.reported or one.case.occurred or at).timestamp()))  # type: ignore[union-attr]
    return found[:SIMILAR_MOST]


def _traits(case: DeviationDocument) -> dict[str, object]:
    answers = coded(case.answers) if case.answers else {}
    place = next((answers[link] for link in _PLACES if link in answers), None)
    kind = next((answers[link] for link in _KINDS if link in answers), None)
    return {
        "person": case.person,
        "place": (case.unit, place) if place else None,
        "type": (case.unit, case.category, kind),
    }


def overdue_for(case: AnyCase, staff: str, today: date) -> bool:
    """Whether something in a case is late that waits for somebody, or for nobody in particular."""
    waits = due_in_complaint(case) if isinstance(case, ComplaintDocument) else due(case)
    lead = case.handling.lead
    mine = {"", staff} if lead is None or staff in (lead.lead, lead.deputy) else {staff}
    return any(one.overdue(today) and one.who in mine for one in waits)

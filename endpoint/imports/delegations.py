"""Rows of delegations: from whom, to whom, what, where and when. The holder accepts on the phone."""

import uuid
from datetime import date, datetime, time

from care.delegation import DelegationIssued
from care.delegation_check import DelegationFault
from care.schedule import STOCKHOLM
from care.tasks import TASKS
from endpoint import delegating
from endpoint.console.texts import texts
from endpoint.deviations.errors import WrongValue
from endpoint.imports import personnummer
from endpoint.imports.known import Known
from endpoint.imports.rows import Cells, Result, Said, wrong
from endpoint.people.words import plain
from endpoint.statements import Statement

COLUMNS: dict[str, tuple[str, ...]] = {
    "delegation": ("delegerings-id", "delegeringsid", "id"),
    "issuer": ("utfärdare", "utfärdad av", "delegerande"),
    "holder": ("mottagare", "delegerad", "delegerad till"),
    "tasks": ("uppgifter", "uppgift", "arbetsuppgift"),
    "units": ("enheter", "enhet"),
    "persons": ("personer", "vårdtagare"),
    "start": ("från", "startdatum"),
    "end": ("till", "slutdatum"),
    "knowledge": ("kunskapsprov", "prov"),
    "practice": ("sett utfört", "praktiskt prov"),
    "note": ("anteckning",),
}
NEEDED = ("delegation", "issuer", "holder", "tasks", "units", "start", "end")
EXAMPLE = {
    "delegation": "D-17",
    "issuer": "SE2120000000-1A02",
    "holder": "SE2120000000-1A01",
    "tasks": "insulin, medicine_pouch",
    "units": "Granen",
    "start": "2026-01-15",
    "end": "2027-01-14",
    "knowledge": "ja",
    "practice": "ja",
}
_NAMESPACE = uuid.UUID("8f0a9f1e-9b0d-5b7c-9c1b-2f1d7d0f3b11")


def delegation_id(provider: str, id: str) -> str:
    """The identity of another system's delegation here."""
    return str(uuid.uuid5(_NAMESPACE, f"{provider}/{id}"))


def result(cells: Cells, known: Known, seen: set[str]) -> Result:
    """What becomes of a row. Raises WrongValue. What has been issued is not changed: a new one is issued."""
    there = cells.needed("delegation")
    if there in seen:
        raise wrong("delegation", "twice")
    issuer = known.member("issuer", cells.needed("issuer"))
    holder = known.member("holder", cells.needed("holder"))
    start, end = cells.day("start"), cells.day("end")
    if start is None or end is None:
        raise wrong("end" if start else "start", "missing")
    issued = DelegationIssued(
        holder=holder.id,
        tasks=_tasks(cells),
        units=tuple(known.unit("units", one).id for one in cells.several("units") or ()),
        persons=_persons(cells, known),
        start=_at(start, time()),
        end=_at(end, time(23, 59, 59)),
        knowledge_tested=cells.yes("knowledge"),
        practice_seen=cells.yes("practice"),
        note=cells.word("note"),
        source="file",
    )
    about = tuple((one.id, one.unit or "") for one in known.persons.values() if one.id in issued.persons)
    id = delegation_id(known.provider, there)
    held = known.delegation(id)
    if held is not None:
        if _differs(issued, held):
            raise wrong("delegation", "another_content")
        seen.add(there)
        return Result(cells.line, "unchanged", holder.name, persons=about)
    if end < known.day:
        raise wrong("end", "ended")
    made = delegating.issue(issued, issuer, holder, known.day, id)
    if not isinstance(made, Statement):
        raise _fault(made[0])
    seen.add(there)
    return Result(cells.line, "new", holder.name, said=(Said(made, issuer.id),), persons=about)


def _fault(one: DelegationFault) -> WrongValue:
    why = f"delegation.fault.{one.why}"
    return WrongValue(one.field, texts("en")(why), why=why)


def _differs(issued: DelegationIssued, held: object) -> bool:
    names = ("holder", "start", "end")
    lists = ("tasks", "units", "persons")
    return any(getattr(issued, name) != getattr(held, name) for name in names) or any(
        list(getattr(issued, name)) != list(getattr(held, name)) for name in lists
    )


def _tasks(cells: Cells) -> tuple[str, ...]:
    found = cells.several("tasks") or ()
    return tuple(next((task for task in TASKS if plain(task) == plain(one)), one) for one in found)


def _persons(cells: Cells, known: Known) -> tuple[str, ...]:
    found = []
    for text in cells.several("persons") or ():
        number, _ = personnummer.read("persons", text, known.day)
        person = known.persons.get(personnummer.digits_of(number))
        if person is None:
            raise wrong("persons", "nobody_of")
        found.append(person.id)
    return tuple(found)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=STOCKHOLM)

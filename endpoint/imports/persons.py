"""Rows of care recipients: who they are by their personnummer."""

from typing import get_args

from care.facts import ENDPOINT, Ref
from care.person import Flag, FlagKind, NurseSet, PersonDocument, PersonSet, ProtectedSet
from endpoint.imports import personnummer
from endpoint.imports.known import Known
from endpoint.imports.rows import Cells, Kind, Result, Said, wrong
from endpoint.people import words
from endpoint.people.changes import new_id
from endpoint.statements import Statement

COLUMNS: dict[str, tuple[str, ...]] = {
    "personnummer": ("personnummer", "pnr", "personnr", "personid"),
    "name": ("namn",),
    "given": ("förnamn", "tilltalsnamn"),
    "family": ("efternamn",),
    "unit": ("enhet", "enhetsnamn", "boende"),
    "room": ("rum", "lägenhet"),
    "floor": ("våning", "avdelning"),
    "street": ("adress", "gatuadress"),
    "phone": ("telefon", "telefonnummer"),
    "allergy": ("allergi", "överkänslighet", "allergier"),
    "condition": ("sjukdom", "diagnos", "diagnoser"),
    "blood_thinner": ("blodförtunnande",),
    "swallowing": ("sväljer", "sväljsvårighet"),
    "fall_risk": ("fallrisk",),
    "infection": ("smitta",),
    "note": ("att veta", "anteckning"),
    "nurse": ("ansvarig sjuksköterska", "pas"),
    "protected": ("skyddad", "skyddade personuppgifter"),
}
NEEDED = ("personnummer", "unit")
EXAMPLE = {
    "personnummer": "19360211-2397",
    "name": "Ingegerd Provdahl",
    "unit": "Granen",
    "room": "5",
    "allergy": "penicillin",
    "nurse": "SE2120000000-1A02",
}
_FLAGS: tuple[FlagKind, ...] = get_args(FlagKind)


def result(cells: Cells, known: Known, seen: set[str]) -> Result:
    """What becomes of a row. `seen`: whom earlier rows were about. Raises WrongValue."""
    number, born = personnummer.read("personnummer", cells.needed("personnummer"), known.day)
    key = personnummer.digits_of(number)
    if key in seen:
        raise wrong("personnummer", "twice")
    held = known.persons.get(key)
    unit = known.unit("unit", cells.needed("unit"))
    if unit.is_office:
        raise wrong("unit", "office", unit=unit.name)
    if held is not None and held.unit != unit.id:
        raise wrong("unit", "moved", unit=known.units[held.unit].name)
    before = _as_set(held) if held is not None else None
    after = PersonSet(
        name=_name(cells, before.name if before else ""),
        personnummer=number,
        born=born,
        room=cells.word("room", before.room if before else "", 40),
        floor=cells.word("floor", before.floor if before else "", 40),
        street=cells.word("street", before.street if before else "", 120),
        phone=_phone(cells, before.phone if before else ""),
        flags=_flags(cells, before.flags if before else ()),
    )
    id = held.id if held is not None else new_id()
    bodies = [after] if before is None else _changed(before, after)
    said = [Said(Statement(body, Ref("person", id), unit.id, id), ENDPOINT) for body in bodies]
    said += _beside(cells, known, held, id, unit.id)
    kind: Kind = "new" if held is None else "changed" if said else "unchanged"
    seen.add(key)
    about = ((held.id, held.unit),) if held is not None else ()
    fields = _fields(before, after, said)
    return Result(cells.line, kind, after.name, fields, said=tuple(said), persons=about)


def _as_set(held: PersonDocument) -> PersonSet:
    return PersonSet(
        name=held.name,
        personnummer=held.personnummer,
        born=held.born,  # type: ignore[arg-type]
        room=held.room,
        floor=held.floor,
        street=held.street,
        phone=held.phone,
        flags=tuple(held.flags),
    )


def _changed(before: PersonSet, after: PersonSet) -> list[PersonSet]:
    return [] if before == after else [after]


def _fields(before: PersonSet | None, after: PersonSet, said: list[Said]) -> tuple[str, ...]:
    if before is None:
        return ()
    names = [n for n in PersonSet.__struct_fields__ if getattr(before, n) != getattr(after, n)]
    if any(isinstance(one.statement.body, NurseSet) for one in said):
        names.append("nurse")
    if any(isinstance(one.statement.body, ProtectedSet) for one in said):
        names.append("protected")
    return tuple(names)


def _name(cells: Cells, before: str) -> str:
    parts = " ".join(part for part in (cells.word("given"), cells.word("family")) if part)
    name = cells.word("name") or parts or before
    if not words.is_name(name):
        raise wrong("name", "name", text=name) if name else wrong("name", "missing")
    return name


def _phone(cells: Cells, before: str) -> str:
    text = cells.word("phone", before)
    if text and text != before and not words.is_phone(text):
        raise wrong("phone", "number", text=text)
    return text


def _flags(cells: Cells, before: tuple[Flag, ...]) -> tuple[Flag, ...]:
    """What the row says of each kind; of the others as before."""
    found: list[Flag] = []
    for kind in _FLAGS:
        texts = cells.texts(kind)
        if texts is None:
            found += [flag for flag in before if flag.kind == kind]
        else:
            found += [Flag(kind, text) for text in texts]
    return before if sorted(found, key=repr) == sorted(before, key=repr) else tuple(found)


def _beside(cells: Cells, known: Known, held: PersonDocument | None, id: str, unit: str) -> list[Said]:
    bodies: list[NurseSet | ProtectedSet] = []
    if identity := cells.word("nurse"):
        nurse = known.member("nurse", identity).id
        if held is None or held.nurse != nurse:
            bodies.append(NurseSet(nurse=nurse))
    before = held.protected if held is not None else False
    if cells.yes("protected", before) != before:
        bodies.append(ProtectedSet(on=not before))
    return [Said(Statement(body, Ref("person", id), unit, id), ENDPOINT) for body in bodies]

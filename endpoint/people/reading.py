"""What the rows of a list mean: one entry per person, and what is wrong with a row, where and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from care.rights import Role
from endpoint.people import words
from endpoint.people.roles import OPEN, Wanted
from endpoint.people.roster import Roster
from endpoint.people.table import Line

FURTHER_NOTICE = ("tills vidare", "until further notice")


class Fault(Struct, frozen=True):
    """One thing that is wrong. `text` is the key of the reason; ``value``: what was written."""

    row: int
    field: str
    text: str
    value: str = ""


class Entry(Struct, frozen=True):
    """One person of a list. None or empty: the list does not say."""

    row: int
    rows: tuple[int, ...]
    identity: str
    name: str
    title: str | None
    phone: str | None
    email: str | None
    language: str | None
    wanted: tuple[Wanted, ...]


def read(roster: Roster, lines: Sequence[Line]) -> tuple[list[Entry], list[Fault]]:
    """The persons of a list. One with a fault in any row is left out whole: half of a person is nobody."""
    units = _units(roster)
    people: defaultdict[str, list[Line]] = defaultdict(list)
    faults: list[Fault] = []
    for line in lines:
        if not line.identity:
            faults.append(Fault(line.row, "identity", "people.fault.identity_needed"))
        elif not words.is_identity(line.identity):
            faults.append(Fault(line.row, "identity", "people.fault.identity", line.identity))
        else:
            people[line.identity.casefold()].append(line)
    entries = []
    for own in people.values():
        wrong = [fault for line in own for fault in _faults(line, own[0], units)]
        if wrong:
            faults += wrong
        else:
            entries.append(_entry(own, units))
    return entries, faults


def _units(roster: Roster) -> dict[str, list[str]]:
    """The ids of open units by their names and ids."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for unit in roster.open_units:
        found[words.plain(unit.name)].append(unit.id)
        found[unit.id].append(unit.id)
    return found


def _faults(line: Line, first: Line, units: dict[str, list[str]]) -> Iterable[Fault]:
    if not words.is_name(line.name):
        yield Fault(
            line.row, "name", "people.fault.name" if line.name else "people.fault.name_needed", line.name
        )
    elif words.plain(line.name) != words.plain(first.name):
        yield Fault(line.row, "name", "people.fault.two_names", line.name)
    if line.title and words.title_of(line.title) is None:
        yield Fault(line.row, "title", "people.fault.title", line.title)
    if line.phone and not words.is_phone(line.phone):
        yield Fault(line.row, "phone", "people.fault.phone", line.phone)
    if line.email and not words.is_email(line.email):
        yield Fault(line.row, "email", "people.fault.email", line.email)
    if line.language and words.language_of(line.language) is None:
        yield Fault(line.row, "language", "people.fault.language", line.language)
    yield from _role_faults(line, units)


def _role_faults(line: Line, units: dict[str, list[str]]) -> Iterable[Fault]:
    if line.role and words.role_of(line.role) is None:
        yield Fault(line.row, "role", "people.fault.role", line.role)
    if not line.unit:
        if line.role or line.start or line.end:
            yield Fault(line.row, "unit", "people.fault.unit_needed")
    else:
        found = units.get(line.unit) or units.get(words.plain(line.unit)) or []
        if len(found) != 1:
            text = "people.fault.unit_twice" if found else "people.fault.unit"
            yield Fault(line.row, "unit", text, line.unit)
        if not line.role and not line.title:
            yield Fault(line.row, "role", "people.fault.role_needed")
    start, end = line.start and words.date_of(line.start), line.end and _end(line.end)
    if line.start and start is None:
        yield Fault(line.row, "start", "people.fault.date", line.start)
    if line.end and end is None:
        yield Fault(line.row, "end", "people.fault.date", line.end)
    if isinstance(start, date) and isinstance(end, date) and end < start:
        yield Fault(line.row, "end", "people.fault.end_before_start", line.end or "")


def _entry(lines: list[Line], units: dict[str, list[str]]) -> Entry:
    def given(name: str) -> str | None:
        """The first row that says anything."""
        return next((value for line in lines if (value := getattr(line, name))), None)

    title, language = given("title"), given("language")
    return Entry(
        row=lines[0].row,
        rows=tuple(line.row for line in lines),
        identity=lines[0].identity,
        name=lines[0].name,
        title=words.title_of(title) if title else None,
        phone=given("phone"),
        email=given("email"),
        language=words.language_of(language) if language else None,
        wanted=tuple(_wanted(line, units) for line in lines if line.unit),
    )


def _wanted(line: Line, units: dict[str, list[str]]) -> Wanted:
    unit = line.unit or ""
    title = words.title_of(line.title or "") or ""
    role = words.role_of(line.role) if line.role else words.role_of_title(title)
    return Wanted(
        role=role or Role.CARER,
        unit=(units.get(unit) or units[words.plain(unit)])[0],
        start=words.date_of(line.start) if line.start else None,
        end=_end(line.end) if line.end else None,
    )


def _end(text: str) -> date | None:
    return OPEN if words.plain(text) in FURTHER_NOTICE else words.date_of(text)

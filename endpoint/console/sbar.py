"""One SBAR case in full: vital signs with trend and points, S B A R in words, and what has been said."""

from msgspec import Struct

from care.rights import Act
from care.sbar import SbarDocument
from care.staff import StaffDocument
from endpoint import documents
from endpoint.console import times
from endpoint.console.answers import Reading, read
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.inbox import Case
from endpoint.console.reader import Reader
from endpoint.console.sbar_trail import Step, trail
from endpoint.console.vitals import Row, rows
from endpoint.database import Database

LETTERS = ("s", "b", "a", "r")
_OWN_WORDS = frozenset({"s.problem", "s.words", "b.conditions", "a.different", "r.wish", "r.wish.words"})
"""Answers that are sentences in themselves; the others need to be told what was asked."""
_IN_TABLE = ("a.respiration", "a.spo2", "a.oxygen", "a.pulse", "a.systolic", "a.diastolic", "a.temperature")
_TOO = ("a.consciousness", "a.pain")


class Detail(Struct, frozen=True):
    """What the pane beside the inbox shows of a case."""

    case: Case
    vitals: tuple[Row, ...]
    letters: tuple[tuple[str, tuple[str, ...]], ...]
    trail: tuple[Step, ...]
    may_answer: bool
    may_receive: bool
    may_order: bool


async def detail(database: Database, reader: Reader, case: Case) -> Detail:
    """A case in full, with the same person's earlier values."""
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    earlier = await _earlier(database, case) if case.sbar else []
    parts = case.score.parts if case.score else None
    return Detail(
        case=case,
        vitals=tuple(rows(case.reading, earlier, parts, reader.t)) if case.sbar else (),
        letters=letters_of(case.reading) if case.sbar else (),
        trail=_trail(case.sbar, staff, reader) if case.sbar else (),
        may_answer=bool(case.sbar) and reader.may(Act.SBAR_ANSWER, case.unit.id),
        may_receive=bool(case.deviation) and reader.may(Act.DEVIATION_HANDLE, case.unit.id),
        may_order=case.person is not None and reader.may(Act.ORDER_PLACE, case.unit.id),
    )


def _trail(sbar: SbarDocument, staff: dict[str, StaffDocument], reader: Reader) -> tuple[Step, ...]:
    t = reader.t
    return tuple(trail(sbar, staff, t, lambda at: times.moment(at, reader.now, t)))


async def _earlier(database: Database, case: Case) -> list[Reading]:
    if case.person is None:
        return []
    found = await documents.of_person(database, SbarDocument, case.person.id)
    before = [one for one in found if one.recorded and one.recorded < case.since and one.unit == case.unit.id]
    before.sort(key=lambda one: one.recorded or case.since)
    known = (await catalogue(database, [case.unit.id])).of
    return [read(one.answers, case.person.first_name, known) for one in before]


def letters_of(reading: Reading, whole: bool = False) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """S, B, A and R as lines to read; of A what no table of vital signs beside them shows, unless `whole`."""
    shown = set() if whole else {*_IN_TABLE, *_TOO}
    found: dict[str, list[str]] = {letter: [] for letter in LETTERS}
    for line in reading.lines:
        letter = line.link_id.split(".", 1)[0]
        if letter not in found or line.link_id in shown:
            continue
        if not whole and line.link_id.endswith(".missing"):
            continue
        found[letter].append(line.text if line.link_id in _OWN_WORDS else f"{line.label}: {line.text}")
    return tuple((letter, tuple(lines)) for letter, lines in found.items())

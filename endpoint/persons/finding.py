"""Finding a care recipient by name, room or personnummer, in one's own units and beyond them."""

import unicodedata
from collections.abc import Iterable

from msgspec import Struct

from care.person import PersonDocument
from care.rights import Act
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.reader import Reader
from endpoint.database import Database

LEAST = 2
MOST = 50
_OWN = (Act.UNIT_READ, Act.PERSON_NURSE, Act.PERSON_PROTECT)


class Found(Struct, frozen=True):
    """A person, the unit, and whether it is one of the reader's own. Beyond it an active choice is needed."""

    person: PersonDocument
    unit: UnitDocument
    own: bool


class Search(Struct, frozen=True):
    """What was looked for. ``more``: there were others; ``short``: too little to look for."""

    words: str
    found: tuple[Found, ...]
    more: bool = False
    short: bool = False


def is_own(reader: Reader, unit: str) -> bool:
    """Whether a unit's persons are the reader's without an active choice."""
    return any(reader.may(act, unit) for act in _OWN)


async def find(database: Database, reader: Reader, words: str) -> Search:
    """Persons whose name, room or personnummer holds the words; of other units only where one may choose.

    Beyond one's own units a person with protected identity is found by the whole personnummer alone.
    """
    wanted = _plain(words)
    if len(wanted) < LEAST:
        return Search(words, (), short=True)
    found: list[Found] = []
    for unit in reader.units:
        own = is_own(reader, unit.id)
        if not own and not reader.may(Act.PERSON_BEYOND, unit.id):
            continue
        persons = await documents.of_unit(database, PersonDocument, unit.id)
        found += [Found(one, unit, own) for one in persons if _matches(one, wanted, own)]
    found.sort(key=lambda one: (not one.own, one.person.name, one.person.id))
    return Search(words, tuple(found[:MOST]), more=len(found) > MOST)


async def among(database: Database, units: Iterable[UnitDocument], words: str) -> Search:
    """Persons of some units whose name, room or personnummer holds the words."""
    wanted = _plain(words)
    if len(wanted) < LEAST:
        return Search(words, (), short=True)
    found: list[Found] = []
    for unit in units:
        persons = await documents.of_unit(database, PersonDocument, unit.id)
        found += [Found(one, unit, True) for one in persons if _matches(one, wanted, True)]
    found.sort(key=lambda one: (one.person.name, one.person.id))
    return Search(words, tuple(found[:MOST]), more=len(found) > MOST)


def _matches(person: PersonDocument, wanted: str, own: bool) -> bool:
    digits = _digits(wanted)
    whole = len(digits) in (10, 12) and _digits(person.personnummer).endswith(digits)
    if person.protected and not own:
        return whole
    return whole or wanted in _plain(person.name) or (own and wanted == _plain(person.room))


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _plain(text: str) -> str:
    """For comparing as one types: without case, and with å, ä and ö as one letter each."""
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()

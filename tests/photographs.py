"""Photos for tests of what carries them: bytes of some length, and what a fact says of them."""

import hashlib
import random

from care.facts import Ref
from care.photo import CHUNK, DeviationPhotographed, Shows
from storage import Statement, Unlocked
from tests.store_case import PERSON, UNIT, fallen, new_id

LENGTH = 3 * CHUNK + 1000
"""Bytes: four pieces, the last of them short."""
DRAFT = "a report that is begun"


def pixels(length: int = LENGTH, seed: int = 1) -> bytes:
    return b"\xff\xd8" + random.Random(seed).randbytes(length - 2)


def said(data: bytes, shows: Shows = "wound") -> DeviationPhotographed:
    digest = hashlib.sha256(data).hexdigest()
    return DeviationPhotographed(sha256=digest, size=len(data), width=1600, height=1200, shows=shows)


def add(who: Unlocked, data: bytes, draft: str = DRAFT) -> str:
    """Put a photo into a draft; its id there."""
    return who.add_photo(draft, said(data), data, b"small")


def named(photo: str, data: bytes, report: str, unit: str = UNIT, person: str | None = PERSON) -> Statement:
    """What is stated of a photo in a draft."""
    return Statement(said(data), Ref("deviation", report), unit, person, photo=photo)


def reported(
    who: Unlocked, *photos: bytes, unit: str = UNIT, person: str | None = PERSON
) -> tuple[str, list[str]]:
    """Report with photos; the report's id, and those of the photos' facts."""
    report = new_id()
    found = [named(add(who, data), data, report, unit, person) for data in photos]
    fact = Statement(fallen(), Ref("deviation", report), unit, person)
    facts = who.save(fact, *found, draft=DRAFT)
    return report, [one.id for one in facts[1:]]

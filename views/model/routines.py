"""The unit's routines as they hold today, and which of them are new to whoever has the phone."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from care.retention import note_of
from care.routine import RoutineDocument, RoutinePublished, Version
from care.routine_text import plain
from care.signing import local_day
from views.model import reading
from views.model.shift import Shift

NEW_FOR = timedelta(days=30)
"""So long a routine that has not been opened is marked as new (p). On a new phone old ones are not."""

News = Literal["", "new", "changed"]


@dataclass(frozen=True)
class Held:
    """A routine that holds in the unit today."""

    routine: RoutineDocument
    version: Version
    news: News

    @property
    def body(self) -> RoutinePublished:
        return self.version.body

    @property
    def review_by(self) -> date:
        return self.routine.review_by or self.body.review_by


def held(shift: Shift) -> list[Held]:
    """Every routine of the unit: what is new first, then by area and title."""
    day = today(shift)
    found = [
        Held(one, version, _news(shift, one, version, day))
        for one in reading.all_of(shift, RoutineDocument)
        if (version := one.holds_in(shift.me.unit, day))
    ]
    return sorted(found, key=lambda one: (not one.news, one.body.area.lower(), one.body.title.lower()))


def one(shift: Shift, id: str) -> Held | None:
    return next((found for found in held(shift) if found.routine.id == id), None)


def news(shift: Shift) -> int:
    """How many are new or changed since this person last opened them."""
    return sum(bool(found.news) for found in held(shift))


def matching(found: list[Held], typed: str) -> list[Held]:
    """Those that have every word that was typed, in title, area or text."""
    words = typed.lower().split()
    return [
        held
        for held in found
        if all(
            word in f"{held.body.title} {held.body.area} {plain(held.body.text)}".lower() for word in words
        )
    ]


async def have_opened(shift: Shift, found: Held) -> None:
    """This version has been opened. It is remembered for this person alone."""
    if found.news:
        fact = found.version.fact.encode()
        await asyncio.to_thread(shift.me.remember, note_of(RoutineDocument.kind, found.routine.id), fact)
        # Whoever has gone back meanwhile sees the list as it was before.
        shift.changed()


def today(shift: Shift) -> date:
    return local_day(shift.phone.now())


def _news(shift: Shift, routine: RoutineDocument, version: Version, day: date) -> News:
    seen = shift.me.recall(note_of(RoutineDocument.kind, routine.id))
    if seen is not None:
        return "" if seen.decode() == version.fact else "changed"
    since = max(local_day(version.at), version.body.valid_from)
    if day - since > NEW_FOR:
        return ""
    return "new" if version.number == 1 else "changed"

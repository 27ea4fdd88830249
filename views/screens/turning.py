"""Turning the pages of a form: to the next one, back to one that lacks something, and out of it."""

import asyncio
import contextlib
from dataclasses import dataclass

import flet as ft

from views import dates
from views.model import filling as fillings
from views.model import measuring, reading, reporting
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Fill, Script
from views.screens.parts import local
from views.theme import Look

NEXT = "next"
"""*Nästa*, by its identifier. A page that turned by itself under a thumb on the pad has put it there."""
DRAWN_WITHIN_S = 0.15
"""What is missing is marked before it can be brought into view."""


async def bring_into_view(scroller: ft.Ref[ft.Column], link_id: str) -> None:
    """Scroll to a question, once it has been drawn. A page that has been left meanwhile is left alone."""
    await asyncio.sleep(DRAWN_WITHIN_S)
    if scroller.current is not None:
        with contextlib.suppress(RuntimeError):
            await scroller.current.scroll_to(scroll_key=link_id, duration=120)


@dataclass(frozen=True)
class Turning:
    """Page `number` of a form in hand, and what scrolls under it."""

    look: Look
    shift: Shift
    filling: Filling
    number: int
    scroller: ft.Ref[ft.Column]

    async def on(self, by_itself: bool = False) -> None:
        """*Nästa*: the page after, the script, or saving. What is missing is marked and brought into view.

        A page that turns `by_itself` never saves a report: that is always somebody's own tap.
        """
        pages = fillings.pages(self.filling)
        missing = fillings.faults(self.filling, pages[self.number])
        if missing:
            await self._mark(missing)
        elif self.number + 1 < len(pages):
            measuring.turn(self.filling)
            if by_itself:
                self.shift.presses.done(NEXT)
            self.shift.go(Fill(self.filling.key, self.number + 1))
        else:
            await self.hand_in(by_itself)

    async def hand_in(self, by_itself: bool = False) -> None:
        """The script, or saving; the first page that lacks something, when one does."""
        pages = fillings.pages(self.filling)
        if (lacking := self._lacking()) is not None:
            self.filling.looked_for = set(fillings.faults(self.filling, pages[lacking]))
            self.to(lacking)
        elif fillings.is_sbar(self.filling):
            measuring.turn(self.filling)
            self.shift.go(Script(self.filling.key))
        elif not by_itself:
            await self._save()

    def to(self, number: int) -> None:
        """A page of the form; back down to it when it has been shown, so that back goes in no circles."""
        measuring.turn(self.filling)
        wanted = Fill(self.filling.key, number)
        if wanted in self.shift.stack:
            del self.shift.stack[self.shift.stack.index(wanted) + 1 :]
            self.shift.changed()
        else:
            self.shift.go(wanted)

    def _lacking(self) -> int | None:
        pages = fillings.pages(self.filling)
        return next((n for n, page in enumerate(pages) if fillings.faults(self.filling, page)), None)

    async def _mark(self, missing: list[str]) -> None:
        self.filling.looked_for = set(missing)
        self.shift.changed()
        await bring_into_view(self.scroller, missing[0])

    async def _save(self) -> None:
        """The report is saved, said to be, and Idag (or the lock screen) comes back."""
        look, shift = self.look, self.shift
        about = look.t(f"category.{reporting.kind_of(self.filling)}")
        person = reading.person(shift, self.filling.person) if shift.unlocked else None
        await reporting.finish(shift, self.filling.key)
        shift.home()
        title = f"{about}, {person.name}" if person else about
        shift.say_saved(title, look.t("fill.receipt", at=dates.clock(local(shift.phone.now()))))

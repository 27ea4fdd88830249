"""An order in hand as its fields see it: what is written, how it is changed, and what is wrong where."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import flet as ft
from msgspec.structs import replace

from care.order_form import Fields
from views.components import confirm_box, fold, text_field
from views.model.ordering import Written
from views.model.shift import Shift
from views.theme import Look, Space

Draw = Literal["now", "paused", "later"]
"""At once; when whoever types pauses; with the next thing that is pressed."""
LIVE = frozenset({"when", "value"})
"""Fields whose words change what stands under them. A screen that is drawn while somebody types in it costs
letters, so no other is."""


@dataclass(frozen=True)
class Form:
    look: Look
    shift: Shift
    unit: str
    written: Written
    write: Callable[..., Awaitable[None]]
    """Is given what changes it, and when that is drawn."""
    wrong: dict[str, str]
    """Field to why; empty until somebody has tried to go on."""
    opened: frozenset[str]
    set_opened: Callable[[frozenset[str]], Any]

    @property
    def fields(self) -> Fields:
        return self.written.fields

    def problem(self, name: str) -> str:
        return self.look.t(f"order.fault.{self.wrong[name]}") if name in self.wrong else ""

    def setter(self, name: str, draw: Draw = "now") -> Callable[[Any], Awaitable[None]]:
        """What changes one field to what it is given."""

        async def change(value: Any) -> None:
            await self.write(lambda now: replace(now, fields=replace(now.fields, **{name: value})), draw)

        return change

    def turn(self, part: str) -> None:
        """Open what is closed, close what is open."""
        self.set_opened(self.opened ^ {part})

    def field(
        self,
        name: str,
        *,
        hint: str = "",
        help: str | None = None,
        lines: int = 1,
        keyboard: ft.KeyboardType | None = None,
    ) -> ft.Control:
        """One field to write in; its name is the text ``order.field.<name>``. `help` may come and go: a field
        that changes its place on the page is made anew, and loses its letters to the one before."""
        label = self.look.t(f"order.field.{name}")
        drawn = text_field(
            self.look,
            label,
            getattr(self.fields, name),
            self.setter(name, "paused" if name in LIVE or self.wrong else "later"),
            hint=hint,
            problem=self.problem(name),
            lines=lines,
            keyboard=keyboard,
            identifier=f"write-{name}",
        )
        if help is None:
            return drawn
        under = [self.look.text(help, "small", self.look.palette.ink2)] if help else []
        return ft.Column([drawn, *under], spacing=Space.XS, tight=True)

    def pair(self, first: ft.Control, second: ft.Control) -> ft.Control:
        """Two short fields side by side, where there is room."""
        if self.look.tight:
            return ft.Column([first, second], spacing=Space.M, tight=True)
        beside = [ft.Container(first, expand=1), ft.Container(second, expand=1)]
        return ft.Row(beside, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.END)

    def tick(self, name: str) -> ft.Control:
        set_ = self.setter(name)
        on = getattr(self.fields, name)
        return confirm_box(self.look, self.look.t(f"order.tick.{name}"), on, lambda: set_(not on))

    def fold(self, part: str, label: str, said: str, holds: tuple[str, ...], inside: Any) -> ft.Control:
        """A part that opens. `holds` are its fields: where one of them is wrong it is open."""
        wrong = not self.wrong.keys().isdisjoint(holds)
        opened = wrong or part in self.opened
        return fold(
            self.look,
            label,
            said,
            opened,
            lambda: self.turn(part),
            inside() if opened else [],
            identifier=f"fold-{part}",
            problem=wrong,
        )

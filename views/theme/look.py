"""The look of one session: palette, text scale, window, language. Every component takes it first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import flet as ft

from views.presses import Presses
from views.texts import Texts
from views.theme import type as types
from views.theme.tokens import LIGHT, Palette, Space, Tone, tone
from views.theme.type import Role

LARGE_TEXT = 1.45


@dataclass(frozen=True, slots=True)
class Look:
    """What a component needs in order to draw itself. Width and height in dp, scale is the system's."""

    palette: Palette
    texts: Texts
    scale: float = 1.0
    width: float = 390
    height: float = 844
    web: bool = False
    call_112: Callable[[], Any] | None = None
    """Opens the dialler. Every app bar draws the 112 sign with it."""
    leaving: Callable[[], Any] | None = None
    """Told when a call or a sign-in leaves the app for a while, so that the phone stays open meanwhile."""
    put_down: Callable[[], Any] | None = None
    """Locks the phone for the next person. Every screen's frame offers it while somebody is signed in."""
    fault: tuple[str, str, str] | None = None
    """What went wrong last, what is safe and what to do. Every screen's frame shows it."""
    presses: Presses | None = None
    """What is being done in this session, so that two quick taps are one."""
    failed: Callable[[Any], Any] | None = None
    """Told of a `views.guard.Failure` when a handler raised; shows the banner or snack."""

    @property
    def t(self) -> Texts:
        return self.texts

    @property
    def rtl(self) -> bool:
        return self.texts.rtl

    @property
    def large(self) -> bool:
        """At this text scale nothing has a fixed height, and only the main button stays at the thumb."""
        return self.scale >= LARGE_TEXT

    @property
    def narrow(self) -> bool:
        return self.width < 360

    @property
    def tight(self) -> bool:
        """A line holds less than it does on an ordinary phone: a narrow one, or larger text."""
        return self.column / self.scale < 375

    @property
    def short(self) -> bool:
        return self.height < 700

    @property
    def column(self) -> float:
        """The width of the one column of content, dp."""
        return min(self.width, 560.0)

    def columns(self, most: int, labels: list[str], role: Role, beside: float, gap: float = 8) -> int:
        """How many equal columns, at most `most`, hold the longest word of the labels unbroken.

        `beside` is what a column holds besides the word: padding, icon, mark (dp). One column at large text.
        """
        if self.large:
            return 1
        word = types.longest_word(labels, role, self.scale)
        page = self.column - 2 * Space.PAGE
        fitting = [n for n in range(most, 1, -1) if (page - (n - 1) * gap) / n - beside >= word]
        return fitting[0] if fitting else 1

    @property
    def scroll(self) -> ft.ScrollMode:
        return ft.ScrollMode.AUTO if self.web else ft.ScrollMode.HIDDEN

    def text(self, value: str, role: Role = "body", color: str | None = None, **more: Any) -> ft.Text:
        """A text in ink, or in the colour given."""
        return types.text(value, role, color or self.palette.ink, self.scale, **more)

    def style(self, role: Role, color: str | None = None, **more: Any) -> ft.TextStyle:
        return types.style(role, color or self.palette.ink, self.scale, **more)

    def heading(self, value: str, role: Role = "h1", level: int = 1, color: str | None = None) -> ft.Control:
        """A title that a screen reader announces as one."""
        return ft.Semantics(header=True, heading_level=level, content=self.text(value, role, color))

    def icon(self, icon: ft.IconData, color: str | None = None, size: float = 24) -> ft.Icon:
        """An icon that follows the text up to 1.4 times. Always beside a word."""
        return ft.Icon(
            icon, size=round(size * min(self.scale, types.GROWTH_LIMIT)), color=color or self.palette.ink
        )

    def tone(self, name: Tone) -> Any:
        return tone(self.palette, name)

    def with_(self, **changes: Any) -> "Look":
        return replace(self, **changes)


LookContext = ft.create_context(Look(palette=LIGHT, texts=Texts.load("sv")))


def use_look() -> Look:
    """The look of the nearest provider. A hook: call it once, first, in a component function."""
    return ft.use_context(LookContext)

"""What every question is drawn with: the form in hand, its page, its words, and what an answer leads to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from care.forms import Item, Page, enabled
from care.forms.values import Value
from views.forms.numbers import padded
from views.forms.words import Words
from views.model import filling as fillings
from views.model import measuring
from views.model.earlier import Last
from views.model.filling import Filling
from views.model.shift import Shift


@dataclass(frozen=True)
class Asking:
    """`settled` is awaited when an answer has ended the page; `count` opens the tapping screen."""

    shift: Shift
    filling: Filling
    page: Page
    words: Words
    last: dict[str, Last]
    settled: Callable[[], Awaitable[None]]
    count: Callable[[Item], None]
    refused: Callable[[Item], str]
    """What is said of an answer that the form does not take."""
    compares: bool = True
    """Whether *Högre än vanligt* may be said: not where the organisation has put NEWS2 off."""

    async def choose(self, item: Item, value: Value) -> None:
        """An option was pressed; the page turns when that ends it."""
        before = enabled(self.filling.form, self.filling.answers)
        await fillings.choose(self.shift, self.filling.key, item, value)
        if wanted := next((one for one in self._new(before) if one.required and padded(one)), None):
            measuring.select(self.shift, self.filling, wanted)
        if self.filling.answers.get(item.link_id) and fillings.settles(self.filling, self.page, item, before):
            await self.settled()

    def _new(self, before: frozenset[str]) -> list[Item]:
        """The questions that an answer has added to the page."""
        return [one for one in fillings.questions(self.filling, self.page) if one.link_id not in before]

    async def number_left(self, item: Item, left: bool) -> None:
        """The pad left a number; the page turns when that ends it."""
        asked = enabled(self.filling.form, self.filling.answers)
        if left and fillings.settles(self.filling, self.page, item, asked):
            await self.settled()

    def problem(self, item: Item, missing: str) -> str:
        """What is said under a question that *Nästa* was looking for."""
        if item.link_id not in self.filling.looked_for:
            return ""
        return self.refused(item) if self.filling.answers.get(item.link_id) else missing

    def origin(self, item: Item, from_record: str) -> str:
        return from_record if item.link_id in self.filling.prefilled else ""

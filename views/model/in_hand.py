"""A form in hand: its answers so far, and where in it somebody is."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from care.deviation import Instead
from care.forms import Answers, Item, Questionnaire, Value, unfold, with_values


@dataclass(eq=False)
class Filling:
    """One form in hand. Screens read it; the functions of this module change it."""

    key: str
    id: str
    form_name: str
    template: Questionnaire
    person: str | None
    unit: str = ""
    """Where it happened, when that is not the phone's unit."""
    category: str = ""
    prompted_by: str = ""
    answers: Answers = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    """How often a group that repeats has been asked for, by the linkId of its first occurrence there."""
    adding: set[str] = field(default_factory=set)
    """Questions that repeat for which one answer more is wanted."""
    prefilled: set[str] = field(default_factory=set)
    """Answered from the record, and not touched since."""
    confirmed: set[str] = field(default_factory=set)
    """Unusual numbers that somebody has said are right."""
    skipped: set[str] = field(default_factory=set)
    """Dates and times answered with *Vet inte*."""
    acknowledged: set[str] = field(default_factory=set)
    """Answers that call for help, and whose banner has been passed with *Fortsätt*."""
    called: tuple[str, str] | None = None
    """The nurse who was called before the form was ready: name and number."""
    recorded: bool = False
    """The SBAR was saved when 112 was called, and the form is still open for the nurse."""
    finished: bool = False
    """It has been saved: nothing that is still on its way to the draft may bring it back."""
    amends: bool = False
    """A report that stands is given other answers; `id` is its own."""
    claimed: str = ""
    instead: Instead = ""
    """Who alone is to read the report, where it concerns the chief or the nurse."""
    started: set[str] = field(default_factory=set)
    """Answered by the form itself, such as *Nyss*, and not touched since."""
    resumed: datetime | None = None
    looked_for: set[str] = field(default_factory=set)
    """What was missing when *Nästa* was pressed, marked until it is answered."""
    active: str = ""
    """The number being entered."""
    typed: str = ""
    fresh: bool = True
    """Whether the next digit begins the number anew."""
    left: str = ""
    """The number that was left by itself with the last key."""
    impossible: str = ""
    asks: str = ""
    """The number that is asked about: possible, but unusual."""
    why_missing: str = ""
    """The measurement for which a reason is being chosen."""
    opened: set[str] = field(default_factory=set)
    """Pages that have been opened, and texts that have been unfolded."""
    counted: str = ""
    """The number that was counted with the tapping screen."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _unfolded: tuple[object, Questionnaire] | None = None

    def forget(self) -> None:
        """The phone is locked: whatever still leads here, such as a draft on its way, finds nothing."""
        self.finished = True
        self.answers.clear()
        self.person = self.called = None
        self.claimed = self.typed = self.counted = ""

    @property
    def form(self) -> Questionnaire:
        """The form with every occurrence that there is now: what is drawn, asked and saved."""
        if not self.template.folded:
            return self.template
        # What occurs follows from how many answers there are alone, and a page asks for the form many times.
        shape = (tuple((link_id, len(given)) for link_id, given in self.answers.items()), *self.times.items())
        if self._unfolded is None or self._unfolded[0] != shape:
            self._unfolded = shape, unfold(self.template, self.answers, self.times)
        return self._unfolded[1]

    def value(self, link_id: str) -> Value | None:
        given = self.answers.get(link_id)
        return given[0] if given else None

    def in_hand(self, item: Item) -> list[Value]:
        """What a field shows: the only answer, or the last of several; none while one more is awaited."""
        given = self.answers.get(item.link_id, [])
        if not item.is_listed():
            return given
        return [] if item.link_id in self.adding else given[-1:]

    def put(self, item: Item, values: list[Value]) -> None:
        """What a field now holds, in place of what it showed."""
        given = self.answers.get(item.link_id, [])
        kept = given if item.link_id in self.adding else given[:-1]
        whole = [*kept, *values] if item.is_listed() else values
        if values:
            self.adding.discard(item.link_id)
        self.answers = with_values(self.template, self.answers, item.link_id, whole)

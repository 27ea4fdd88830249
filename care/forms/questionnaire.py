"""A form as the app uses it: read once from a checked FHIR Questionnaire, immutable after that."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from care.forms.values import Coding, Quantity, Value

# What an answer may not pass: a number, a date or time in ISO 8601, or a quantity in a unit.
Limit = Decimal | str | Quantity

# The language that forms are written in, and that every answer is summarised in for the nurse.
SWEDISH = "sv"


class Text(Struct, frozen=True):
    """A text in Swedish with its translations by language code."""

    swedish: str
    translations: dict[str, str] = {}

    def read(self, language: str = SWEDISH) -> str:
        """The text in this language ("en", or "en-GB", which falls back to "en"), else in Swedish."""
        return (
            self.translations.get(language)
            or self.translations.get(language.partition("-")[0])
            or self.swedish
        )


class Option(Struct, frozen=True):
    """One answer to choose. `value` is what is stored, in value[x] of this `kind`; `code` names it (the text
    of a plain option).

    exclusive: choosing it takes every other option away. danger: this answer calls for the nurse now.
    emergency: this answer calls for 112, whatever else is answered. usual: it says that all is as usual.
    icon: the name of a Material icon as in flet's `Icons`, or "".
    """

    value: Value
    code: str
    text: Text
    kind: str = "Coding"
    exclusive: bool = False
    danger: bool = False
    emergency: bool = False
    usual: bool = False
    icon: str = ""

    @property
    def display(self) -> str:
        return self.text.swedish

    def label(self, language: str = SWEDISH) -> str:
        return self.text.read(language)


class EnableWhen(Struct, frozen=True):
    """A condition: the answer to `question` compared by `operator` (exists = != > < >= <=) with `answer`."""

    question: str
    operator: str
    answer: Value


class Constraint(Struct, frozen=True):
    """What must hold where it stands: a FHIRPath `expression`, `human` says it to people.

    severity: an "error" keeps the answers from being handed in, a "warning" is only said.
    """

    key: str
    severity: str
    human: str
    expression: str


class Item(Struct, frozen=True):
    """A group, a question or a text to read.

    type: group, display, boolean, integer, decimal, quantity, date, dateTime, time, string, text, choice,
        open-choice.
    control: how to draw it: radio, check-box, list, slider, stepper, chips, tiles, numpad, counter; page on a
        group that is a page of its own; "" leaves it to the renderer.
    minimum, maximum: limits that no answer may pass; see Limit.
    ask_below, ask_above: beyond these a number is possible but unusual, and the phone asks once.
    decimals: how many digits may follow the decimal comma, or None.
    min_length, max_length: characters of the answer as it is written. pattern: what all of it must match.
    min_occurs, max_occurs: how many answers to a question that repeats, or how many times a group is given.
    unit: how the unit is read ("per minut"); unit_code: in UCUM ("/min").
    units: the units that a quantity may have.
    prefill: where the record knows the answer ("person.bloodThinner"), or "".
    missing_of: the linkId of the measurement that this choice explains the lack of, or "".
    short: what the question is called in a summary, where it cannot be asked again.
    enable_expression, calculated, initial_expression: FHIRPath, or "": whether it is asked, what its answer
        is, what it starts with.
    children: of a group, what stands in it; of a question, what is asked beneath each answer to it.
    of_answer: beneath which answer of its question the item stands, from 1; 0 when it is under none.
    """

    link_id: str
    type: str
    text_in: Text
    prefix: Text = Text("")
    short: str = ""
    help_in: Text | None = None
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""
    min_occurs: int = 0
    max_occurs: int | None = None
    minimum: Limit | None = None
    maximum: Limit | None = None
    ask_below: Decimal | None = None
    ask_above: Decimal | None = None
    decimals: int | None = None
    unit_in: Text = Text("")
    unit_code: str = ""
    units: tuple[Coding, ...] = ()
    entry_format: str = ""
    control: str = ""
    icon: str = ""
    prefill: str = ""
    missing_of: str = ""
    may_pass: bool = False
    codes: tuple[Coding, ...] = ()
    options: tuple[Option, ...] = ()
    initial: tuple[Value, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_behavior: str = "all"
    enable_expression: str = ""
    calculated: str = ""
    initial_expression: str = ""
    constraints: tuple[Constraint, ...] = ()
    children: tuple[Item, ...] = ()
    of_answer: int = 0

    @property
    def text(self) -> str:
        return self.text_in.swedish

    @property
    def unit(self) -> str:
        return self.unit_in.swedish

    def unit_label(self, language: str = SWEDISH) -> str:
        return self.unit_in.read(language)

    def label(self, language: str = SWEDISH) -> str:
        """What is asked. May hold {name}, which stands for the person's first name."""
        return self.text_in.read(language)

    def help(self, language: str = SWEDISH) -> str:
        return self.help_in.read(language) if self.help_in else ""

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)

    def completed(self, value: Value) -> Value:
        """The option that a coding without system names by its code; every other value as it is."""
        if not isinstance(value, Coding) or value.system:
            return value
        option = self.option(value.code)
        return option.value if option else value

    def is_question(self) -> bool:
        return self.type not in ("group", "display")

    def follows(self) -> bool:
        """Whether it comes, goes or changes with the answers to other questions."""
        return bool(self.enable_when or self.enable_expression or self.calculated)

    def reckons(self) -> bool:
        """Whether an expression has a say in it while the form is filled in."""
        return bool(self.enable_expression or self.calculated or self.constraints)

    def folds(self) -> bool:
        """Whether what stands in it is there once for each time that it is given."""
        return self.repeats and bool(self.children)

    def is_repeated_group(self) -> bool:
        return self.type == "group" and self.folds()

    def is_listed(self) -> bool:
        """Whether several answers are given one after another, not chosen among options."""
        return self.repeats and self.type not in ("group", "display", "choice", "open-choice", "boolean")

    def is_unusual(self, value: Decimal | int) -> bool:
        """Possible, but so rare that the phone asks whether it was meant."""
        below = self.ask_below is not None and value < self.ask_below
        return below or (self.ask_above is not None and value > self.ask_above)

    def walk(self) -> Iterator[Item]:
        """This item and everything in it, in form order."""
        yield self
        for child in self.children:
            yield from child.walk()


class Page(Struct, frozen=True):
    """One screen of a form: the group shown, and the step (top-level group) that it belongs to.

    A step is its own only page unless it holds groups marked as pages: SBAR's A has five.
    `number` of `count` says how far within the step.
    """

    item: Item
    step: Item
    number: int
    count: int


class Questionnaire(Struct, frozen=True):
    """A form. `url` and `version` name it in every answer; an answer keeps the version it was given on.

    reckons: it has expressions that are reckoned over the answers (`care/forms/reckon.py`).
    folded: it has items that are there once for each time that a group or an answer is given, and is to be
        unfolded for the answers at hand (`care/forms/unfold.py`).
    """

    items: tuple[Item, ...]
    title_in: Text
    url: str = ""
    version: str = ""
    name: str = ""
    status: str = "unknown"
    language: str = SWEDISH
    folded: bool = False
    reckons: bool = False

    @property
    def title(self) -> str:
        return self.title_in.swedish

    def label(self, language: str = SWEDISH) -> str:
        return self.title_in.read(language)

    @property
    def canonical(self) -> str:
        """`url|version`, as an answer names the form."""
        return f"{self.url}|{self.version}" if self.version else self.url

    def walk(self) -> Iterator[Item]:
        """Every item in form order."""
        for item in self.items:
            yield from item.walk()

    def item(self, link_id: str) -> Item | None:
        return next((item for item in self.walk() if item.link_id == link_id), None)

    def pages(self) -> list[Page]:
        """The screens in order. Questions that stand loose at the top share a page under the form's title."""
        return [page for step in self._steps() for page in _pages_of(step)]

    def _steps(self) -> Iterator[Item]:
        loose: list[Item] = []
        for item in self.items:
            if item.type != "group":
                loose.append(item)
                continue
            if loose:
                yield Item("", "group", self.title_in, children=tuple(loose))
                loose = []
            yield item
        if loose:
            yield Item("", "group", self.title_in, children=tuple(loose))


def _pages_of(step: Item) -> list[Page]:
    inner = [child for child in step.children if child.control == "page"]
    if not inner:
        return [Page(step, step, 1, 1)]
    rest = [child for child in step.children if child.control != "page"]
    if rest:
        inner.insert(0, Item(step.link_id, "group", step.text_in, children=tuple(rest)))
    return [Page(item, step, number, len(inner)) for number, item in enumerate(inner, 1)]

"""What a year of self-checks comes to: figures for the patientsäkerhetsberättelse (PSL 3 kap. 10 §).

Per unit and for all of them, never per employee. What anybody wrote in their own words, dates and times are
left out, so that the figures hold no care recipient either.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from care.check_calendar import Checkpoint
from care.errors import CareError
from care.forms import Answers, Coding, Item, Quantity, Questionnaire, Value, from_response
from care.published import Answered

FormOf = Callable[[Answered], Questionnaire | None]

OWN_WORDS = "other"
"""The code under which answers in one's own words to an open choice are counted."""


class Numbers(Struct, frozen=True):
    """Numbers answered to one question."""

    count: int
    total: Decimal
    lowest: Decimal
    highest: Decimal

    @property
    def mean(self) -> Decimal:
        return (self.total / self.count).quantize(Decimal("0.1"), ROUND_HALF_UP)


class Choice(Struct, frozen=True):
    """How many chose one answer. ``label`` is Swedish; "" for yes, no and one's own words."""

    code: str
    label: str
    count: int


class Question(Struct, frozen=True):
    """The answers to one question. Either `choices` or `numbers`; `counts`: whole numbers, which add up."""

    link_id: str
    label: str
    answered: int
    choices: tuple[Choice, ...] = ()
    numbers: Numbers | None = None
    unit: str = ""
    counts: bool = False


class Figures(Struct, frozen=True):
    """A check over some time: how many were to be done, were done, and were done in time."""

    planned: int
    done: int
    in_time: int
    questions: tuple[Question, ...] = ()

    @property
    def percent(self) -> int | None:
        """The share done, rounded; None when nothing was to be done."""
        return round(100 * self.done / self.planned) if self.planned else None


def figures(points: Sequence[Checkpoint], form_of: FormOf) -> Figures:
    """The figures of one check. What is still ahead is counted once it has been done."""
    counted = [one for one in points if one.state not in ("ahead", "soon", "due")]
    done = [one for one in counted if one.state == "done"]
    given = [one.result.current.answers for one in done if one.result and one.result.current]
    return Figures(len(counted), len(done), sum(not one.late for one in done), _questions(given, form_of))


def _questions(given: Sequence[Answered], form_of: FormOf) -> tuple[Question, ...]:
    """Question by question. One that several versions of a form ask is counted as one, by its linkId."""
    items: dict[str, Item] = {}
    values: dict[str, list[list[Value]]] = {}
    for answered in given:
        form = form_of(answered)
        answers = _answers(form, answered) if form else {}
        for item in form.walk() if form else ():
            if item.is_question() and not item.hidden:
                items[item.link_id] = item
                if answers.get(item.link_id):
                    values.setdefault(item.link_id, []).append(answers[item.link_id])
    found = (_question(item, values.get(link_id, [])) for link_id, item in items.items())
    return tuple(question for question in found if question)


def _answers(form: Questionnaire, answered: Answered) -> Answers:
    try:
        return from_response(form, answered.read())
    except (CareError, ValueError):
        return {}


def _question(item: Item, answers: list[list[Value]]) -> Question | None:
    label = item.short or item.text
    if item.type in ("integer", "decimal", "quantity"):
        numbers = [number for given in answers for value in given if (number := _number(value)) is not None]
        summed = (
            Numbers(len(numbers), sum(numbers, Decimal()), min(numbers), max(numbers)) if numbers else None
        )
        counts = item.type == "integer"
        return Question(item.link_id, label, len(answers), numbers=summed, unit=item.unit, counts=counts)
    if item.type in ("boolean", "choice", "open-choice"):
        return Question(item.link_id, label, len(answers), choices=_choices(item, answers))
    return None


def _choices(item: Item, answers: list[list[Value]]) -> tuple[Choice, ...]:
    counts = Counter(_code(item, value) for given in answers for value in given)
    labels = {"yes": "", "no": ""} if item.type == "boolean" else {o.code: o.display for o in item.options}
    if item.type == "open-choice":
        labels.setdefault(OWN_WORDS, "")
    return tuple(Choice(code, label, counts[code]) for code, label in labels.items())


def _code(item: Item, value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Coding):
        return value.code
    plain = next((option.code for option in item.options if option.value == value), None)
    return OWN_WORDS if plain is None else plain


def _number(value: Value) -> Decimal | None:
    if isinstance(value, Quantity):
        return value.value
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

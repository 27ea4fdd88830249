"""A form as it is drawn: its questions, what stands in them, and what is wrong with it."""

from collections.abc import Mapping

from msgspec import Struct

from care.forms import Answers, Item, Option, Questionnaire, answer_text, asked_answers, enabled, reckoned
from endpoint.console.forms.typed import OTHER, Problem, Typed, answers_of, names, opened, read, typed_of

__all__ = ["Sheet", "read", "sheet", "typed_of"]


class Sheet(Struct, frozen=True):
    """What ``forms/sheet.html`` draws. `fields`: the fields' names by linkId; `shown`: what is asked now;
    `answers`: what has been answered, also by the form itself.
    """

    form: Questionnaire
    typed: Typed
    problems: Mapping[str, Problem]
    fields: dict[str, str]
    shown: frozenset[str]
    language: str
    answers: Answers = {}
    name: str = ""
    """The first name of whom it concerns."""

    @property
    def steers(self) -> bool:
        """Whether an answer can lead to another question."""
        return any(item.follows() for item in self.form.walk())

    def faults(self) -> list[tuple[Item, Problem]]:
        """What is wrong, in the form's order."""
        return [
            (item, self.problems[item.link_id])
            for item in self.form.walk()
            if item.link_id in self.problems and item.link_id in self.shown
        ]

    def value(self, item: Item) -> str:
        return next(iter(self.typed.get(item.link_id, [])), "")

    def values(self, item: Item) -> list[str]:
        """What stands in the fields of a question that takes several answers, and an empty one more."""
        held = [text for text in self.typed.get(item.link_id, []) if text.strip()]
        full = item.max_occurs is not None and len(held) >= item.max_occurs
        return held if full or (not item.is_listed() and held) else [*held, ""]

    def given(self, item: Item) -> str:
        """The answer to what is only to be read."""
        return answer_text(item, self.answers.get(item.link_id, []))

    def other(self, item: Item) -> str:
        return next(iter(self.typed.get(item.link_id + OTHER, [])), "")

    def warned(self, item: Item) -> list[str]:
        """What the form says of an item that is unlikely, but may stand."""
        found = reckoned(self.form, self.answers).broken
        return [one.human for one in found if (one.link_id, one.severity) == (item.link_id, "warning")]

    def chosen(self, item: Item, code: str) -> bool:
        return code in self.typed.get(item.link_id, [])

    def label(self, item: Item) -> str:
        return item.label(self.language).replace("{name}", self.name)

    def help(self, item: Item) -> str:
        return item.help(self.language).replace("{name}", self.name)

    def unit(self, item: Item) -> str:
        if item.type == "quantity" and item.units:
            return item.units[0].display
        return item.unit_label(self.language)

    def option(self, option: Option) -> str:
        return option.label(self.language)

    def steered(self) -> list[Item]:
        """The items that come and go with the answers, outermost first."""
        return [item for item in self.form.walk() if item.follows()]


def sheet(
    form: Questionnaire, typed: Typed, language: str, problems: Mapping[str, Problem] | None = None
) -> Sheet:
    """The form with what has been typed, and what is said to be wrong with it."""
    answers, _ = answers_of(form, typed)
    whole = opened(form, typed)
    given = asked_answers(whole, answers)
    return Sheet(whole, typed, problems or {}, names(whole), enabled(whole, answers), language, given)

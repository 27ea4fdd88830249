"""What was answered, in Swedish and in the order of the form: what the nurse reads."""

from __future__ import annotations

from msgspec import Struct

from care.forms.enable import asked_answers
from care.forms.questionnaire import Item, Questionnaire
from care.forms.swedish import in_swedish
from care.forms.unfold import unfold
from care.forms.values import Answers, Coding, Value


class Line(Struct, frozen=True):
    """One answered question: what it is called, and the answers to it."""

    link_id: str
    label: str
    text: str


def summary(questionnaire: Questionnaire, answers: Answers) -> list[Line]:
    """A line for every given answer to an enabled question that is not hidden."""
    form = unfold(questionnaire, answers)
    asked = asked_answers(form, answers)
    return [
        Line(item.link_id, item.short, answer_text(item, asked[item.link_id]))
        for item in form.walk()
        if item.link_id in asked and not item.hidden
    ]


def answer_text(item: Item, values: list[Value]) -> str:
    """The answers to one question in Swedish, with the unit: `Yrsel, Feber` or `22 /min`."""
    text = ", ".join(_one(item, value) for value in values)
    return f"{text} {item.unit}" if item.unit and item.type in ("integer", "decimal") else text


def _one(item: Item, value: Value) -> str:
    option = item.option(value.code) if isinstance(value, Coding) else None
    return option.display if option else in_swedish(value, item.type)

"""What a form starts with, and which of its answers call for help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from care.forms.enable import asked_answers
from care.forms.questionnaire import Option, Questionnaire
from care.forms.reckon import begun
from care.forms.unfold import unfold
from care.forms.values import Answers, Value, same_value


def starting_answers(
    questionnaire: Questionnaire,
    known: Mapping[str, list[Value]] | None = None,
    now: datetime | None = None,
) -> Answers:
    """The answers before anybody has answered: the form's initial ones, and those that the record knows.

    `known` holds what the record knows by its prefill name, as {"person.bloodThinner": [Coding("yes")]};
    it outranks the form's own initial answer. `now` is what an initialExpression means with today() and
    now(); without it, one that asks the hour gives nothing.
    """
    known = known or {}
    form = unfold(questionnaire, {})
    start = {
        item.link_id: [item.completed(value) for value in given]
        for item in form.walk()
        if (given := list(known.get(item.prefill) or item.initial))
    }
    return begun(form, start, now)


def danger_answers(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The linkIds of the questions, in form order, whose answer calls for the nurse now."""
    return _answered_with(questionnaire, answers, lambda option: option.danger or option.emergency)


def emergency_answers(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The linkIds of the questions, in form order, whose answer calls for 112."""
    return _answered_with(questionnaire, answers, lambda option: option.emergency)


def _answered_with(
    questionnaire: Questionnaire, answers: Answers, marked: Callable[[Option], bool]
) -> list[str]:
    form = unfold(questionnaire, answers)
    given = asked_answers(form, answers)
    return [
        item.link_id
        for item in form.walk()
        if any(
            same_value(option.value, value)
            for option in item.options
            if marked(option)
            for value in given.get(item.link_id, [])
        )
    ]

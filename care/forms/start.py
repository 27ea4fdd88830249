"""What a form starts with, and which of its answers call for the nurse."""

from __future__ import annotations

from collections.abc import Mapping

from care.forms.enable import asked_answers
from care.forms.questionnaire import Questionnaire
from care.forms.values import Answers, Value, same_value


def starting_answers(questionnaire: Questionnaire, known: Mapping[str, list[Value]] | None = None) -> Answers:
    """The answers before anybody has answered: the form's initial ones, and those that the record knows.

    `known` holds what the record knows by its prefill name, as {"person.bloodThinner": [Coding("yes")]};
    it outranks the form's own initial answer.
    """
    known = known or {}
    return {
        item.link_id: [item.completed(value) for value in start]
        for item in questionnaire.walk()
        if (start := list(known.get(item.prefill) or item.initial))
    }


def danger_answers(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    """The linkIds of the questions, in form order, that are answered with an option marked as danger."""
    given = asked_answers(questionnaire, answers)
    return [
        item.link_id
        for item in questionnaire.walk()
        if any(
            same_value(option.value, value)
            for option in item.options
            for value in given.get(item.link_id, [])
            if option.danger
        )
    ]

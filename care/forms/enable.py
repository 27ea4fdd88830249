"""Which items of a form are asked, given the answers so far, and which answers count.

Conditions are read as `care/forms/conditions.py` says, expressions as `care/forms/reckon.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from care.forms.questionnaire import Questionnaire
from care.forms.reckon import reckoned
from care.forms.unfold import unfold
from care.forms.values import Answers, Value


def enabled(questionnaire: Questionnaire, answers: Answers) -> frozenset[str]:
    """The linkIds of all items that are asked. Each occurrence has a linkId (`care/forms/unfold.py`)."""
    return reckoned(unfold(questionnaire, answers), answers).asked


def asked_answers(questionnaire: Questionnaire, answers: Mapping[str, list[Value]]) -> Answers:
    """The given answers to enabled questions, in form order; the rest is dropped. What the form calculates is
    an answer like any other.

    A coding given by its code alone becomes the option that it names.
    """
    return reckoned(unfold(questionnaire, answers), answers).answers

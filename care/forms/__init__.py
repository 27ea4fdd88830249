"""Forms as FHIR R4 Questionnaires: load, check, fill in, validate, summarise.

The supported subset and our own extensions are listed in `care/forms/vocabulary.py`.

>>> from care.forms import load, to_response
>>> form = load(b'''{"resourceType": "Questionnaire", "status": "active",
...     "item": [{"linkId": "ill", "text": "Sjuk?", "type": "boolean"}]}''')
>>> to_response(form, {"ill": [True]}, "2026-03-14T06:40:00+01:00")["item"][0]["answer"]
[{'valueBoolean': True}]
"""

from care.forms.changed import Changed, changed
from care.forms.check import check
from care.forms.enable import asked_answers, enabled
from care.forms.errors import Fault, FaultyFormError, FaultyResponseError, FormError
from care.forms.load import load
from care.forms.occurrences import path_in, untouched, with_values, without_occurrence
from care.forms.questionnaire import EnableWhen, Item, Option, Page, Questionnaire, Text
from care.forms.reckon import Broken, Reckoned, reckoned
from care.forms.reckon import forget as forget_reckoned
from care.forms.response import from_response, to_response
from care.forms.start import danger_answers, emergency_answers, starting_answers
from care.forms.summary import Line, answer_text, summary
from care.forms.unfold import named, path_of, plain, unfold
from care.forms.validate import unreckoned, validate, warnings
from care.forms.validate_answer import faults_of
from care.forms.values import Answers, Coding, Quantity, Value

__all__ = [
    "Answers",
    "Broken",
    "Changed",
    "Coding",
    "EnableWhen",
    "Fault",
    "FaultyFormError",
    "FaultyResponseError",
    "FormError",
    "Item",
    "Line",
    "Option",
    "Page",
    "Quantity",
    "Questionnaire",
    "Reckoned",
    "Text",
    "Value",
    "answer_text",
    "asked_answers",
    "changed",
    "check",
    "danger_answers",
    "emergency_answers",
    "enabled",
    "faults_of",
    "forget_reckoned",
    "from_response",
    "load",
    "named",
    "path_in",
    "path_of",
    "plain",
    "reckoned",
    "starting_answers",
    "summary",
    "to_response",
    "unfold",
    "unreckoned",
    "untouched",
    "validate",
    "warnings",
    "with_values",
    "without_occurrence",
]

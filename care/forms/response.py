"""Answers to and from a FHIR R4 QuestionnaireResponse: the form in which answers travel and are kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct

from care.forms.enable import asked_answers
from care.forms.errors import Fault, FaultyResponseError
from care.forms.questionnaire import Item, Questionnaire
from care.forms.source import Json
from care.forms.unfold import Path, named, unfold
from care.forms.values import Answers, read_value
from care.forms.written import written


def to_response(
    questionnaire: Questionnaire, answers: Answers, authored: str, status: str = "completed"
) -> Json:
    """The answers as a QuestionnaireResponse in plain JSON types.

    Answers to items that are not enabled are dropped. `authored` is an ISO 8601 moment with offset.
    A coding given by its code alone gets the option's system and display. Drafts use status "in-progress".
    """
    form = unfold(questionnaire, answers)
    asked = asked_answers(form, answers)
    response: Json = {"resourceType": "QuestionnaireResponse"}
    if form.url:
        response["questionnaire"] = form.canonical
    response |= {"status": status, "authored": authored}
    items = written(form, asked)
    return response | ({"item": items} if items else {})


def from_response(questionnaire: Questionnaire, response: Json) -> Answers:
    """The answers by linkId, in form order.

    Answers that the form does not ask for raise FaultyResponseError; whether the answers satisfy the form is
    `validate`'s to say, so that a draft or an old answer can always be read.
    """
    reading = _Reading({item.link_id: item for item in questionnaire.walk()}, {}, [])
    if response.get("resourceType") != "QuestionnaireResponse":
        reading.faults.append(Fault("", "resourceType must be QuestionnaireResponse", ""))
    reading.items(response, "", ())
    if reading.faults:
        raise FaultyResponseError(reading.faults)
    found = reading.found
    form = unfold(questionnaire, found)
    return {item.link_id: found[item.link_id] for item in form.walk() if item.link_id in found}


class _Reading(Struct, frozen=True):
    """Answers being gathered from a response, each under the linkId of its occurrence."""

    known: dict[str, Item]
    found: Answers
    faults: list[Fault]

    def items(self, holder: Json, place: str, path: Path) -> None:
        times: Counter[str] = Counter()
        for number, raw in enumerate(_objects(holder.get("item"))):
            here = f"{place}.item[{number}]" if place else f"item[{number}]"
            link_id = str(raw.get("linkId", ""))
            item = self.known.get(link_id)
            if item is None:
                self.faults.append(Fault(link_id, "the form has no such item", here))
                continue
            times[link_id] += 1
            self._answers(item, raw, here, path)
            self.items(raw, here, (*path, times[link_id]) if item.is_repeated_group() else path)

    def _answers(self, item: Item, raw: Json, place: str, path: Path) -> None:
        for number, answer in enumerate(_objects(raw.get("answer"))):
            here = f"{place}.answer[{number}]"
            names = [name for name in answer if name.startswith("value")]
            try:
                value = read_value(names[0].removeprefix("value"), answer[names[0]])
            except (IndexError, KeyError, TypeError, ArithmeticError, AssertionError):
                self.faults.append(Fault(item.link_id, "the answer cannot be read", here))
                continue
            self.found.setdefault(named(item.link_id, path), []).append(value)
            self.items(answer, here, (*path, number + 1) if item.folds() else path)


def _objects(raw: Any) -> list[Json]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []

"""Answers to and from a FHIR R4 QuestionnaireResponse: the form in which answers travel and are kept."""

from __future__ import annotations

from typing import Any

from care.forms.enable import asked_answers
from care.forms.errors import Fault, FaultyResponseError
from care.forms.questionnaire import Item, Questionnaire
from care.forms.source import Json
from care.forms.values import KIND_OF_TYPE, Answers, Coding, Quantity, Value, read_value, write_value


def to_response(
    questionnaire: Questionnaire, answers: Answers, authored: str, status: str = "completed"
) -> Json:
    """The answers as a QuestionnaireResponse in plain JSON types.

    Answers to items that are not enabled are dropped. `authored` is an ISO 8601 moment with offset.
    A coding given by its code alone gets the option's system and display. Drafts use status "in-progress".
    """
    asked = asked_answers(questionnaire, answers)
    response: Json = {"resourceType": "QuestionnaireResponse"}
    if questionnaire.url:
        response["questionnaire"] = questionnaire.canonical
    response |= {"status": status, "authored": authored}
    items = [written for item in questionnaire.items if (written := _write(item, asked))]
    return response | ({"item": items} if items else {})


def from_response(questionnaire: Questionnaire, response: Json) -> Answers:
    """The answers by linkId, in form order.

    Answers that the form does not ask for raise FaultyResponseError; whether the answers satisfy the form is
    `validate`'s to say, so that a draft or an old answer can always be read.
    """
    found: Answers = {}
    faults: list[Fault] = []
    known = {item.link_id: item for item in questionnaire.walk()}
    if response.get("resourceType") != "QuestionnaireResponse":
        faults.append(Fault("", "resourceType must be QuestionnaireResponse", ""))
    _read(response, "", known, found, faults)
    if faults:
        raise FaultyResponseError(faults)
    return {link_id: found[link_id] for link_id in known if link_id in found}


def kind_of(item: Item, value: Value) -> str:
    """The value[x] in which this value answers this item."""
    if isinstance(value, Coding):
        return "Coding"
    if isinstance(value, Quantity):
        return "Quantity"
    if item.type in KIND_OF_TYPE:
        return KIND_OF_TYPE[item.type]
    if isinstance(value, int):
        return "Integer"
    return _kind_of_option(value) if any(option.value == value for option in item.options) else "String"


def _kind_of_option(value: Value) -> str:
    text = str(value)
    if len(text) >= 8 and text[2] == ":" == text[5]:
        return "Time"
    return "Date" if len(text) == 10 and text[4] == "-" == text[7] else "String"


def _write(item: Item, asked: Answers) -> Json:
    """The response item, empty when nothing in it was answered."""
    if item.type == "group":
        inside = [written for child in item.children if (written := _write(child, asked))]
        return {"linkId": item.link_id, "text": item.text, "item": inside} if inside else {}
    given = asked.get(item.link_id, [])
    if not given:
        return {}
    answers = [_write_answer(item, value) for value in given]
    return {"linkId": item.link_id, "text": item.text, "answer": answers}


def _write_answer(item: Item, value: Value) -> Json:
    kind = kind_of(item, value)
    return {f"value{kind}": write_value(kind, value)}


def _read(holder: Json, path: str, known: dict[str, Item], found: Answers, faults: list[Fault]) -> None:
    for number, raw in enumerate(_objects(holder.get("item"))):
        here = f"{path}.item[{number}]" if path else f"item[{number}]"
        link_id = str(raw.get("linkId", ""))
        if link_id not in known:
            faults.append(Fault(link_id, "the form has no such item", here))
            continue
        for place, answer in enumerate(_objects(raw.get("answer"))):
            _read_answer(known[link_id], answer, f"{here}.answer[{place}]", found, faults)
        _read(raw, here, known, found, faults)


def _read_answer(item: Item, answer: Json, path: str, found: Answers, faults: list[Fault]) -> None:
    names = [name for name in answer if name.startswith("value")]
    try:
        value = read_value(names[0].removeprefix("value"), answer[names[0]])
    except (IndexError, KeyError, TypeError, ArithmeticError, AssertionError):
        faults.append(Fault(item.link_id, "the answer cannot be read", path))
        return
    found.setdefault(item.link_id, []).append(value)


def _objects(raw: Any) -> list[Json]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []

"""Does a QuestionnaireResponse satisfy its form? FHIR R4's rules, every fault named."""

from __future__ import annotations

from typing import Any

from care.forms import primitives
from care.forms.enable import enabled
from care.forms.errors import Fault, Place
from care.forms.questionnaire import Item, Questionnaire
from care.forms.source import Json
from care.forms.validate_answer import allowed_kinds, check_answer, check_answers_together
from care.forms.values import Answers, read_value

_STATUSES = ("in-progress", "completed", "amended", "entered-in-error", "stopped")
# What is required must be there once the form is handed in; a draft may lack it.
_HANDED_IN = ("completed", "amended")
_PROPERTIES = frozenset(
    {
        "resourceType", "id", "meta", "implicitRules", "language", "text", "identifier", "basedOn", "partOf",
        "questionnaire", "status", "subject", "encounter", "authored", "author", "source", "item",
    }
)  # fmt: skip
_ITEM_PROPERTIES = frozenset({"id", "linkId", "definition", "text", "answer", "item"})


def validate(questionnaire: Questionnaire, response: Json) -> list[Fault]:
    """Every fault of the response, in its order, then what is missing; empty when it satisfies the form."""
    top = Place([])
    _check_top(questionnaire, response, top)
    answers: Answers = {}
    places: dict[str, Place] = {}
    known = {item.link_id for item in questionnaire.walk()}
    _check_items(questionnaire.items, response, top, known, answers, places)
    asked = enabled(questionnaire, answers)
    for link_id, place in places.items():
        if link_id not in asked:
            place.fault("answered, although its conditions are not met")
    if response.get("status") in _HANDED_IN:
        for item in questionnaire.items:
            _check_required(item, asked, answers, top)
    return top.faults


def _check_top(questionnaire: Questionnaire, response: Json, top: Place) -> None:
    if response.get("resourceType") != "QuestionnaireResponse":
        top.fault(f"resourceType must be QuestionnaireResponse, not {response.get('resourceType')!r}")
    if response.get("status") not in _STATUSES:
        top.at("status").fault(
            f"status must be one of {', '.join(_STATUSES)}, not {response.get('status')!r}"
        )
    named = response.get("questionnaire")
    if questionnaire.url and named not in (questionnaire.canonical, questionnaire.url):
        top.at("questionnaire").fault(f"answers {named!r}, not {questionnaire.canonical!r}")
    if "authored" in response and not primitives.is_date_time(response["authored"]):
        top.at("authored").fault(f"authored must be a moment with its offset, not {response['authored']!r}")
    for name in sorted(response.keys() - _PROPERTIES):
        top.at(name).fault(f"unknown or unsupported property of a response: {name}")


def _check_items(
    asked_here: tuple[Item, ...],
    holder: Json,
    place: Place,
    known: set[str],
    answers: Answers,
    places: dict[str, Place],
) -> None:
    """The items of one group: each belongs here, once, in the order of the form."""
    if "item" not in holder:
        return
    if not isinstance(holder["item"], list) or not holder["item"]:
        place.at("item").fault("item must be a list with at least one item")
        return
    order = {item.link_id: number for number, item in enumerate(asked_here)}
    items = {item.link_id: item for item in asked_here}
    last = -1
    for number, raw in enumerate(holder["item"]):
        here = place.at("item").at(number)
        link_id = raw.get("linkId") if isinstance(raw, dict) else None
        if not isinstance(link_id, str):
            here.fault("an item of a response needs a linkId")
            continue
        here = here.named(link_id)
        if link_id not in items:
            here.fault(
                "stands in another group of the form" if link_id in known else "the form has no such item"
            )
        elif link_id in places:
            here.fault("stands twice in the response")
        else:
            if order[link_id] < last:
                here.fault("stands in another order than in the form")
            last = max(last, order[link_id])
            places[link_id] = here
            _check_one(items[link_id], raw, here, known, answers, places)


def _check_one(
    item: Item, raw: Json, place: Place, known: set[str], answers: Answers, places: dict[str, Place]
) -> None:
    for name in sorted(raw.keys() - _ITEM_PROPERTIES):
        place.at(name).fault(f"unknown or unsupported property of an item: {name}")
    if item.type == "group":
        if "answer" in raw:
            place.fault("a group cannot be answered")
        _check_items(item.children, raw, place, known, answers, places)
        return
    if "item" in raw:
        place.fault("a question cannot hold items beside its answer")
    if item.type == "display":
        if "answer" in raw:
            place.fault("a text to read cannot be answered")
        return
    if "answer" in raw:
        _check_given(item, raw["answer"], place, answers)


def _check_given(item: Item, given: Any, place: Place, answers: Answers) -> None:
    if not isinstance(given, list) or not given:
        place.at("answer").fault("answer must be a list with at least one answer")
        return
    if len(given) > 1 and not item.repeats:
        place.fault("more than one answer to a question that takes one")
    values = []
    for number, answer in enumerate(given):
        here = place.at("answer").at(number)
        if not isinstance(answer, dict) or len(answer) != 1:
            here.fault("an answer needs exactly one value")
            continue
        ((name, raw),) = answer.items()
        kind = name.removeprefix("value")
        if kind not in allowed_kinds(item) or not name.startswith("value"):
            here.fault(f"{name} does not answer an item of type {item.type}")
        elif check_answer(item, kind, raw, here):
            values.append(read_value(kind, raw))
    check_answers_together(item, values, place)
    answers[item.link_id] = values


def _check_required(item: Item, asked: frozenset[str], answers: Answers, top: Place) -> None:
    if item.link_id not in asked:
        return
    if item.required and not any(inner.link_id in answers for inner in item.walk()):
        top.named(item.link_id).fault("required, but not answered")
    for child in item.children:
        _check_required(child, asked, answers, top)

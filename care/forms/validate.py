"""Does a QuestionnaireResponse satisfy its form? FHIR R4's rules, every fault named.

Where R4 leaves room, the reading here is:
- what is required is missed only in a response that is handed in (completed or amended), and only where it
  is enabled: in a group that repeats, each time that it is given; beneath a question, under each answer;
- a required group is missed when nothing in it is answered and something in it could be;
- an answer to what is not enabled is a fault in what is handed in, and is passed over in a draft, where the
  question may come back;
- a constraint is looked at in what is handed in, where something is answered; one of severity warning is no
  fault;
- `questionnaire` may be left out; one that is given must name this form, and its version if it has any.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from msgspec import Struct

from care.forms import primitives
from care.forms.errors import Fault, Place
from care.forms.questionnaire import Item, Questionnaire
from care.forms.reckon import reckoned
from care.forms.source import Json
from care.forms.unfold import Path, named, plain, unfold
from care.forms.validate_answer import allowed_kinds, check_answer, check_answers_together
from care.forms.values import Answers, Value, read_value

_STATUSES = ("in-progress", "completed", "amended", "entered-in-error", "stopped")
# What is required must be there once the form is handed in; a draft may lack it.
_HANDED_IN = ("completed", "amended")
_PROPERTIES = frozenset(
    {
        "resourceType", "id", "meta", "implicitRules", "language", "text", "identifier", "basedOn", "partOf",
        "questionnaire", "status", "subject", "encounter", "authored", "author", "source", "item",
        "contained", "extension",
    }
)  # fmt: skip
_ITEM_PROPERTIES = frozenset({"id", "linkId", "definition", "text", "answer", "item", "extension"})
_ANSWER_PROPERTIES = frozenset({"id", "item", "extension"})


def validate(questionnaire: Questionnaire, response: Json) -> list[Fault]:
    """Every fault of the response, in its order, then what is missing; empty when it satisfies the form."""
    return _looked_at(questionnaire, response).faults


def warnings(questionnaire: Questionnaire, response: Json) -> list[Fault]:
    """The constraints of severity warning that do not hold in what is handed in. They are no faults."""
    return _looked_at(questionnaire, response).warned


def unreckoned(questionnaire: Questionnaire, response: Json) -> list[Fault]:
    """The expressions that gave nothing for these answers: a fault of the form, which keeps nobody from
    handing in what they answered.
    """
    return _looked_at(questionnaire, response).unreckoned


class _Found(Struct, frozen=True):
    faults: list[Fault]
    warned: list[Fault]
    unreckoned: list[Fault]


def _looked_at(questionnaire: Questionnaire, response: Json) -> _Found:
    top = Place([])
    _check_top(questionnaire, response, top)
    reading = _Reading({item.link_id for item in questionnaire.walk()}, {}, {}, {}, Counter())
    reading.items(questionnaire.items, response, top, ())
    form = unfold(questionnaire, reading.answers, reading.times)
    found = reckoned(form, reading.answers)
    asked = found.asked
    warned, unreckoned = Place([]), Place([])
    if response.get("status") in _HANDED_IN:
        for link_id, place in reading.given.items():
            if link_id not in asked:
                place.fault("answered, although its conditions are not met")
        _Needed(reading, asked, top).check(form.items)
        for one in found.broken:
            said = top.faults if one.severity == "error" else warned.faults
            said.append(Fault(plain(one.link_id), one.human, reading.places.get(one.link_id, top).path))
        for link_id, why in found.failed.items():
            path = reading.places.get(link_id, top).path
            unreckoned.faults.append(Fault(plain(link_id), f"an expression gave nothing: {why}", path))
    return _Found(top.faults, warned.faults, unreckoned.faults)


def _check_top(questionnaire: Questionnaire, response: Json, top: Place) -> None:
    if response.get("resourceType") != "QuestionnaireResponse":
        top.fault(f"resourceType must be QuestionnaireResponse, not {response.get('resourceType')!r}")
    if response.get("status") not in _STATUSES:
        top.at("status").fault(
            f"status must be one of {', '.join(_STATUSES)}, not {response.get('status')!r}"
        )
    answered = response.get("questionnaire")
    names = (questionnaire.canonical, questionnaire.url)
    if "questionnaire" in response and questionnaire.url and answered not in names:
        top.at("questionnaire").fault(f"answers {answered!r}, not {questionnaire.canonical!r}")
    if "authored" in response and not primitives.is_date_time(response["authored"]):
        top.at("authored").fault(f"authored must be a moment with its offset, not {response['authored']!r}")
    for name in _unknown(response, _PROPERTIES):
        top.at(name).fault(f"unknown or unsupported property of a response: {name}")


class _Reading(Struct, frozen=True):
    """What has been found in a response so far.

    known: the linkIds of the form. answers: by the linkId of each occurrence. places: where each occurrence
    stands; given: those of them that are answered. times: how often an item is given, by the linkId of its
    first occurrence there.
    """

    known: set[str]
    answers: Answers
    places: dict[str, Place]
    given: dict[str, Place]
    times: Counter[str]

    def items(self, expected: tuple[Item, ...], holder: Json, place: Place, path: Path) -> None:
        """What stands in one group or beneath one answer: each belongs here, in the order of the form."""
        if "item" not in holder:
            return
        if not isinstance(holder["item"], list) or not holder["item"]:
            place.at("item").fault("item must be a list with at least one item")
            return
        order = {item.link_id: number for number, item in enumerate(expected)}
        last = -1
        for number, raw in enumerate(holder["item"]):
            here = place.at("item").at(number)
            link_id = raw.get("linkId") if isinstance(raw, dict) else None
            if not isinstance(link_id, str):
                here.fault("an item of a response needs a linkId")
                continue
            here = here.named(link_id)
            if link_id not in order:
                known = link_id in self.known
                here.fault("stands in another group of the form" if known else "the form has no such item")
                continue
            if not expected[order[link_id]].is_repeated_group() and named(link_id, path) in self.places:
                here.fault("stands twice in the response")
                continue
            if order[link_id] < last:
                here.fault("stands in another order than in the form")
            last = max(last, order[link_id])
            self._one(expected[order[link_id]], raw, here, path)

    def _one(self, item: Item, raw: Json, place: Place, path: Path) -> None:
        first = named(item.link_id, path)
        self.times[first] += 1
        inner = (*path, self.times[first]) if item.is_repeated_group() else path
        here = named(item.link_id, inner)
        _check_most(item, self.times[first], place)
        self.places[here] = place
        for name in _unknown(raw, _ITEM_PROPERTIES):
            place.at(name).fault(f"unknown or unsupported property of an item: {name}")
        if "text" in raw and not primitives.is_string(raw["text"]):
            place.at("text").fault(f"text must be text, not {raw['text']!r}")
        if item.type == "group":
            if "answer" in raw:
                place.fault("a group cannot be answered")
            self.items(item.children, raw, place, inner)
            return
        if "item" in raw:
            place.fault("a question cannot hold items beside its answer, only beneath it")
        if item.type == "display":
            if "answer" in raw:
                place.fault("a text to read cannot be answered")
        elif "answer" in raw:
            self.given[here] = place
            self._answers(item, raw["answer"], place, path)

    def _answers(self, item: Item, given: Any, place: Place, path: Path) -> None:
        values = self.answers.setdefault(named(item.link_id, path), [])
        if not isinstance(given, list) or not given:
            place.at("answer").fault("answer must be a list with at least one answer")
            return
        if len(given) > 1 and not item.repeats:
            place.fault("more than one answer to a question that takes one")
        _check_most(item, len(given), place)
        for number, answer in enumerate(given):
            here = place.at("answer").at(number)
            value = _value(item, answer, here)
            if value is not None:
                values.append(value)
            if isinstance(answer, dict) and "item" in answer:
                beneath = (*path, number + 1) if item.folds() else path
                self.items(item.children, answer, here.named(item.link_id), beneath)
        check_answers_together(item, values, place)


def _unknown(holder: Json, known: frozenset[str]) -> list[str]:
    """What FHIR does not know; `_name` holds what is said about `name`."""
    return sorted(name for name in holder if name.removeprefix("_") not in known)


def _check_most(item: Item, times: int, place: Place) -> None:
    if item.repeats and item.max_occurs is not None and times > item.max_occurs:
        place.fault(f"given {times} times, and at most {item.max_occurs} are asked for")


def _value(item: Item, answer: Any, place: Place) -> Value | None:
    """The value of one answer; None when there is none that can be read."""
    said = answer if isinstance(answer, dict) else {}
    names = [name for name in said if name not in _ANSWER_PROPERTIES and not name.startswith("_")]
    if len(names) != 1:
        place.fault("an answer needs exactly one value")
        return None
    name, raw = names[0], answer[names[0]]
    kind = name.removeprefix("value")
    if kind not in allowed_kinds(item) or not name.startswith("value"):
        place.fault(f"{name} does not answer an item of type {item.type}")
        return None
    return read_value(kind, raw) if check_answer(item, kind, raw, place) else None


class _Needed(Struct, frozen=True):
    """What must be there in what is handed in."""

    reading: _Reading
    asked: frozenset[str]
    top: Place

    def check(self, items: tuple[Item, ...]) -> None:
        """The items of one group or answer; an item that is there several times is looked at as one."""
        for _, several in groupby(items, lambda item: (plain(item.link_id), item.of_answer)):
            occurrences = [item for item in several if item.link_id in self.asked]
            if occurrences:
                self._check(occurrences)

    def _check(self, occurrences: list[Item]) -> None:
        item = occurrences[0]
        place = self.reading.places.get(item.link_id, self.top).named(plain(item.link_id))
        times = self._times(item)
        could_be = any(self._questions(one) for one in occurrences)
        if item.required and could_be and not any(self._answered(one) for one in occurrences):
            place.fault("required, but not answered")
        elif times < item.min_occurs and could_be:
            place.fault(f"given {times} times, and at least {item.min_occurs} are asked for")
        there = occurrences if item.required or not item.is_repeated_group() else occurrences[:times]
        for one in there:
            self.check(one.children)

    def _times(self, item: Item) -> int:
        if item.type == "group":
            return self.reading.times[item.link_id]
        return len(self.reading.answers.get(item.link_id, []))

    def _questions(self, item: Item) -> list[str]:
        """The questions that could be answered, of which a required item needs one."""
        if item.is_question():
            return [item.link_id]
        return [one.link_id for one in item.walk() if one.is_question() and one.link_id in self.asked]

    def _answered(self, item: Item) -> bool:
        return any(link_id in self.reading.answers for link_id in self._questions(item))

"""What the expressions of a form say of the answers: what is asked, what is calculated, what does not hold.

An expression that cannot be reckoned takes nothing away: its question is asked, what was answered before
stays, and its constraint keeps nobody from handing in. `failed` says which it was, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from care.forms.calculated import answers_from
from care.forms.conditions import answers_to, asked_by_conditions
from care.forms.errors import NotReckoned
from care.forms.fhirpath import evaluate
from care.forms.questionnaire import Item, Questionnaire
from care.forms.source import Json
from care.forms.unfold import plain
from care.forms.values import Answers, Value
from care.forms.written import written

ROUNDS = 8
"""How often all is reckoned again while it changes what it is reckoned from."""


class Broken(Struct, frozen=True):
    """A constraint that does not hold: where, how grave ("error" or "warning"), and what is said of it."""

    link_id: str
    severity: str
    human: str


class Reckoned(Struct, frozen=True):
    """answers: to what is asked, in form order, with what is calculated. failed: why, by linkId."""

    answers: Answers
    asked: frozenset[str]
    broken: tuple[Broken, ...] = ()
    failed: dict[str, str] = {}


def reckoned(form: Questionnaire, answers: Mapping[str, list[Value]]) -> Reckoned:
    """Everything that follows from the answers to an unfolded form."""
    if not form.reckons:
        asked = asked_by_conditions(form, dict(answers))
        return Reckoned(answers_to(form, answers, asked), asked)
    for held in _held:
        if held.form is form and held.given == answers:
            return held.found
    found = _reckoned(form, dict(answers))
    _held.insert(0, _Held(form, {link_id: list(values) for link_id, values in answers.items()}, found))
    del _held[_HELD:]
    return found


def forget() -> None:
    """Nothing of anybody's answers stays here: the phone is locked."""
    _held.clear()


def response_of(form: Questionnaire, given: Answers) -> tuple[Json, dict[str, Json]]:
    """The response that an expression is reckoned over, and where in it each item stands."""
    places: dict[str, Json] = {}
    items = written(form, given, places)
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items}, places


class _Held(Struct, frozen=True):
    """What has just been reckoned: a page is drawn with the same answers many times."""

    form: Questionnaire
    given: Answers
    found: Reckoned


_HELD = 4
_held: list[_Held] = []


class _State(Struct):
    """One round: what is switched on, what is calculated, and what could not be."""

    switched: dict[str, bool]
    calculated: Answers
    failed: dict[str, str]


def _reckoned(form: Questionnaire, answers: Answers) -> Reckoned:
    items = [item for item in form.walk() if item.reckons()]
    # Nothing is on until its expression has said so: what is not asked has no answer to be reckoned from.
    state = _State({item.link_id: False for item in items if item.enable_expression}, {}, {})
    for _ in range(ROUNDS):
        following = _round(form, items, answers, state)
        settled = (following.switched, following.calculated) == (state.switched, state.calculated)
        unsettled = {
            item.link_id: "it changes what it is reckoned from, without end"
            for item in items
            if following.switched.get(item.link_id) != state.switched.get(item.link_id)
            or following.calculated.get(item.link_id) != state.calculated.get(item.link_id)
        }
        state = following
        if settled:
            break
    for link_id, why in unsettled.items():
        state.failed[link_id] = why
        if link_id in state.switched:
            state.switched[link_id] = True
        if link_id in state.calculated:
            state.calculated[link_id] = answers.get(link_id, [])
    asked, given = _given(form, answers, state)
    return Reckoned(given, asked, _broken(form, items, given, asked, state.failed), state.failed)


def _given(form: Questionnaire, answers: Answers, state: _State) -> tuple[frozenset[str], Answers]:
    whole = answers | state.calculated
    asked = asked_by_conditions(form, whole, state.switched)
    return asked, answers_to(form, whole, asked)


def _round(form: Questionnaire, items: list[Item], answers: Answers, state: _State) -> _State:
    _, given = _given(form, answers, state)
    response, places = response_of(form, given)
    found = _State({}, {}, {})
    for item in items:
        focus = places.get(item.link_id, {"linkId": plain(item.link_id)})
        if item.enable_expression:
            try:
                found.switched[item.link_id] = evaluate(item.enable_expression, focus, response) == [True]
            except NotReckoned as error:
                found.switched[item.link_id] = True
                found.failed[item.link_id] = str(error)
        if item.calculated:
            try:
                values = answers_from(item, evaluate(item.calculated, focus, response))
            except NotReckoned as error:
                values = answers.get(item.link_id, [])
                found.failed[item.link_id] = str(error)
            found.calculated[item.link_id] = values
    return found


def _broken(
    form: Questionnaire, items: list[Item], given: Answers, asked: frozenset[str], failed: dict[str, str]
) -> tuple[Broken, ...]:
    """The constraints that do not hold, in form order. One on what has no answer is not looked at."""
    response, places = response_of(form, given)
    found = []
    for item in items:
        if item.link_id not in asked or item.link_id not in places:
            continue
        for one in item.constraints:
            try:
                if evaluate(one.expression, places[item.link_id], response) == [False]:
                    found.append(Broken(item.link_id, one.severity, one.human))
            except NotReckoned as error:
                failed[item.link_id] = str(error)
    return tuple(found)


def begun(form: Questionnaire, start: Answers, now: datetime | None) -> Answers:
    """The answers that a form starts with, and what its expressions add, each from those before it."""
    found = dict(start)
    for item in form.walk():
        if item.initial_expression and item.link_id not in found:
            response, places = response_of(form, reckoned(form, found).answers)
            focus = places.get(item.link_id, {"linkId": plain(item.link_id)})
            try:
                values = answers_from(item, evaluate(item.initial_expression, focus, response, now))
            except NotReckoned:
                continue
            if values:
                found[item.link_id] = values
    return found

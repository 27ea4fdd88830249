"""Is this a form that the app can show, whole? Every fault is named; nothing is silently dropped."""

from __future__ import annotations

from typing import Any

from care.forms import primitives
from care.forms.check_conditions import check_conditions
from care.forms.check_expressions import check_item_expressions
from care.forms.check_extensions import (
    check_item_extensions,
    check_no_extension,
    check_translation,
    extension_value,
)
from care.forms.check_item import check_item
from care.forms.check_options import check_initial, check_options
from care.forms.errors import Fault, FaultyFormError, Place
from care.forms.source import Json, Node, parse, walk
from care.forms.value_sets import options_of_set, with_options
from care.forms.vocabulary import FORM_PROPERTIES, FORM_UNSUPPORTED, MISSING_OF, QUESTIONS, STATUSES


def check(data: bytes | Json) -> list[Fault]:
    """Every fault of a FHIR R4 Questionnaire, in the order of the form; empty when it can be loaded."""
    try:
        form = parse(data)
    except FaultyFormError as rejected:
        return rejected.faults
    top = Place([])
    _check_form(form, top)
    nodes = list(walk(with_options(form), top))
    for node in nodes:
        check_item(node)
        check_item_extensions(node)
        check_options(node)
        check_initial(node)
    _check_link_ids(nodes)
    _check_missing_of(nodes)
    check_conditions(nodes)
    check_item_expressions(nodes)
    return top.faults


def _check_form(form: Json, top: Place) -> None:
    if form.get("resourceType") != "Questionnaire":
        top.fault(f"resourceType must be Questionnaire, not {form.get('resourceType')!r}")
    if "status" not in form:
        top.fault("status is missing")
    elif form["status"] not in STATUSES:
        top.at("status").fault(f"status must be one of {', '.join(STATUSES)}, not {form['status']!r}")
    if "item" not in form:
        top.fault("a form without items asks nothing")
    for name, test, what in _TOP_LEVEL:
        if name in form and not test(form[name]):
            top.at(name).fault(f"{name} must be {what}, not {form[name]!r}")
    for name in ("title", "description"):
        check_translation(form, name, top)
    if "extension" in form:
        check_no_extension(form["extension"], top, "a form")
    _check_contained(form, top)
    _check_properties(form, top)


def _check_contained(form: Json, top: Place) -> None:
    """Only ValueSets that list their codes: anything else would be a form that needs more than itself."""
    if "contained" not in form:
        return
    contained = form["contained"]
    if not isinstance(contained, list) or not contained:
        top.at("contained").fault("contained must be a list of ValueSets")
        return
    for number, one in enumerate(contained):
        if not options_of_set(one):
            kind = one.get("resourceType") if isinstance(one, dict) else one
            name = one.get("id") if isinstance(one, dict) else None
            here = top.at("contained").at(number)
            here.fault(f"contained {kind} {name} is not supported: only ValueSets that list their codes are")


def _check_properties(form: Json, top: Place) -> None:
    for name in sorted(form.keys() - FORM_PROPERTIES):
        if name in FORM_UNSUPPORTED:
            top.at(name).fault(f"{name} is not supported")
        else:
            top.at(name).fault(f"unknown property of a form: {name}")


def _check_link_ids(nodes: list[Node]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node.link_id and node.link_id in seen:
            node.place.fault(f"linkId {node.link_id} is used more than once")
        seen.add(node.link_id)


def _check_missing_of(nodes: list[Node]) -> None:
    """What explains the lack of a measurement must name one that the form has."""
    measured = {node.link_id for node in nodes if node.type in QUESTIONS}
    for node in nodes:
        named = extension_value(node.item, MISSING_OF)
        if isinstance(named, str) and (named not in measured or named == node.link_id):
            node.place.fault(f"missing-of names {named}, which is no other question of the form")


def _is_text(value: Any) -> bool:
    return primitives.is_string(value)


_TOP_LEVEL = [
    ("id", primitives.is_id, "an id of letters, digits, - and ."),
    ("url", primitives.is_uri, "an absolute address"),
    ("version", _is_text, "text"),
    ("name", _is_text, "text"),
    ("title", _is_text, "text"),
    ("description", _is_text, "text"),
    ("publisher", _is_text, "text"),
    ("purpose", _is_text, "text"),
    ("copyright", _is_text, "text"),
    ("language", primitives.is_language, "a language code as sv or sv-SE"),
    ("experimental", primitives.is_boolean, "true or false"),
    ("date", primitives.is_date_time, "a date"),
    ("approvalDate", primitives.is_date, "a date"),
    ("lastReviewDate", primitives.is_date, "a date"),
    ("meta", lambda value: isinstance(value, dict), "an object"),
    ("text", lambda value: isinstance(value, dict), "an object"),
    ("effectivePeriod", lambda value: isinstance(value, dict), "an object"),
    *(
        (name, lambda value: isinstance(value, list) and bool(value), "a list")
        for name in (
            "derivedFrom",
            "identifier",
            "subjectType",
            "contact",
            "useContext",
            "jurisdiction",
            "code",
        )
    ),
]

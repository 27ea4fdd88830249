"""answerValueSet: the ValueSets that a form contains, as the options that they list.

A ValueSet elsewhere would have to be fetched before a question could be asked, so it is not supported.
"""

from __future__ import annotations

from typing import Any

from care.forms.source import Json
from care.forms.vocabulary import TRANSLATION

_LISTED_BY = frozenset({"system", "version", "concept"})


def with_options(form: Json) -> Json:
    """The form with answerOption in place of every answerValueSet that names a contained list of codes.

    One that does not is left as it stands, for the check to name.
    """
    contained = form.get("contained")
    sets = contained if isinstance(contained, list) else []
    options = {f"#{one.get('id')}": found for one in sets if (found := options_of_set(one))}
    return {**form, "item": _listed(form["item"], options)} if options and "item" in form else form


def options_of_set(contained: Any) -> list[Json]:
    """The options that a contained ValueSet lists, by its expansion or else its concepts; empty when it lists
    none."""
    if not isinstance(contained, dict) or contained.get("resourceType") != "ValueSet":
        return []
    expansion = contained.get("expansion")
    if isinstance(expansion, dict):
        return [_option(one, one.get("system")) for one in _expanded(expansion)]
    compose = contained.get("compose")
    included = _objects(compose.get("include")) if isinstance(compose, dict) else []
    if not isinstance(compose, dict) or "exclude" in compose or not included:
        return []
    if any(one.keys() - _LISTED_BY or not _objects(one.get("concept")) for one in included):
        return []
    return [_option(concept, one.get("system")) for one in included for concept in _objects(one["concept"])]


def _expanded(holder: Json) -> list[Json]:
    """Every code that may be chosen, those beneath another after it."""
    found = []
    for one in _objects(holder.get("contains")):
        if not one.get("abstract") and "code" in one:
            found.append(one)
        found += _expanded(one)
    return found


def _option(concept: Json, system: Any) -> Json:
    coding: Json = {name: concept[name] for name in ("code", "display") if name in concept}
    if system is not None:
        coding["system"] = system
    translations = [
        {
            "url": TRANSLATION,
            "extension": [
                {"url": "lang", "valueCode": one.get("language")},
                {"url": "content", "valueString": one.get("value")},
            ],
        }
        for one in _objects(concept.get("designation"))
        if "language" in one and "use" not in one
    ]
    if translations and "display" in coding:
        coding["_display"] = {"extension": translations}
    return {"valueCoding": coding}


def _listed(items: Any, options: dict[str, list[Json]]) -> Any:
    return [_item(item, options) for item in items] if isinstance(items, list) else items


def _item(item: Any, options: dict[str, list[Json]]) -> Any:
    if not isinstance(item, dict):
        return item
    named = item.get("answerValueSet")
    if isinstance(named, str) and named in options and "answerOption" not in item:
        item = {name: value for name, value in item.items() if name != "answerValueSet"}
        item["answerOption"] = options[named]
    return {**item, "item": _listed(item["item"], options)} if "item" in item else item


def _objects(raw: Any) -> list[Json]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []

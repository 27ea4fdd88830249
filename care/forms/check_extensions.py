"""Extensions: each must be known, stand where it may, and carry the value that it takes."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from care.forms import primitives
from care.forms.check_expressions import check_constraint, check_expression
from care.forms.errors import Place
from care.forms.pattern import fault_of
from care.forms.source import Json, Node
from care.forms.values import check_value
from care.forms.vocabulary import (
    ASK_ABOVE,
    ASK_BELOW,
    CONSTRAINT,
    CONTROL_TYPES,
    CONTROLS,
    DECIMAL_PLACES,
    ITEM_CONTROL,
    ITEM_EXTENSIONS,
    LIMIT_KINDS,
    MAX_OCCURS,
    MAX_QUANTITY,
    MAX_VALUE,
    MIN_LENGTH,
    MIN_OCCURS,
    MIN_QUANTITY,
    MIN_VALUE,
    OPTION_EXTENSIONS,
    REGEX,
    TRANSLATION,
    TYPES,
    Extension,
)


def check_item_extensions(node: Node) -> None:
    """Add every fault of the extensions of an item, and what they say together."""
    found = _check_list(node.item, node.place, ITEM_EXTENSIONS, node.type)
    if ITEM_CONTROL in found:
        _check_control(node, found[ITEM_CONTROL])
    if found.get(DECIMAL_PLACES, 0) < 0:
        node.place.fault("maxDecimalPlaces must not be below 0")
    if REGEX in found and (wrong := fault_of(found[REGEX])):
        node.place.fault(wrong)
    _check_limits(node, found)
    _check_counts(node, found)


def check_option_extensions(option: Json, place: Place) -> None:
    _check_list(option, place, OPTION_EXTENSIONS, "choice")


def check_no_extension(extensions: Any, place: Place, holder: str) -> None:
    """Where no extension is supported, each is named."""
    for number, extension in enumerate(extensions if isinstance(extensions, list) else [extensions]):
        url = extension.get("url") if isinstance(extension, dict) else extension
        place.at("extension").at(number).fault(f"unsupported extension of {holder}: {url}")


def check_translation(holder: Json, name: str, place: Place) -> None:
    """The translations of a text property, which FHIR keeps beside it under its name with an underscore."""
    if f"_{name}" not in holder:
        return
    beside = holder[f"_{name}"]
    here = place.at(f"_{name}")
    if name not in holder:
        here.fault(f"a translation of {name}, which is missing")
        return
    if not isinstance(beside, dict) or not isinstance(beside.get("extension"), list):
        here.fault("must be an object with a list of extensions")
        return
    for unknown in sorted(beside.keys() - {"id", "extension"}):
        here.fault(f"unknown property beside {name}: {unknown}")
    languages = [
        _check_one_translation(extension, here.at("extension").at(number))
        for number, extension in enumerate(beside["extension"])
    ]
    for language in sorted({one for one in languages if one and languages.count(one) > 1}):
        here.fault(f"translated twice to {language}")


def is_help(item: Json) -> bool:
    """Whether this item is help for the question that it stands in."""
    return item.get("type") == "display" and control_of(item) == "help"


def control_of(item: Json) -> str:
    """The renderer's name for an item's control; "" when it has none or one that is not known."""
    return _control(extension_value(item, ITEM_CONTROL))


def extension_value(holder: Json, url: str) -> Any:
    """The value of the first extension with this url, checked or not; None without one."""
    extensions = holder.get("extension")
    for extension in extensions if isinstance(extensions, list) else []:
        if isinstance(extension, dict) and extension.get("url") == url:
            return _value_of(extension)
    return None


def _check_list(holder: Json, place: Place, known: dict[str, Extension], type_: str) -> dict[str, Any]:
    """Check each extension; answer those that are well-formed, by url."""
    found: dict[str, Any] = {}
    extensions = holder.get("extension", [])
    if not isinstance(extensions, list) or ("extension" in holder and not extensions):
        place.at("extension").fault("extension must be a list")
        return found
    for number, extension in enumerate(extensions):
        here = place.at("extension").at(number)
        if not isinstance(extension, dict) or not isinstance(extension.get("url"), str):
            here.fault("an extension needs a url")
            continue
        url = extension["url"]
        rule = known.get(url)
        if rule is None:
            here.fault(f"unsupported extension: {url}")
        elif type_ in TYPES and type_ not in rule.types:
            here.fault(f"extension {url} does not fit an item of type {type_}")
        elif url == CONSTRAINT:
            if check_constraint(extension, here):
                found.setdefault(url, []).append(extension)
        elif url in found and not rule.many:
            here.fault(f"extension {url} is given more than once")
        elif _check_extension_value(extension, rule.kinds or LIMIT_KINDS.get(type_, frozenset()), here):
            found[url] = _value_of(extension)
    return found


def _check_extension_value(extension: Json, kinds: frozenset[str], place: Place) -> bool:
    names = [name for name in extension if name not in ("url", "id")]
    wanted = " or ".join(f"value{kind}" for kind in sorted(kinds))
    if len(names) != 1 or names[0].removeprefix("value") not in kinds:
        place.fault(f"extension {extension['url']} needs exactly {wanted or 'one value'}")
        return False
    kind = names[0].removeprefix("value")
    if kind == "CodeableConcept":
        return True
    if kind == "Expression":
        return check_expression(extension[names[0]], place)
    if not check_value(kind, extension[names[0]], place):
        return False
    if kind == "Coding":
        check_translation(extension[names[0]], "display", place)
    return True


def _value_of(extension: Json) -> Any:
    return next((value for name, value in extension.items() if name not in ("url", "id")), None)


def _check_control(node: Node, concept: Any) -> None:
    name = _control(concept)
    if not name:
        node.place.fault(f"unsupported itemControl: {concept!r}")
    elif node.type in TYPES and node.type not in CONTROL_TYPES[name]:
        node.place.fault(f"itemControl {name} does not fit an item of type {node.type}")
    elif name == "page" and (node.parent is None or node.parent.parent is not None):
        node.place.fault("itemControl page is for groups in a top-level group, which is a page by itself")


def _control(concept: Any) -> str:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(codings, list) or len(codings) != 1 or not isinstance(codings[0], dict):
        return ""
    return CONTROLS.get((str(codings[0].get("system")), str(codings[0].get("code"))), "")


def _check_limits(node: Node, found: dict[str, Any]) -> None:
    """Limits in order: minValue <= ask-below <= ask-above <= maxValue."""
    for urls in ((MIN_VALUE, ASK_BELOW, ASK_ABOVE, MAX_VALUE), (MIN_QUANTITY, MAX_QUANTITY)):
        _check_order(node, [(url, found[url]) for url in urls if url in found])


def _check_order(node: Node, given: list[tuple[str, Any]]) -> None:
    for (low_url, low), (high_url, high) in pairwise(given):
        if _ordered(low) > _ordered(high):
            low_name, high_name = low_url.rpartition("/")[2], high_url.rpartition("/")[2]
            node.place.fault(f"{low_name} {low} is above {high_name} {high}")


def _check_counts(node: Node, found: dict[str, Any]) -> None:
    """How often and how long: no number below 0, none that contradicts another."""
    for url in (MIN_OCCURS, MAX_OCCURS, MIN_LENGTH):
        if found.get(url, 0) < 0:
            node.place.fault(f"{url.rpartition('/')[2]} must not be below 0")
    least, most = found.get(MIN_OCCURS, 0), found.get(MAX_OCCURS)
    if most is not None and least > most:
        node.place.fault(f"minOccurs {least} is above maxOccurs {most}")
    if node.item.get("repeats") is not True and max(least, most or 0) > 1:
        node.place.fault("more than one is asked for by an item that does not repeat")
    longest = node.item.get("maxLength")
    if isinstance(longest, int) and MIN_LENGTH in found and found[MIN_LENGTH] > longest:
        node.place.fault(f"minLength {found[MIN_LENGTH]} is above maxLength {longest}")


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return _ordered(value["value"])
    return value if isinstance(value, str) else Decimal(str(value))


def _check_one_translation(extension: Any, place: Place) -> str:
    if not isinstance(extension, dict) or extension.get("url") != TRANSLATION:
        url = extension.get("url") if isinstance(extension, dict) else extension
        place.fault(f"unsupported extension of a text: {url}")
        return ""
    listed = extension.get("extension")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    named = {str(part.get("url")): part for part in parts}
    if not isinstance(listed, list) or len(listed) != 2 or named.keys() != {"lang", "content"}:
        place.fault("a translation needs exactly lang and content")
        return ""
    language = named["lang"].get("valueCode")
    if not primitives.is_language(language):
        place.fault(f"a translation's lang must be a language code, not {language!r}")
        return ""
    content = named["content"].get("valueString", named["content"].get("valueMarkdown"))
    if not primitives.is_string(content):
        place.fault(f"the translation to {language} is empty")
    return str(language)

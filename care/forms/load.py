"""From checked FHIR JSON to a Questionnaire."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from care.forms import vocabulary as v
from care.forms.check import check
from care.forms.check_expressions import constraint_parts
from care.forms.check_extensions import control_of, is_help
from care.forms.check_options import option_kind
from care.forms.errors import FaultyFormError
from care.forms.questionnaire import Constraint, EnableWhen, Item, Limit, Option, Questionnaire, Text
from care.forms.source import Json, parse
from care.forms.unfold import is_folded
from care.forms.value_sets import with_options
from care.forms.values import Coding, Value, read_quantity, read_value


def load(data: bytes | Json) -> Questionnaire:
    """The form, or FaultyFormError with every fault and every unsupported construct in it."""
    form = parse(data)
    if faults := check(form):
        raise FaultyFormError(faults)
    items = tuple(_item(item, read_only=False) for item in with_options(form)["item"])
    return Questionnaire(
        items=items,
        title_in=_text(form, "title"),
        url=form.get("url", ""),
        version=form.get("version", ""),
        name=form.get("name", ""),
        status=form["status"],
        language=form.get("language", "sv"),
        folded=is_folded(items),
        reckons=any(inner.reckons() for item in items for inner in item.walk()),
    )


def _item(raw: Json, read_only: bool) -> Item:
    """`read_only`: whether the group that it stands in may not be changed, and so nothing in it."""
    extensions = _extensions(raw)
    read_only = read_only or raw.get("readOnly", False) or v.CALCULATED in extensions
    unit = _coding(extensions.get(v.UNIT))
    inside = raw.get("item", [])
    help_ = next((child for child in inside if is_help(child)), None)
    return Item(
        link_id=raw["linkId"],
        type=raw["type"],
        text_in=_text(raw, "text"),
        prefix=_text(raw, "prefix"),
        short=str(extensions.get(v.SHORT_TEXT) or raw.get("text") or raw.get("prefix") or raw["linkId"]),
        help_in=_text(help_, "text") if help_ else None,
        required=raw.get("required", False),
        repeats=raw.get("repeats", False),
        read_only=read_only,
        hidden=extensions.get(v.HIDDEN, False),
        min_length=extensions.get(v.MIN_LENGTH, 0),
        max_length=raw.get("maxLength"),
        pattern=extensions.get(v.REGEX, ""),
        min_occurs=extensions.get(v.MIN_OCCURS, 0),
        max_occurs=extensions.get(v.MAX_OCCURS),
        minimum=_limit(extensions.get(v.MIN_QUANTITY, extensions.get(v.MIN_VALUE))),
        maximum=_limit(extensions.get(v.MAX_QUANTITY, extensions.get(v.MAX_VALUE))),
        ask_below=_number(extensions.get(v.ASK_BELOW)),
        ask_above=_number(extensions.get(v.ASK_ABOVE)),
        decimals=extensions.get(v.DECIMAL_PLACES),
        unit_in=_unit_text(extensions.get(v.UNIT)),
        unit_code=unit.code if unit else "",
        units=_units(raw, unit),
        entry_format=extensions.get(v.ENTRY_FORMAT, ""),
        control=control_of(raw),
        icon=extensions.get(v.ICON, ""),
        prefill=extensions.get(v.PREFILL, ""),
        missing_of=extensions.get(v.MISSING_OF, ""),
        may_pass=extensions.get(v.MAY_PASS, False),
        codes=tuple(_some_coding(code) for code in raw.get("code", [])),
        options=tuple(_option(option) for option in raw.get("answerOption", [])),
        initial=_initial(raw),
        enable_when=tuple(_condition(condition) for condition in raw.get("enableWhen", [])),
        enable_behavior=raw.get("enableBehavior", "all"),
        enable_expression=_expression(extensions, v.ENABLE_EXPRESSION),
        calculated=_expression(extensions, v.CALCULATED),
        initial_expression=_expression(extensions, v.INITIAL_EXPRESSION),
        constraints=tuple(_constraints(raw)),
        children=tuple(_item(child, read_only) for child in inside if child is not help_),
    )


def _expression(extensions: dict[str, Any], url: str) -> str:
    return str(extensions[url]["expression"]) if url in extensions else ""


def _constraints(raw: Json) -> Iterator[Constraint]:
    for extension in raw.get("extension", []):
        if extension["url"] == v.CONSTRAINT:
            said = constraint_parts(extension)
            yield Constraint(said["key"], said["severity"], said["human"], said["expression"])


def _option(raw: Json) -> Option:
    kind = option_kind(raw)
    extensions = _extensions(raw)
    value = read_value(kind, raw[f"value{kind}"])
    if isinstance(value, Coding):
        code = value.code
        text = _text(raw["valueCoding"], "display") if value.display else Text(code)
    else:
        code = str(value)
        text = _text(raw, "valueString") if kind == "String" else Text(code)
    return Option(
        value=value,
        code=code,
        text=text,
        kind=kind,
        exclusive=extensions.get(v.EXCLUSIVE, False),
        danger=extensions.get(v.DANGER, False),
        emergency=extensions.get(v.EMERGENCY, False),
        usual=extensions.get(v.USUAL, False),
        icon=extensions.get(v.ICON, ""),
    )


def _condition(raw: Json) -> EnableWhen:
    name = next(name for name in raw if name.startswith("answer"))
    return EnableWhen(raw["question"], raw["operator"], read_value(name.removeprefix("answer"), raw[name]))


def _initial(raw: Json) -> tuple[Value, ...]:
    if "initial" in raw:
        return tuple(
            read_value(name.removeprefix("value"), value)
            for entry in raw["initial"]
            for name, value in entry.items()
        )
    chosen = [option for option in raw.get("answerOption", []) if option.get("initialSelected")]
    return tuple(_option(option).value for option in chosen)


def _text(holder: Json, name: str) -> Text:
    beside = holder.get(f"_{name}", {})
    translations = {}
    for extension in beside.get("extension", []):
        parts = {part["url"]: part for part in extension["extension"]}
        content = parts["content"].get("valueString") or parts["content"]["valueMarkdown"]
        translations[parts["lang"]["valueCode"]] = content
    return Text(holder.get(name, ""), translations)


def _extensions(raw: Json) -> dict[str, Any]:
    return {
        extension["url"]: value
        for extension in raw.get("extension", [])
        for name, value in extension.items()
        if name.startswith("value")
    }


def _units(raw: Json, unit: Coding | None) -> tuple[Coding, ...]:
    options = [
        _some_coding(extension["valueCoding"])
        for extension in raw.get("extension", [])
        if extension["url"] == v.UNIT_OPTION
    ]
    return tuple(options) or ((unit,) if unit else ())


def _unit_text(raw: Any) -> Text:
    if not raw:
        return Text("")
    return _text(raw, "display") if "display" in raw else Text(raw["code"])


def _some_coding(raw: Any) -> Coding:
    return Coding(raw["code"], raw.get("display", ""), raw.get("system", ""))


def _coding(raw: Any) -> Coding | None:
    return _some_coding(raw) if raw else None


def _limit(raw: Any) -> Limit | None:
    if isinstance(raw, dict):
        return read_quantity(raw)
    return raw if isinstance(raw, str) else _number(raw)


def _number(raw: Any) -> Decimal | None:
    return None if raw is None else Decimal(str(raw))

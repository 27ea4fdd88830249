"""What was typed in a browser, and the answers that it is: nothing that was typed is lost on the way.

A field is named after its question's place in the form ("q7", and "q7-2" in the second one of a group),
because a linkId may hold anything. What was typed is kept by linkId, so that a draft can be read against a
later version of the form.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from care.forms import (
    Answers,
    Coding,
    Item,
    Quantity,
    Questionnaire,
    Value,
    named,
    path_in,
    path_of,
    plain,
    reckoned,
    to_response,
    unfold,
    untouched,
    validate,
)
from care.schedule import STOCKHOLM, local

Typed = dict[str, list[str]]
"""What stands in the fields, by linkId; an open choice's own words by linkId + "/other"."""

OTHER = "/other"
MANY = 30
"""Of one group, on the console, where its form sets no limit."""
TEXT_MOST = 4000
"""Characters of an answer whose form sets no limit."""


class Problem(Struct, frozen=True):
    """What is wrong with an answer: a key of the texts, and what it is filled with."""

    text: str
    values: dict[str, str] = {}


class _Wrong(Exception):
    """An answer that cannot be read, with what its field says of it."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text)
        self.problem = Problem(f"console.forms.{text}", {name: str(value) for name, value in values.items()})


def opened(form: Questionnaire, typed: Mapping[str, list[str]]) -> Questionnaire:
    """The form with all that has been typed, and an empty one more of each group that may be given again."""
    given: Answers = {
        link_id: list(values)
        for link_id, texts in typed.items()
        if (values := [t for t in texts if t.strip()])
    }
    one_more: dict[str, int] = {}
    for group in unfold(form, given).walk():
        if group.is_repeated_group() and (group.max_occurs or MANY) > (
            number := path_in(form, group.link_id)[-1]
        ):
            touched = any(one.link_id in given for one in group.walk())
            one_more[group.link_id] = number + touched
    return unfold(form, given, one_more)


def names(form: Questionnaire) -> dict[str, str]:
    """The name of each item's field, by linkId."""
    place = {link_id: n for n, link_id in enumerate(dict.fromkeys(plain(one.link_id) for one in form.walk()))}
    return {
        item.link_id: "-".join([f"q{place[plain(item.link_id)]}", *map(str, path_of(item.link_id))])
        for item in form.walk()
    }


def linked(form: Questionnaire, field: str) -> str | None:
    """The linkId of the question that a field is named after; None when the form has no such question."""
    place, *path = field.split("-")
    link_id = next((link_id for link_id, name in names(form).items() if name == place), None)
    if link_id is None or not all(len(one) <= 2 and one.isdecimal() and 0 < int(one) <= MANY for one in path):
        return None
    found = named(link_id, tuple(map(int, path)))
    return found if not path or path_in(form, found) == tuple(map(int, path)) else None


def read(form: Questionnaire, fields: Iterable[tuple[str, str]]) -> Typed:
    """What a browser sent, by linkId. Fields that are no question's are passed over."""
    typed: Typed = {}
    for name, value in fields:
        field, _, other = name.partition(".")
        link_id = linked(form, field)
        if link_id is not None and other in ("", "other"):
            typed.setdefault(link_id + (OTHER if other else ""), []).append(value)
    return typed


def typed_of(form: Questionnaire, answers: Answers) -> Typed:
    """What would have been typed to give these answers: to correct them, or to start from."""
    typed: Typed = {}
    for item in unfold(form, answers).walk():
        for value in answers.get(item.link_id, []):
            code = _code(item, value)
            own = code is None and item.type == "open-choice"
            typed.setdefault(item.link_id + (OTHER if own else ""), []).append(code or _written(item, value))
    return typed


def answers_of(
    form: Questionnaire, typed: Mapping[str, list[str]], known: Answers | None = None
) -> tuple[Answers, dict[str, Problem]]:
    """The answers, and what is wrong by linkId. `known` answers what nobody may change or see."""
    found: Answers = {}
    problems: dict[str, Problem] = {}
    whole = opened(form, typed)
    for item in whole.walk():
        if not item.is_question():
            continue
        if item.hidden or item.read_only:
            found[item.link_id] = list((known or {}).get(item.link_id, item.initial))
            continue
        try:
            found[item.link_id] = _values(item, typed)
        except _Wrong as wrong:
            problems[item.link_id] = wrong.problem
    empty = untouched(whole, found)
    found = {link_id: values for link_id, values in found.items() if link_id not in empty}
    asked = reckoned(whole, found).asked - empty
    for item in whole.walk():
        missing = item.is_question() and item.required and not item.read_only and not found.get(item.link_id)
        if missing and item.link_id not in problems:
            problems[item.link_id] = Problem("console.forms.required")
    problems = {link_id: problem for link_id, problem in problems.items() if link_id in asked}
    answers = {link_id: values for link_id, values in found.items() if values}
    return answers, problems or _refused(form, answers)


def _refused(form: Questionnaire, answers: Answers) -> dict[str, Problem]:
    """What the rules of FHIR still say of the whole, and what the form itself says does not hold."""
    response = to_response(form, answers, "2026-01-01T00:00:00+01:00")
    # Nobody is held back by what nobody can answer.
    fixed = {item.link_id for item in form.walk() if item.read_only}
    faults = [fault for fault in validate(form, response) if fault.link_id not in fixed]
    found = {fault.link_id: Problem("console.forms.no_answer") for fault in faults}
    wrong = [one for one in reckoned(unfold(form, answers), answers).broken if one.severity == "error"]
    for one in wrong:
        found.pop(plain(one.link_id), None)
    return found | {one.link_id: Problem("console.forms.said", {"words": one.human}) for one in wrong}


def _values(item: Item, typed: Mapping[str, list[str]]) -> list[Value]:
    given = [text.strip() for text in typed.get(item.link_id, []) if text.strip()]
    values = given if item.is_listed() else list(dict.fromkeys(given))
    found: list[Value] = [_value(item, text) for text in values]
    found += [_text(item, text.strip()) for text in typed.get(item.link_id + OTHER, []) if text.strip()]
    if len(found) > 1 and not item.repeats:
        raise _Wrong("one")
    chosen = [item.option(text) for text in values]
    if len(found) > 1 and (alone := next((one for one in chosen if one and one.exclusive), None)):
        raise _Wrong("alone", answer=alone.display)
    return found


def _value(item: Item, text: str) -> Value:
    match item.type:
        case "choice" | "open-choice":
            option = item.option(text)
            if option is None:
                raise _Wrong("no_answer")
            return option.value
        case "boolean":
            if text not in ("true", "false"):
                raise _Wrong("no_answer")
            return text == "true"
        case "integer":
            return _whole(item, text)
        case "decimal":
            return _number(item, text)
        case "quantity":
            unit = item.units[0] if item.units else Coding(item.unit_code, item.unit)
            return Quantity(_number(item, text), unit.display, unit.code)
        case "date" | "dateTime" | "time":
            return _moment(item, text)
        case _:
            return _text(item, text)


def _whole(item: Item, text: str) -> int:
    try:
        number = int(text.replace(" ", "").replace("\u00a0", ""))
    except ValueError:
        raise _Wrong("whole") from None
    if abs(number) >= 2**31:
        raise _Wrong("whole")
    _within(item, Decimal(number))
    return number


def _number(item: Item, text: str) -> Decimal:
    try:
        number = Decimal(text.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation:
        raise _Wrong("number") from None
    if not number.is_finite() or abs(number) >= 10**9:
        raise _Wrong("number")
    _within(item, number)
    places = number.normalize().as_tuple().exponent
    if item.decimals is not None and isinstance(places, int) and -places > item.decimals:
        raise _Wrong("decimals", count=item.decimals)
    return number


def _within(item: Item, number: Decimal) -> None:
    if isinstance(item.minimum, Decimal | int) and number < item.minimum:
        raise _Wrong("least", least=item.minimum)
    if isinstance(item.maximum, Decimal | int) and number > item.maximum:
        raise _Wrong("most", most=item.maximum)


def _moment(item: Item, text: str) -> str:
    """An ISO 8601 text, as FHIR has it. A date and time is what the clock on the wall says in Sweden."""
    try:
        if item.type == "date":
            found = date.fromisoformat(text).isoformat()
        elif item.type == "time":
            found = time.fromisoformat(text).isoformat()
        else:
            wall = datetime.fromisoformat(text)
            found = local(wall.date(), wall.strftime("%H:%M")).isoformat()
    except ValueError:
        raise _Wrong("moment") from None
    if isinstance(item.minimum, str) and found < item.minimum:
        raise _Wrong("least", least=item.minimum)
    if isinstance(item.maximum, str) and found > item.maximum:
        raise _Wrong("most", most=item.maximum)
    return found


def _text(item: Item, text: str) -> str:
    most = item.max_length or TEXT_MOST
    if len(text) > most:
        raise _Wrong("long", most=most)
    return text.replace("\r\n", "\n")


def _code(item: Item, value: Value) -> str | None:
    """The option that a value is."""
    if isinstance(value, Coding):
        return value.code
    return next((option.code for option in item.options if option.value == value), None)


def _written(item: Item, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Quantity):
        return str(value.value).replace(".", ",")
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if item.type == "dateTime" and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(STOCKHOLM).strftime("%Y-%m-%dT%H:%M")
    return str(value)[:5] if item.type == "time" else str(value)

"""The items of a QuestionnaireResponse, written from answers."""

from __future__ import annotations

from msgspec import Struct

from care.forms.questionnaire import Item, Questionnaire
from care.forms.source import Json
from care.forms.unfold import plain
from care.forms.values import KIND_OF_TYPE, Answers, Coding, Quantity, Value, same_value, write_value


def written(form: Questionnaire, asked: Answers, places: dict[str, Json] | None = None) -> list[Json]:
    """The items of an unfolded form in which the answers stand. `asked`: answers to enabled questions only.

    `places` is given the response item of each occurrence that has an answer in it, by linkId.
    """
    writing = _Writing(asked, {} if places is None else places)
    return [one for item in form.items if (one := writing.item(item))]


def kind_of(item: Item, value: Value) -> str:
    """The value[x] in which this value answers this item."""
    if isinstance(value, Coding):
        return "Coding"
    if isinstance(value, Quantity):
        return "Quantity"
    if item.type in KIND_OF_TYPE:
        return KIND_OF_TYPE[item.type]
    return next((option.kind for option in item.options if same_value(option.value, value)), "String")


class _Writing(Struct, frozen=True):
    asked: Answers
    places: dict[str, Json]

    def item(self, item: Item) -> Json:
        """The response item, empty when nothing in it was answered."""
        head: Json = {"linkId": plain(item.link_id)}
        if item.text:
            head["text"] = item.text
        if item.type == "group":
            inside = [one for child in item.children if (one := self.item(child))]
            whole = {**head, "item": inside} if inside else {}
        else:
            given = self.asked.get(item.link_id, [])
            answers = [self.answer(item, value, number) for number, value in enumerate(given, 1)]
            whole = {**head, "answer": answers} if answers else {}
        if whole:
            self.places[item.link_id] = whole
        return whole

    def answer(self, item: Item, value: Value, number: int) -> Json:
        kind = kind_of(item, value)
        beneath = [child for child in item.children if child.of_answer == number]
        inside = [one for child in beneath if (one := self.item(child))]
        return {f"value{kind}": write_value(kind, value), **({"item": inside} if inside else {})}

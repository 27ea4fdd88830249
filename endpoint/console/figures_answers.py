"""Statistik: what was answered, question by question, on forms of this release and those published here."""

from collections.abc import Iterable, Iterator, Sequence

from care.deviation_figures import CATEGORIES, Happened, answered
from care.forms import Item, Questionnaire
from endpoint.console.answers import forms as shipped
from endpoint.console.figures_table import Row, Table
from endpoint.console.forms.catalogue import Catalogue
from endpoint.console.texts import Texts
from endpoint.deviations.counting import Found

FALL = "https://rapp.example/fhir/Questionnaire/fall"
FALL_QUESTIONS = (
    "fall.place",
    "fall.movement",
    "fall.activity",
    "fall.circumstances",
    "fall.symptoms",
    "fall.injury",
    "fall.action",
    "fall.informed",
)


_COUNTED = frozenset({"choice", "open-choice", "boolean"})
"""Kinds of question whose answers can be counted."""


def of_falls(found: Found, forms: Catalogue, head: str, t: Texts) -> list[Table]:
    """Questions that the fall form of this release has, of the falls that were reported here."""
    falls = [one for one in found.events if one.category == "fall" and not one.imported]
    return [
        _table(found, falls, link, t(f"statistics.table.{link}"), _items(falls, forms, link), head, t)
        for link in FALL_QUESTIONS
    ]


def of_own_questions(found: Found, forms: Catalogue, head: str, t: Texts) -> Iterator[Table]:
    """Questions that only forms published here have, category by category, of what was answered on them."""
    for category in CATEGORIES:
        some = [one for one in found.events if one.category == category and one.answers]
        own = dict.fromkeys(
            item.link_id
            for form in _forms(some, forms)
            for item in form.walk()
            if item.type in _COUNTED and _is_own(form.url, item.link_id)
        )
        for link in own:
            items = _items(some, forms, link)
            asked = items[-1].label(t.language).replace("{name}", t("statistics.the_person"))
            title = f"{t(f'console.category.{category}')}: {asked}"
            yield _table(found, some, link, title, items, head, t, f"{category}.{link}")


def word_of(forms: Catalogue, link_id: str, code: str, t: Texts) -> str:
    """How the forms say a code that this release does not know; itself, where none of them has it."""
    items = [item for form in forms.versions.values() if (item := form.item(link_id))]
    said = [one.label(t.language) for item in items for one in item.options if one.code == code]
    return said[-1] if said else code


def _is_own(url: str, link_id: str) -> bool:
    came_with_it = shipped().get(url)
    return came_with_it is None or came_with_it.item(link_id) is None


def _forms(events: Iterable[Happened], forms: Catalogue) -> list[Questionnaire]:
    """The versions that these were answered on, in the order in which they were published."""
    used = {one.form for one in events}
    return [form for key, form in forms.versions.items() if key in used]


def _items(events: Iterable[Happened], forms: Catalogue, link_id: str) -> list[Item]:
    """A question as each of those versions has it."""
    return [item for form in _forms(events, forms) if (item := form.item(link_id))]


def _table(
    found: Found,
    events: Sequence[Happened],
    link_id: str,
    title: str,
    items: Sequence[Item],
    head: str,
    t: Texts,
    name: str = "",
) -> Table:
    """How many chose each answer, said as the latest of the versions says it."""
    labels = {option.code: option.label(t.language) for item in items for option in item.options}
    labels |= {"true": t("common.yes"), "false": t("common.no")}
    counts = found.answers(answered(events, link_id))
    rows = tuple(Row(labels.get(code, code), (count,)) for code, count in counts.items())
    return Table(name or link_id, title, (t("statistics.head.answer"), head), rows, "bars", series=1)

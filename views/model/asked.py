"""What a form in hand asks now, what it still lacks, and what in it calls for help. Changes nothing."""

from care.forms import (
    Broken,
    Item,
    Page,
    danger_answers,
    emergency_answers,
    enabled,
    faults_of,
    reckoned,
    untouched,
)
from views.model.in_hand import Filling
from views.model.phone import SBAR


def pages(filling: Filling) -> list[Page]:
    """The pages that are asked now, in order."""
    asked = enabled(filling.form, filling.answers)
    return [
        page
        for page in filling.form.pages()
        if not page.item.hidden
        and any(item.link_id in asked and item.is_question() for item in page.item.walk())
    ]


def questions(filling: Filling, page: Page) -> list[Item]:
    """The questions of a page that are asked now, without the reasons for what could not be measured.

    What is only to be read is no question to anybody: it is neither looked for nor does it hold a page back.
    """
    return [item for item in shown(filling, page) if not item.read_only]


def shown(filling: Filling, page: Page) -> list[Item]:
    """The questions of a page, and those of them that the form itself answers."""
    asked = enabled(filling.form, filling.answers)
    return [
        item
        for item in page.item.walk()
        if item.is_question() and item.link_id in asked and not item.hidden and not item.missing_of
    ]


def faults(filling: Filling, page: Page) -> list[str]:
    """The linkIds on a page that are required and not answered, or whose answer is refused, in order; then
    what the answers together do not hold up to.
    """
    empty = untouched(filling.form, filling.answers)
    found = [
        item.link_id
        for item in questions(filling, page)
        if item.link_id not in empty
        and ((item.required and not is_answered(filling, item)) or is_refused(filling, item))
    ]
    return [*found, *(one.link_id for one in broken_together(filling, page) if one.link_id not in found)]


def broken(filling: Filling, link_id: str, severity: str) -> list[str]:
    """What the form's constraints on this item say, in the form's own words, where they do not hold."""
    if not filling.form.reckons:
        return []
    found = reckoned(filling.form, filling.answers).broken
    return [one.human for one in found if (one.link_id, one.severity) == (link_id, severity)]


def broken_together(filling: Filling, page: Page) -> list[Broken]:
    """The errors of a page that are no single answer's: of its groups, and of what the form answers itself.
    Those of a step that has several pages are looked at on the last of them.
    """
    if not filling.form.reckons:
        return []
    there = {item.link_id for item in page.item.walk() if item.type == "group" or item.read_only}
    if page.number == page.count:
        there.add(page.step.link_id)
    found = reckoned(filling.form, filling.answers).broken
    return [one for one in found if one.severity == "error" and one.link_id in there]


def is_refused(filling: Filling, item: Item) -> bool:
    """Whether what was answered is no answer to the question, or too few. What the record says is one."""
    if item.link_id in filling.prefilled or item.link_id in filling.skipped:
        return False
    given = [item.completed(value) for value in filling.answers.get(item.link_id, [])]
    return (
        len(given) < item.min_occurs
        or bool(faults_of(item, given))
        or bool(broken(filling, item.link_id, "error"))
    )


def first_page(filling: Filling) -> int:
    """The first page on which something required is not answered."""
    return next((n for n, page in enumerate(pages(filling)) if faults(filling, page)), 0)


def missing_item(filling: Filling, item: Item) -> Item | None:
    """The question why a measurement is missing. It also covers those between the two: both pressures."""
    all_items = list(filling.form.walk())
    at = all_items.index(item)
    for later in all_items[at + 1 :]:
        if later.missing_of:
            covers = next((n for n, one in enumerate(all_items) if one.link_id == later.missing_of), at + 1)
            return later if covers <= at else None
        if later.type == "group":
            return None
    return None


def is_answered(filling: Filling, item: Item) -> bool:
    """Answered, said not to be known, or explained why not."""
    if filling.answers.get(item.link_id) or item.link_id in filling.skipped:
        return True
    why = missing_item(filling, item)
    return bool(why and filling.answers.get(why.link_id))


def is_sbar(filling: Filling) -> bool:
    return filling.form_name == SBAR


def dangers(filling: Filling) -> list[str]:
    """Answers that call for help and have not been passed. What only the record says waits for the others."""
    found = [one for one in danger_answers(filling.form, filling.answers) if one not in filling.acknowledged]
    chosen = [one for one in found if one not in filling.prefilled]
    if chosen or not found:
        return chosen
    page = next((p for p in pages(filling) if found[0] in {i.link_id for i in p.item.walk()}), None)
    return (
        found if page is None or all(is_answered(filling, item) for item in questions(filling, page)) else []
    )


def emergencies(filling: Filling) -> list[str]:
    """Answers that call for 112 and have not been passed."""
    called = emergency_answers(filling.form, filling.answers)
    return [one for one in called if one not in filling.acknowledged]


def settles(filling: Filling, page: Page, item: Item, asked_before: frozenset[str]) -> bool:
    """Whether an answer just given ends its page, so that it turns by itself.

    It does when the answer leaves nothing to add (one choice of one, or a number), when it asks nothing
    new, and when nothing that counts is open: what is required, or all of it where nothing is. Texts that
    may be left empty are folded and never hold a page back, nor does what the form says may be passed. What
    is calculated on a page is to be read before it turns.
    """
    if any(one.calculated for one in shown(filling, page)):
        return False
    if dangers(filling) or emergencies(filling) or filling.active or filling.why_missing:
        return False
    if enabled(filling.form, filling.answers) - asked_before:
        return False
    if item.may_pass or (
        item.repeats
        and not any(
            option.exclusive and option.value in filling.answers.get(item.link_id, [])
            for option in item.options
        )
    ):
        return False
    asked = questions(filling, page)
    if any(one.required and one.type in ("text", "string") for one in asked):
        return False
    counts = [one for one in asked if one.required] or [
        one for one in asked if one.type not in ("text", "string") and not one.may_pass
    ]
    return all(is_answered(filling, one) for one in counts)

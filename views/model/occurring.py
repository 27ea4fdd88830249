"""What repeats in a form: a group or an answer once more, or one less."""

from care.forms import Item, enabled, named, path_in, plain, with_values, without_occurrence
from care.forms.values import Value
from views.model import filling as fillings
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Fill


def number(filling: Filling, group: Item) -> int:
    """Which one of its group this is, from 1."""
    return path_in(filling.template, group.link_id)[-1]


def count(filling: Filling, group: Item) -> int:
    """How many there are of this group, where it stands."""
    above = path_in(filling.template, group.link_id)[:-1]
    return sum(
        plain(one.link_id) == plain(group.link_id) and path_in(filling.template, one.link_id)[:-1] == above
        for one in filling.form.walk()
    )


def may_add(filling: Filling, item: Item) -> bool:
    """Whether one more may be given: of the last of a group, or an answer after the ones that are there."""
    if item.is_listed():
        given = len(filling.answers.get(item.link_id, []))
        return bool(filling.in_hand(item)) and (item.max_occurs is None or given < item.max_occurs)
    if not item.is_repeated_group():
        return False
    there = count(filling, item)
    return number(filling, item) == there and (item.max_occurs is None or there < item.max_occurs)


def may_remove(filling: Filling, group: Item) -> bool:
    """Whether this one of a group may be taken away: as many as must be there stay."""
    return group.is_repeated_group() and count(filling, group) > max(1, group.min_occurs)


async def add_group(shift: Shift, key: str, group: Item) -> None:
    """One more of a group, with the answers that the form starts it with; shown where it is a page."""
    filling = fillings.of(shift, key)
    *above, _ = path_in(filling.template, group.link_id)
    there = count(filling, group)
    filling.times[named(plain(group.link_id), tuple(above))] = there + 1
    new = filling.form.item(named(plain(group.link_id), (*above, there + 1)))
    for item in new.walk() if new else ():
        if item.initial:
            filling.answers[item.link_id] = list(item.initial)
    filling.active = ""
    await fillings.keep(shift, key)
    pages = [page.item.link_id for page in fillings.pages(filling)]
    if new and new.link_id in pages:
        shift.go(Fill(key, pages.index(new.link_id)))
    else:
        shift.changed()


async def remove_group(shift: Shift, key: str, group: Item) -> None:
    """One less of a group, with all that was answered in it; those after it move up."""
    filling = fillings.of(shift, key)
    *above, _ = path_in(filling.template, group.link_id)
    there = count(filling, group)
    filling.answers = without_occurrence(filling.template, filling.answers, group.link_id, there)
    filling.times[named(plain(group.link_id), tuple(above))] = there - 1
    filling.active = ""
    # What was marked was marked by place, and the places have moved.
    asked = enabled(filling.form, filling.answers)
    for marked in (filling.looked_for, filling.skipped, filling.confirmed, filling.prefilled):
        marked &= {link_id for link_id in asked if plain(link_id) == link_id}
    shift.changed()
    await fillings.keep(shift, key)


async def add_answer(shift: Shift, key: str, item: Item) -> None:
    """One more answer to a question that is answered in its own words or numbers."""
    filling = fillings.of(shift, key)
    filling.adding.add(item.link_id)
    filling.opened.add(f"text:{item.link_id}")
    filling.active = ""
    shift.changed()


async def remove_answer(shift: Shift, key: str, item: Item, value: Value) -> None:
    """One of several answers is taken back."""
    filling = fillings.of(shift, key)
    given = list(filling.answers.get(item.link_id, []))
    given.remove(value)
    filling.answers = with_values(filling.template, filling.answers, item.link_id, given)
    shift.changed()
    await fillings.keep(shift, key)

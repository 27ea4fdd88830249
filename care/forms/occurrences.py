"""Answers when what repeats is given once more, once less, or in another order: nothing changes owner."""

from __future__ import annotations

from collections.abc import Mapping

from care.forms.questionnaire import Item, Questionnaire
from care.forms.unfold import Path, named, path_of, plain, seats, unfold
from care.forms.values import Answers, Value, same_value


def with_values(form: Questionnaire, answers: Answers, link_id: str, values: list[Value]) -> Answers:
    """The answers with these to one question; what stands beneath an answer goes where the answer goes."""
    question = _of(form, link_id)
    changed = {**answers, link_id: values}
    if not values:
        del changed[link_id]
    if question is None or not question.children:
        return changed
    before = answers.get(link_id, [])
    if not question.folds():
        return changed if values else _renumbered(form, changed, question, link_id, {})
    moved: dict[int, int] = {}
    for number, value in enumerate(values, 1):
        was = next((n for n, old in enumerate(before, 1) if same_value(old, value) and n not in moved), None)
        if was is not None:
            moved[was] = number
    if len(values) == len(before):  # one answer was changed into another
        left = [number for number in range(1, len(values) + 1) if number not in moved.values()]
        gone = [number for number in range(1, len(before) + 1) if number not in moved]
        moved |= dict(zip(gone, left, strict=True))
    return _renumbered(form, changed, question, link_id, moved)


def without_occurrence(form: Questionnaire, answers: Answers, link_id: str, of: int) -> Answers:
    """The answers without one occurrence of a group; `of` is how many there are. Those after it move up."""
    group = _of(form, link_id)
    if group is None or not group.is_repeated_group():
        return answers
    *stem, gone = path_in(form, link_id)
    moved = {number: number - (number > gone) for number in range(1, of + 1) if number != gone}
    return _renumbered(form, answers, group, named(plain(link_id), tuple(stem)), moved)


def untouched(form: Questionnaire, answers: Answers) -> frozenset[str]:
    """The linkIds in what need not be given at all and has not been: an empty one of a group that repeats.

    What only the form itself answers, hidden or not to be changed, is no touch.
    """
    return frozenset(
        inner.link_id
        for group in unfold(form, answers).walk()
        if group.is_repeated_group() and not group.required and not group.min_occurs
        if not any(answers.get(one.link_id) and not (one.hidden or one.read_only) for one in group.walk())
        for inner in group.walk()
    )


def path_in(form: Questionnaire, link_id: str) -> Path:
    """The whole path of an occurrence: a number for each fold that it stands in, and its own for a group."""
    seat, item = seats(form)[plain(link_id)], _of(form, link_id)
    length = len(seat.folds) + bool(item and item.is_repeated_group())
    path = path_of(link_id)
    return (*path, *(1,) * (length - len(path)))[:length]


def _renumbered(
    form: Questionnaire, answers: Answers, fold: Item, link_id: str, moved: Mapping[int, int]
) -> Answers:
    """What stands in a fold under its new number; what has none is gone. `link_id` says where the fold is."""
    inside = {item.link_id for item in fold.walk()} - {fold.link_id}
    depth = len(seats(form)[fold.link_id].folds)
    there = (*path_of(link_id), *(1,) * depth)[:depth]
    kept: Answers = {}
    for key, values in answers.items():
        if plain(key) not in inside:
            kept[key] = values
            continue
        path = path_in(form, key)
        if path[:depth] != there:
            kept[key] = values
        elif fold.folds() and path[depth] in moved:
            kept[named(plain(key), (*there, moved[path[depth]], *path[depth + 1 :]))] = values
    return kept


def _of(form: Questionnaire, link_id: str) -> Item | None:
    return form.item(plain(link_id))

"""Groups that repeat, and questions beneath an answer: a form unfolded for the answers at hand.

A form is a template: what stands in a group that repeats is asked once for each time that the group is
given, and what stands beneath a question that repeats once for each answer. Unfolded, each of these is an
item of its own, so that everything else knows only plain forms with a list of answers per linkId.

The first occurrence keeps the linkId of the form. Another is named by the linkId, a mark that no FHIR string
can hold, and a number for each of the folds that it stands in, outermost first: `dose␟2`, `effect␟2.1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from care.forms.questionnaire import EnableWhen, Item, Questionnaire
from care.forms.values import Value

Path = tuple[int, ...]
MARK = "\x1f"


def named(link_id: str, path: Path) -> str:
    """The linkId of an occurrence; the first one has that of the form."""
    return link_id + MARK + ".".join(map(str, path)) if any(number != 1 for number in path) else link_id


def plain(link_id: str) -> str:
    """The linkId that the form has for an occurrence."""
    return link_id.partition(MARK)[0]


def path_of(link_id: str) -> Path:
    """The numbers in an occurrence's linkId; none for a first one, or for what is no such linkId."""
    numbers = link_id.partition(MARK)[2].split(".")
    plain = all(one.isdecimal() and len(one) < 7 for one in numbers)
    return tuple(map(int, numbers)) if plain else ()


def unfold(
    form: Questionnaire, answers: Mapping[str, list[Value]], given: Mapping[str, int] | None = None
) -> Questionnaire:
    """The form with every occurrence that the answers have, and at least one of each.

    `given`: how many times a group is given although nothing in it is answered yet, by the linkId of what it
    stands in. A form that has been unfolded, or has nothing to unfold, is answered as it is.
    """
    if not form.folded:
        return form
    unfolding = _Unfolding(form, answers, given or {})
    items = tuple(item for one in form.items for item in unfolding.occurrences(one, ()))
    return replace(form, items=items, folded=False)


def is_folded(items: tuple[Item, ...]) -> bool:
    """Whether a form of these items must be unfolded."""
    return any(
        (item.children and (item.repeats or item.is_question())) or is_folded(item.children) for item in items
    )


class Seat(Struct, frozen=True):
    """Where an item stands in the form: its number in form order, and the folds that it stands in."""

    number: int
    folds: tuple[str, ...]


class _Unfolding:
    def __init__(
        self, form: Questionnaire, answers: Mapping[str, list[Value]], given: Mapping[str, int]
    ) -> None:
        self.answers = answers
        self.seats = seats(form)
        self.times: dict[tuple[str, Path], int] = {}
        splits = {item.link_id for item in form.walk() if item.is_question() and item.folds()}
        for link_id, values in answers.items():
            if values and (seat := self.seats.get(plain(link_id))) is not None:
                path = _filled(path_of(link_id), len(seat.folds))
                self._count(seat.folds, path)
                if plain(link_id) in splits:
                    self._count((*seat.folds, plain(link_id)), (*path, len(values)))
        for link_id, times in given.items():
            if (seat := self.seats.get(plain(link_id))) is not None:
                path = _filled(path_of(link_id)[: len(seat.folds)], len(seat.folds))
                self._count((*seat.folds, plain(link_id)), (*path, times))

    def occurrences(self, item: Item, path: Path, of_answer: int = 0) -> Iterator[Item]:
        """The item as many times as it is given there."""
        if item.type == "group":
            for at in self._paths(item, path):
                yield self._placed(item, at, of_answer, partial(self.occurrences, path=at))
        else:
            yield self._placed(item, path, of_answer, partial(self._beneath, item, path))

    def _beneath(self, question: Item, path: Path, child: Item) -> Iterator[Item]:
        """What stands beneath a question: a text to read once, a question once for each answer."""
        if child.type == "display":
            yield from self.occurrences(child, path)
            return
        answered = len(self.answers.get(named(question.link_id, path), []))
        for number in range(1, max(1, answered) + 1):
            yield from self.occurrences(child, (*path, number) if question.folds() else path, number)

    def _placed(
        self, item: Item, path: Path, of_answer: int, inside: Callable[[Item], Iterator[Item]]
    ) -> Item:
        return replace(
            item,
            link_id=named(item.link_id, path),
            of_answer=of_answer,
            missing_of=item.missing_of and named(item.missing_of, self._nearest(item, item.missing_of, path)),
            enable_when=tuple(self._condition(item, condition, path) for condition in item.enable_when),
            children=tuple(one for child in item.children for one in inside(child)),
        )

    def _condition(self, item: Item, condition: EnableWhen, path: Path) -> EnableWhen:
        nearest = self._nearest(item, condition.question, path)
        return replace(condition, question=named(condition.question, nearest))

    def _nearest(self, item: Item, question: str, path: Path) -> Path:
        """The occurrence that a condition means: the nearest, first among what the item stands in, then
        before it, then after it (FHIR R4, Questionnaire.item.enableWhen.question)."""
        here, there = self.seats[item.link_id], self.seats[question]
        shared = 0
        while shared < min(len(here.folds), len(there.folds), len(path)):
            if here.folds[shared] != there.folds[shared]:
                break
            shared += 1
        nearest = path[:shared]
        for fold in there.folds[shared:]:
            last = self.times.get((fold, nearest), 1)
            nearest = (*nearest, last if there.number < here.number else 1)
        return nearest

    def _paths(self, group: Item, path: Path) -> list[Path]:
        if not group.is_repeated_group():
            return [path]
        least = max(1, group.min_occurs)
        times = max(least, self.times.get((group.link_id, path), 0))
        return [(*path, number) for number in range(1, times + 1)]

    def _count(self, folds: tuple[str, ...], path: Path) -> None:
        for depth, fold in enumerate(folds):
            at = fold, path[:depth]
            self.times[at] = max(self.times.get(at, 0), path[depth])


def seats(form: Questionnaire) -> dict[str, Seat]:
    """Where each item of a form stands, by linkId; of the form as it was loaded, not unfolded."""
    return {link_id: Seat(n, folds) for n, (link_id, folds) in enumerate(_seated(form.items, ()))}


def _filled(path: Path, length: int) -> Path:
    return (*path, *(1,) * (length - len(path)))


def _seated(items: tuple[Item, ...], folds: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        yield item.link_id, folds
        yield from _seated(item.children, (*folds, item.link_id) if item.folds() else folds)

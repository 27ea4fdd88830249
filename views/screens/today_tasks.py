"""The tasks of Idag: by round or by person, as whoever has the phone wants them."""

from typing import Literal

import flet as ft

from care.signing import Refusal
from care.today import Task, by_person, by_round
from views import dates
from views.components import Flag, Option, TaskLine, choices, person_tasks, section_title, task_card
from views.model import reading
from views.model.shift import Shift
from views.places import Sign
from views.screens.outranks import opener
from views.screens.parts import ICONS, flags_of, local, time_words
from views.theme import Look, Tone

By = Literal["round", "person"]
SHOWN = 60
"""Cards on one page; the rest comes with *Visa mer*."""
ENOUGH = 4
"""From so many tasks it is worth asking how they are to be grouped."""
_NOTE = "today_by"


def grouping(shift: Shift) -> By:
    """How whoever has the phone wants them: remembered for the next time."""
    note = reading.remembered(shift, _NOTE)
    return "person" if note == b"person" else "round"


def grouping_choice(look: Look, shift: Shift, tasks: list[Task]) -> list[ft.Control]:
    """*Efter tid*, *Efter person*; nothing where there are few tasks."""
    if len(tasks) < ENOUGH:
        return []
    t = look.t

    def choose(by: By) -> None:
        shift.me.remember(_NOTE, by.encode())
        shift.changed()

    options = [Option("round", t("today.by_round")), Option("person", t("today.by_person"))]
    return [choices(look, options, grouping(shift), choose, question=t("today.by"), columns=2)]


def section(
    look: Look,
    shift: Shift,
    key: str,
    tasks: list[Task],
    icon: ft.IconData,
    tone: Tone,
    count: int | None = None,
) -> list[ft.Control]:
    if not tasks:
        return []
    title = section_title(look, look.t(key), count or len(tasks), icon=icon, tone=tone)
    return [title, *grouped(look, shift, tasks[:SHOWN])]


def grouped(look: Look, shift: Shift, tasks: list[Task]) -> list[ft.Control]:
    if grouping(shift) == "person":
        return [one_person(look, shift, group) for group in by_person(tasks)]
    rounds = by_round(tasks)
    found: list[ft.Control] = []
    for group in rounds:
        if len(rounds) > 1:
            words = look.t("today.round", at=dates.clock(local(group[0].dose.at)))
            found.append(look.text(words, "small", look.palette.ink2))
        found += [card(look, shift, task) for task in group]
    return found


def one_person(look: Look, shift: Shift, tasks: list[Task]) -> ft.Control:
    """A person's tasks in a row; a single one is a card like any other."""
    if len(tasks) == 1:
        return card(look, shift, tasks[0])
    person = tasks[0].person
    lines = []
    for task in tasks:
        words, tone = time_words(look, task)
        place = opener(shift, Sign(task.dose.id))
        icon = ICONS[task.dose.plan.form]
        lines.append(
            TaskLine(what_of(task), icon, words, tone, place, f"task-{task.dose.id}", not_mine(look, task))
        )
    return person_tasks(
        look,
        name=person.listed,
        lines=lines,
        room=person.room or None,
        address=person.street or None,
        flags=flags_of(look, person),
    )


def what_of(task: Task) -> str:
    plan = task.dose.plan
    return f"{plan.what}, {plan.amount}" if plan.amount else plan.what


def not_mine(look: Look, task: Task) -> Flag | None:
    if isinstance(task.right, Refusal) and task.state in ("late", "now", "later", "unknown"):
        return Flag(look.t("sign.no_delegation"), ft.Icons.LOCK_ROUNDED, "late")
    return None


def card(look: Look, shift: Shift, task: Task) -> ft.Control:
    words, tone = time_words(look, task)
    mark = not_mine(look, task)
    return task_card(
        look,
        name=task.person.listed,
        what=what_of(task),
        icon=ICONS[task.dose.plan.form],
        time=words,
        time_tone=tone,
        room=task.person.room or None,
        address=task.person.street or None,
        flags=[*([mark] if mark else []), *flags_of(look, task.person)],
        on_press=opener(shift, Sign(task.dose.id)),
        identifier=f"task-{task.dose.id}",
    )

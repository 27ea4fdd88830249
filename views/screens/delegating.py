"""Utfärda delegering, on the nurse's phone: to whom, for what, how long, and what it rests on."""

from dataclasses import replace
from typing import Any

import flet as ft

from views.components import Action, Option, choices, confirm_box, frame, question, text_field, thumb_bar
from views.model import delegations, reading
from views.model.delegations import LASTS, Draft
from views.model.shift import Shift
from views.places import Delegation, IssueDelegation
from views.screens.delegations import tasks_of
from views.screens.parts import back_bar
from views.theme import use_look


def issue_delegation(shift: Shift, place: IssueDelegation) -> ft.Control:
    look = use_look()
    t = look.t
    draft, set_draft = ft.use_state(Draft())
    some, set_some = ft.use_state(False)
    tried, set_tried = ft.use_state(False)

    def change(**values: Any) -> None:
        set_draft(replace(draft, **values))

    def turn(name: str) -> Any:
        def pressed(value: str) -> None:
            change(**{name: getattr(draft, name) ^ {value}})

        return pressed

    def limit(to_some: bool) -> None:
        set_some(to_some)
        change(persons=frozenset())

    wrong = {fault.field: t(f"delegation.fault.{fault.why}") for fault in delegations.wrong(shift, draft)}
    said = wrong if tried else {}

    async def save() -> None:
        if wrong:
            set_tried(True)
            return
        id = await delegations.issue(shift, draft)
        shift.replace(Delegation(id))
        shift.say_saved(t("delegation.issued"), reading.name_of(shift, draft.holder))

    people = [Option(one.id, one.name) for one in delegations.holders(shift)]
    tasks = [Option(task, t(f"task.{task}")) for task in delegations.issuable(shift)]
    lasts = [Option(key, t(f"delegation.lasts.{key}")) for key in LASTS]
    whom = [Option(False, t("delegation.all_persons_here")), Option(True, t("delegation.only_some"))]
    body: list[ft.Control] = [
        look.heading(t("delegation.issue")),
        question(
            look,
            t("delegation.field.holder"),
            people,
            draft.holder,
            lambda value: change(holder=value),
            columns=1,
            shape="row",
            problem=said.get("holder", ""),
        ),
        question(
            look,
            t("delegation.field.tasks"),
            tasks,
            draft.tasks,
            turn("tasks"),
            columns=2,
            problem=said.get("tasks", ""),
        ),
        question(look, t("delegation.field.persons"), whom, some, limit, columns=1, shape="row"),
    ]
    if some:
        persons = [Option(one.id, one.listed) for one in reading.persons(shift)]
        body.append(choices(look, persons, draft.persons, turn("persons"), columns=2))
    body += [
        question(
            look,
            t("delegation.how_long"),
            lasts,
            draft.lasts,
            lambda value: change(lasts=value),
            columns=2,
            problem=said.get("end", ""),
        ),
        confirm_box(
            look,
            t("delegation.knowledge_done"),
            draft.knowledge,
            lambda: change(knowledge=not draft.knowledge),
        ),
        text_field(
            look,
            t("delegation.field.result"),
            draft.result,
            lambda value: change(result=value),
            length=120,
            problem=said.get("knowledge", ""),
        ),
        confirm_box(
            look, t("delegation.practice_done"), draft.practice, lambda: change(practice=not draft.practice)
        ),
        *([look.text(said["practice"], "small", look.palette.late)] if "practice" in said else []),
        text_field(
            look,
            t("delegation.field.note"),
            draft.note,
            lambda value: change(note=value),
            lines=2,
            length=500,
        ),
        look.text(t("delegation.issue_then"), "small", look.palette.ink2),
    ]
    says = tasks_of(look, sorted(draft.tasks)) if draft.tasks else None
    main = Action(t("delegation.issue"), save, ft.Icons.CHECK_ROUNDED, identifier="save-issue")
    return frame(look, back_bar(look, shift, t("common.back")), body, thumb_bar(look, main, says=says))

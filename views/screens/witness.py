"""Vem är med? Two sign on one phone: the second one is chosen, and gives their own code."""

import inspect
from collections.abc import Callable

import flet as ft

from care.facts import Fact
from storage import NoSlot, SlotClosed, WrongPin
from views.components import Action, empty, error_card, frame, people, thumb_bar
from views.model import reading, witnessing
from views.model.shift import Shift
from views.places import Witness
from views.screens.code import code_pad, wrong_words
from views.screens.parts import back_bar, header_of
from views.theme import Look, use_look


def witness(shift: Shift, place: Witness) -> ft.Control:
    look = use_look()
    t = look.t
    chosen, choose = ft.use_state("")
    digits, set_digits = ft.use_state("")
    fault, set_fault = ft.use_state("")
    trying, set_trying = ft.use_state(False)
    pending: witnessing.Pending | None = shift.witnessed
    head = back_bar(look, shift, t("common.back"))
    if pending is None:
        return frame(look, head, [empty(look, t("sign.gone"), t("sign.gone_detail"))])
    colleagues = witnessing.who(shift)
    slot = next((one for one in colleagues if one.staff == chosen), None)

    def enter(change: Callable[[str], str]) -> None:
        set_digits(change)
        set_fault("")

    async def alone() -> None:
        await done(shift, pending, await pending.state())

    async def together() -> None:
        entered = digits
        set_digits("")
        set_trying(True)
        try:
            facts = await witnessing.together(shift, pending, chosen, entered)
        except WrongPin as wrong:
            set_fault(wrong_words(look, wrong))
        except (SlotClosed, NoSlot):
            set_fault(t("code.closed"))
        else:
            await done(shift, pending, facts)
        finally:
            set_trying(False)

    body: list[ft.Control] = [error_card(look, fault)] if fault else []
    body += [*about(look, shift, pending), look.heading(t("witness.who"), "h2")]
    without = Action(t("witness.nobody"), alone, ft.Icons.PERSON_OFF_ROUNDED, identifier="alone")
    if slot is not None:
        body += [
            people(look, [(slot.staff, slot.name, t(f"title.{slot.title}"))], chosen, lambda _: choose("")),
            look.text(t("witness.code", name=slot.name.split()[0]), "body"),
        ]
        pad = code_pad(look, digits, enter, t("witness.saw"), together, busy=trying)
        return frame(look, head, body, pad, sheet=True)
    if colleagues:
        tiles = [(one.staff, one.name, t(f"title.{one.title}")) for one in colleagues]
        body.append(people(look, tiles, chosen, choose))
    else:
        body.append(look.text(t("witness.none_here"), "body"))
    body.append(look.text(t("witness.nobody_detail"), "small", look.palette.ink2))
    return frame(look, head, body, thumb_bar(look, None, [without]))


def about(look: Look, shift: Shift, pending: witnessing.Pending) -> list[ft.Control]:
    person = reading.person(shift, pending.person)
    return (
        [header_of(look, person, pending.what, flags=False)]
        if person
        else [look.text(pending.what, "strong")]
    )


async def done(shift: Shift, pending: witnessing.Pending, facts: list[Fact]) -> None:
    shift.witnessed = None
    answer = pending.then(facts[0])
    if inspect.isawaitable(answer):
        await answer

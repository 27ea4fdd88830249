"""Signing as done, to its end: a second person where the order wants one, then the next task of the same
person, and the receipt."""

from typing import Any

from care.facts import Fact
from care.today import Task
from views.model import reading, signing
from views.model.shift import Shift
from views.model.signing import Done
from views.model.stock import Part
from views.model.witnessing import Pending
from views.places import Sign, Today, Witness
from views.screens.signed import say_signed
from views.theme import Look


async def sign_given(look: Look, shift: Shift, task: Task, outcome: Done = "given", **details: Any) -> None:
    """Sign a task; `details` are those of `signing.give`."""
    key = "sign.receipt" if outcome == "given" else f"sign.receipt_{outcome}"

    async def state() -> list[Fact]:
        return await signing.give(shift, task, outcome, **details)

    def then(fact: Fact) -> None:
        go_on(shift, task)
        say_signed(look, shift, task, fact, key)

    part: Part | None = details.get("part")
    if task.dose.plan.witness or (part and part.broken):
        amount = details.get("amount") or task.dose.plan.amount
        what = ", ".join(word for word in (task.dose.plan.what, amount) if word)
        shift.witnessed = Pending(task.person.id, what, state, then)
        shift.go(Witness())
        return
    then((await state())[0])


def go_on(shift: Shift, task: Task) -> None:
    """To the next task of the same person, or home."""
    following = reading.next_of(shift, task)
    if following is None:
        shift.home()
        return
    shift.stack = [Today()]
    shift.go(Sign(following.dose.id))

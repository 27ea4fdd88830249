"""Signing: given, not given, taken back. Each is one fact; undo is a correction like any other."""

from datetime import datetime
from typing import Literal

from care.dose import DoseCorrected, DoseDocument, DoseGiven, DoseWithheld, Reason
from care.facts import Fact, Ref
from care.signing import MaySign
from care.today import Task
from storage import Statement
from views.model import reading, stock, unheard
from views.model.reading import right_at
from views.model.shift import Shift

Done = Literal["given", "partly_given", "sent_along"]


async def give(
    shift: Shift,
    task: Task,
    outcome: Done = "given",
    already: bool = False,
    performed: datetime | None = None,
    amount: str = "",
    value: float | None = None,
    note: str = "",
    part: stock.Part | None = None,
) -> list[Fact]:
    """Sign a task as done, now or at `performed`; the signature comes first, then what it took from a ledger.

    It names the delegation relied on at that moment; `already` records it without one. `amount`: how much it
    was, where that is not what the order says; `part`: that of a narcotic, as it is counted.
    """
    at = performed or shift.phone.now()
    right, plan = right_at(shift, task, at), task.dose.plan
    delegation = right.delegation if isinstance(right, MaySign) else None
    silence = unheard.said(shift) if delegation else None
    body = DoseGiven(
        order=task.dose.order,
        planned=task.dose.at,
        performed=at,
        amount=amount or plan.amount,
        outcome=outcome,
        order_fact=task.dose.version,
        delegation=delegation,
        already_given=already,
        value=value,
        value_unit=plan.value.unit if plan.value and value is not None else "",
        unheard_since=silence.since if silence else None,
        unheard_reason=silence.reason if silence else None,
        note=note,
    )
    used = stock.used(shift, plan, task.person.id, at, task.dose.id, part)
    return await shift.save(_about(task, shift, body), *used)


async def withhold(shift: Shift, task: Task, reason: Reason, calls: bool) -> Fact:
    """Sign a task as not done, and why. `calls`: the carer rings the nurse; otherwise the app tells her."""
    body = DoseWithheld(
        order=task.dose.order,
        planned=task.dose.at,
        performed=shift.phone.now(),
        reason=reason,
        order_fact=task.dose.version,
        caller=calls,
    )
    return (await shift.save(_about(task, shift, body)))[0]


async def take_back(shift: Shift, dose: str, person: str, fact: str, reason: str = "") -> None:
    """Take one signature back; both it and the correction stay readable."""
    body = DoseCorrected(corrects=fact, reason=reason)
    back = Statement(body, Ref("dose", dose), shift.me.unit, person)
    held = reading.one(shift, DoseDocument, dose)
    signature = held.signature(fact) if held else None
    await shift.save(back, *stock.put_back(shift, person, dose, signature))


def _about(task: Task, shift: Shift, body: DoseGiven | DoseWithheld) -> Statement:
    return Statement(body, Ref("dose", task.dose.id), shift.me.unit, task.person.id)

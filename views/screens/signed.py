"""Signatures as they stand, and the way to take back one's own: at once in the first minute, then with a
reason."""

from collections.abc import Callable
from typing import Any

import flet as ft

from care.as_needed import plan_at
from care.dose import Signature
from care.facts import Fact
from care.locking import is_locked
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import PrnDocument
from care.signing import Done, entered_after, given_late, lacks_witness
from care.today import Task
from care.unit import UnitDocument
from views import dates
from views.components import banner, button, card
from views.components import sign as small_sign
from views.model import needed, reading, signing
from views.model.shift import UNDO_FOR, Shift
from views.places import Correct
from views.screens.parts import local
from views.theme import Look


def signed_rows(look: Look, shift: Shift, task: Task) -> list[ft.Control]:
    """Each standing signature; a double one is said first."""
    assert task.document
    rows: list[ft.Control] = []
    if task.state == "double_signed":
        rows.append(banner(look, "late", look.t("signed.double"), look.t("signed.double_detail")))
    for one in task.document.standing:
        again = _way_back(
            shift, "dose", task.dose.id, one, lambda one=one: _undo_dose(look, shift, task, one)
        )
        rows.append(signature_card(look, shift, one, flags_of(shift, task, one), again))
    return rows


def flags_of(shift: Shift, task: Task, signature: Signature) -> list[str]:
    """What there is to know of a planned dose's signature, each a key of the texts."""
    late = ["signed.late"] if given_late(task.dose, signature) else []
    return [*common_flags(shift, Done(signature, task.dose.plan, task.person.id, shift.me.unit)), *late]


def common_flags(shift: Shift, done: Done) -> list[str]:
    """What there is to know of any signature: its right first."""
    signature, how = done.signature, reading.standing_of(shift, done)
    # When it was registered is said on the card; here, where no time says it.
    said = how == "right" or (how == "late_registered" and entered_after(signature))
    return [
        *([] if said else [f"signed.{how}"]),
        *(["signed.no_witness"] if lacks_witness(done.plan, signature) else []),
        *(["signed.unheard"] if signature.unheard_since else []),
    ]


def signature_card(
    look: Look, shift: Shift, signature: Signature, flags: list[str], take_back: Callable[[], Any] | None
) -> ft.Control:
    """Who, when and what; `take_back` is the way to take back one's own."""
    t = look.t
    by = reading.name_of(shift, signature.by) or t("signed.unknown_person")
    at = dates.moment(local(signature.performed), shift.phone.now(), t)
    lines: list[ft.Control] = [
        look.text(t(f"today.{signature.outcome}"), "h2"),
        look.text(t("signed.by", name=by, at=at), "body", look.palette.ink2),
    ]
    if entered_after(signature):
        lines.append(look.text(entered(look, shift, signature), "body", look.palette.ink2))
    if signature.reason:
        lines.append(look.text(t(f"reason.{signature.reason}"), "strong"))
    if signature.value is not None:
        value = f"{signature.value:g}".replace(".", ",")
        lines.append(look.text(f"{value} {signature.value_unit}".strip(), "strong"))
    if signature.outcome == "partly_given":
        lines.append(look.text(signature.amount, "strong"))
    if signature.note:
        lines.append(look.text(signature.note))
    if names := ", ".join(filter(None, (reading.name_of(shift, one) for one in signature.witnesses))):
        lines.append(look.text(t("signed.witnessed", names=names), "body", look.palette.ink2))
    for flag in flags:
        words = small_sign(look, t(flag), icon=ft.Icons.INFO_ROUNDED, tone="late")
        lines.append(ft.Row([words], wrap=True))  # or it goes out of the card at 200 %
    if take_back:
        # Locked: what is said now is added, and both remain (PDL 3:10).
        closed = is_locked(signature.stated, shift.phone.now(), _lock_days(shift))
        if closed:
            lines.append(look.text(t("signed.locked"), "body", look.palette.ink2))
        lines.append(
            button(
                look,
                t("signed.correct" if closed else "signed.take_back"),
                take_back,
                kind="outlined",
                icon=ft.Icons.UNDO_ROUNDED,
                identifier="take-back",
            )
        )
    return card(look, lines)


def entered(look: Look, shift: Shift, signature: Signature) -> str:
    """When and by whom it was registered, of what was told afterwards or entered from paper."""
    by = reading.name_of(shift, signature.author) or look.t("signed.unknown_person")
    at = dates.moment(local(signature.stated), shift.phone.now(), look.t)
    key = "signed.entered_paper" if signature.performer else "signed.entered"
    return look.t(key, name=by, at=at)


def _way_back(
    shift: Shift, kind: str, id: str, signature: Signature, undo: Callable[[], Any]
) -> Callable[[], Any] | None:
    """One's own: within a minute it is taken back, after that with a reason."""
    if signature.author != shift.me.staff:
        return None
    if shift.phone.now() - signature.stated <= UNDO_FOR:
        return undo
    return lambda: shift.go(Correct(kind, id, signature.fact))


def _lock_days(shift: Shift) -> int:
    unit = reading.one(shift, UnitDocument, shift.me.unit)
    return (unit or UnitDocument(id=shift.me.unit)).settings.lock_after_days


async def _undo_dose(look: Look, shift: Shift, task: Task, signature: Signature) -> None:
    await signing.take_back(shift, task.dose.id, task.person.id, signature.fact)
    shift.say_saved(task.person.listed, look.t("signed.taken_back"))


def given_rows(look: Look, shift: Shift, plan: Plan, document: PrnDocument) -> list[ft.Control]:
    """What was given as needed, and how it helped."""

    async def undo(fact: str) -> None:
        await needed.take_back(shift, document, fact)
        shift.changed()

    rows: list[ft.Control] = []
    for one in document.standing:
        again = _way_back(shift, "prn", document.id, one, lambda one=one: undo(one.fact))
        order = reading.one(shift, OrderDocument, document.order)
        then = (plan_at(order, one.performed) if order else None) or plan
        flags = common_flags(shift, Done(one, then, document.person or "", document.unit))
        rows.append(signature_card(look, shift, one, flags, again))
    return rows


def say_signed(look: Look, shift: Shift, task: Task, fact: Fact, key: str = "sign.receipt") -> None:
    """The receipt, with the way back for a minute."""

    async def undo() -> None:
        await signing.take_back(shift, task.dose.id, task.person.id, fact.id)
        shift.dismiss()

    say(look, shift, task.person, task.dose.plan, fact, key, undo)


def say_given(
    look: Look, shift: Shift, person: PersonDocument, plan: Plan, fact: Fact, key: str = "sign.receipt"
) -> None:
    """The same for what is given as needed."""

    async def undo() -> None:
        document = reading.one(shift, PrnDocument, fact.aggregate.id)
        if document:
            await needed.take_back(shift, document, fact.id)
        shift.dismiss()

    say(look, shift, person, plan, fact, key, undo)


def say(
    look: Look,
    shift: Shift,
    person: PersonDocument,
    plan: Plan,
    fact: Fact,
    key: str,
    undo: Callable[[], Any],
) -> None:
    at = dates.clock(local(fact.at))
    shift.say_saved(f"{person.listed}, {(plan.short or plan.what).lower()}", look.t(key, at=at), undo)

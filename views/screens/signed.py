"""Signatures as they stand, and the way to take back one's own."""

import flet as ft

from care.delegation import DelegationDocument
from care.dose import Signature
from care.facts import Fact
from care.locking import is_locked
from care.signing import standing
from care.staff import StaffDocument
from care.today import Task
from care.unit import UnitDocument
from views import dates
from views.components import banner, button, card
from views.components import sign as small_sign
from views.model import reading, signing
from views.model.shift import Shift
from views.screens.parts import local
from views.theme import Look


def signed_rows(look: Look, shift: Shift, task: Task) -> list[ft.Control]:
    """Each standing signature; a double one is said first."""
    assert task.document
    rows: list[ft.Control] = []
    if task.state == "double_signed":
        rows.append(banner(look, "late", look.t("signed.double"), look.t("signed.double_detail")))
    return rows + [_signature(look, shift, task, one) for one in task.document.standing]


def _signature(look: Look, shift: Shift, task: Task, signature: Signature) -> ft.Control:
    t = look.t
    by = reading.name_of(shift, signature.author) or t("signed.unknown_person")
    at = dates.moment(local(signature.performed), shift.phone.now(), t)
    lines: list[ft.Control] = [
        look.text(t(f"today.{signature.outcome}"), "h2"),
        look.text(t("signed.by", name=by, at=at), "body", look.palette.ink2),
    ]
    if signature.reason:
        lines.append(look.text(t(f"reason.{signature.reason}"), "strong"))
    author = reading.one(shift, StaffDocument, signature.author)
    held = reading.all_of(shift, DelegationDocument)
    how = standing(signature, author, task.dose, shift.me.unit, held)
    if how != "right":
        lines.append(ft.Row([small_sign(look, t(f"signed.{how}"), icon=ft.Icons.INFO_ROUNDED, tone="late")]))
    if signature.author == shift.me.staff:
        # Locked: what is said now is added, and both remain (PDL 3:10).
        closed = is_locked(signature.stated, shift.phone.now(), _lock_days(shift))
        if closed:
            lines.append(look.text(t("signed.locked"), "body", look.palette.ink2))
        lines.append(
            button(
                look,
                t("signed.correct" if closed else "signed.take_back"),
                lambda: _take_back(look, shift, task, signature),
                kind="outlined",
                icon=ft.Icons.UNDO_ROUNDED,
            )
        )
    return card(look, lines)


def _lock_days(shift: Shift) -> int:
    unit = reading.one(shift, UnitDocument, shift.me.unit)
    return (unit or UnitDocument(id=shift.me.unit)).settings.lock_after_days


async def _take_back(look: Look, shift: Shift, task: Task, signature: Signature) -> None:
    await signing.take_back(shift, task, signature.fact)
    shift.say_saved(task.person.listed, look.t("signed.taken_back"))


def say_signed(look: Look, shift: Shift, task: Task, fact: Fact, key: str = "sign.receipt") -> None:
    """The receipt, with the way back for a minute."""

    async def undo() -> None:
        await signing.take_back(shift, task, fact.id)
        shift.dismiss()

    at = dates.clock(local(fact.at))
    plan = task.dose.plan
    shift.say_saved(f"{task.person.listed}, {(plan.short or plan.what).lower()}", look.t(key, at=at), undo)

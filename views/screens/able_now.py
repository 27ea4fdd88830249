"""Vem kan vad i dag: by kind of task who may do it now, on the phone of who is legitimerad."""

import flet as ft

from views.components import card, colleague_row, colleagues_card, empty, frame, section_title
from views.model import delegations
from views.model.delegations import Able
from views.model.dial import dial
from views.model.shift import Shift
from views.places import AbleNow
from views.screens.parts import back_bar
from views.theme import Look, use_look


def able_now(shift: Shift, place: AbleNow) -> ft.Control:
    look = use_look()
    t = look.t
    head = back_bar(look, shift, t("common.back"))
    body: list[ft.Control] = [look.heading(t("console.delegations.shift"))]
    if not delegations.issuable(shift):
        return frame(look, head, [*body, empty(look, t("delegation.gone"))])
    free, tasks = delegations.able_now(shift)
    for task, who in tasks.items():
        title, icon = t(f"task.{task}"), ft.Icons.VERIFIED_USER_ROUNDED
        tone = "quiet" if who else "late"
        body.append(section_title(look, title, len(who), icon=icon, tone=tone))  # type: ignore[arg-type]
        rows = [
            colleague_row(look, one.staff.name, _said(look, one), dial(look, one.staff.phone)) for one in who
        ]
        body.append(
            colleagues_card(look, rows)
            if rows
            else card(look, [look.text(t("delegation.can_nobody"), "body", look.palette.ink2)])
        )
    if free:
        words = t("delegation.can_without")
        body.append(section_title(look, words, len(free), icon=ft.Icons.MEDICAL_SERVICES_ROUNDED))
        rows = [colleague_row(look, one.name, t(f"title.{one.title}"), dial(look, one.phone)) for one in free]
        body.append(colleagues_card(look, rows))
    return frame(look, head, body)


def _said(look: Look, one: Able) -> str:
    """*Undersköterska. Vissa personer, har signerat i dag*."""
    t = look.t
    some = t("delegation.can.some") if one.reach == "some" else ""
    more = ", ".join(word for word in (some, t("delegation.at_work") if one.at_work else "") if word)
    return ". ".join(word for word in (t(f"title.{one.staff.title}"), more) if word)

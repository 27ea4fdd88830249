"""Vid behov: what may be given when it is needed, why and how often, and who may. Signing it comes later."""

import flet as ft

from care.delegation import DelegationDocument
from care.order import AsNeeded, OrderDocument, Plan
from care.person import PersonDocument
from care.signing import MaySign, right_to_sign, who_can
from care.staff import StaffDocument
from views import dates
from views.components import (
    Action,
    banner,
    card,
    divider,
    empty,
    frame,
    info_line,
    note,
    person_header,
    thumb_bar,
)
from views.model import needed, reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import AsNeededList
from views.screens.parts import ICONS, back_bar, flags_of, local
from views.theme import Look, Space, use_look


def as_needed(shift: Shift, place: AsNeededList) -> ft.Control:
    look = use_look()
    t = look.t
    found = needed.orders(shift)
    nurse = reading.nurse(shift)
    body: list[ft.Control] = [look.heading(t("needed.title"))]
    if found:
        body.append(
            banner(
                look, "late", t("needed.ask_first"), t("needed.not_signed_here"), icon=ft.Icons.INFO_ROUNDED
            )
        )
        body += [order_card(look, shift, person, order) for person, order in found]
    else:
        body.append(empty(look, t("needed.nothing"), t("needed.nothing_detail")))
    bar = None
    if nurse:
        call = dial(look, nurse.phone)
        bar = thumb_bar(
            look,
            Action(t("case.call", name=nurse.name), call, ft.Icons.CALL_ROUNDED, identifier="call-nurse"),
        )
    return frame(look, back_bar(look, shift, t("today.title")), body, bar)


def order_card(look: Look, shift: Shift, person: PersonDocument, order: OrderDocument) -> ft.Control:
    """Whom, what, why, how often and who may."""
    t, p, plan = look.t, look.palette, order.plan
    assert plan is not None
    assert plan.as_needed is not None
    why = plan.as_needed.indication
    born = t("common.born", day=dates.day(person.born, t)) if person.born else ""
    what = ft.Row(
        [look.icon(ICONS[plan.form], p.ink2), look.text(plan.what, "strong", expand=1)], spacing=Space.M
    )
    parts: list[ft.Control] = [
        person_header(
            look,
            name=person.listed,
            second=person.street or born,
            room=person.room or None,
            flags=flags_of(look, person),
        ),
        divider(look),
        what,
        look.text(plan.amount, "dose"),
        look.text(t("needed.for", what=why[:1].lower() + why[1:]), "strong"),
        look.text(limits(look, plan.as_needed), "body"),
    ]
    if plan.route:
        parts.append(look.text(plan.route, "body", p.ink2))
    if order.paused_at(shift.phone.now()):
        parts.append(info_line(look, t("needed.paused"), icon=ft.Icons.PAUSE_CIRCLE_ROUNDED, tone="late"))
    if plan.note:
        by = reading.name_of(shift, order.by)
        parts.append(note(look, plan.note, t("sign.note_by", name=by) if by else ""))
    parts.append(right(look, shift, plan, person))
    return card(look, parts, spacing=Space.M)


def limits(look: Look, limit: AsNeeded) -> str:
    """*Minst 4 timmar mellan. Högst 3000 mg på ett dygn.*"""
    hours = f"{limit.min_hours:g}".replace(".", ",")
    most = f"{limit.max_per_24h:g}".replace(".", ",")
    return look.t("needed.limits", hours=hours, most=most, unit=limit.unit)


def right(look: Look, shift: Shift, plan: Plan, person: PersonDocument) -> ft.Control:
    """Whether the reader may give it, otherwise who may."""
    t, now = look.t, shift.phone.now()
    held = reading.all_of(shift, DelegationDocument)
    me = reading.me(shift)
    mine = right_to_sign(me, plan, person.id, shift.me.unit, now, held) if me else None
    if isinstance(mine, MaySign):
        if not mine.until:
            return info_line(look, t("sign.no_delegation_needed"))
        until = dates.day(local(mine.until).date(), t)
        what = t(f"task.{plan.requires}")
        return info_line(look, t("sign.have_delegation"), t("sign.valid_until", what=what, day=until))
    able = who_can(reading.all_of(shift, StaffDocument), plan, person.id, shift.me.unit, now, held)
    names = ", ".join(one.name for one in able[:6])
    words = t("needed.who", names=names) if names else t("not_mine.nobody")
    return info_line(look, t("sign.no_delegation"), words, icon=ft.Icons.LOCK_ROUNDED, tone="late")

"""Vid behov: what may be given when it is needed, why and how often, and when it may be given again."""

import flet as ft

from care.as_needed import Blocked, MayGive
from care.order import AsNeeded, OrderDocument
from care.person import PersonDocument
from views import dates
from views.components import (
    Action,
    banner,
    card,
    divider,
    empty,
    frame,
    info_line,
    person_header,
    pressable,
    thumb_bar,
)
from views.model import needed, reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import AsNeededList, GiveAsNeeded
from views.screens.parts import ICONS, back_bar, flags_of, local
from views.theme import Look, Radius, Space, use_look

SAME_SHOWN = 4
"""So many givings of the same substance are named."""


def as_needed(shift: Shift, place: AsNeededList) -> ft.Control:
    look = use_look()
    t = look.t
    found = needed.orders(shift)
    nurse = reading.nurse(shift)
    body: list[ft.Control] = [look.heading(t("needed.title"))]
    body += [order_card(look, shift, person, order) for person, order in found]
    if not found:
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
    """Whom, what, why, and whether it may be given now. The whole card leads there."""
    t, p, plan = look.t, look.palette, order.plan
    assert plan is not None
    assert plan.as_needed is not None
    born = t("common.born", day=dates.day(person.born, t)) if person.born else ""
    what = ft.Row(
        [look.icon(ICONS[plan.form], p.ink2), look.text(f"{plan.what}, {plan.amount}", "strong", expand=1)],
        spacing=Space.M,
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
        look.text(why(look, plan.as_needed), "body"),
        state_line(look, shift, needed.allowed(shift, order)),
        *same_line(look, shift, order),
    ]
    return pressable(
        look,
        ft.Column(parts, spacing=Space.M, expand=True),
        lambda: shift.go(GiveAsNeeded(order.id)),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.L,
        identifier=f"needed-{order.id}",
    )


def why(look: Look, limit: AsNeeded) -> str:
    """*Vid smärta*."""
    return look.t("needed.for", what=limit.indication[:1].lower() + limit.indication[1:])


def state_line(look: Look, shift: Shift, found: MayGive | Blocked) -> ft.Control:
    """*Kan ges nu*, or when at the earliest; and when it was given last."""
    t = look.t
    last = t("needed.last", at=moment(look, shift, found.last)) if found.last else t("needed.never")
    if isinstance(found, MayGive):
        return info_line(look, t("needed.may"), last)
    if found.next:
        words = t("needed.from", at=moment(look, shift, found.next))
        return info_line(look, words, last, icon=ft.Icons.SCHEDULE_ROUNDED, tone="late")
    icon = ft.Icons.PAUSE_CIRCLE_ROUNDED
    return info_line(look, t(f"needed.block_{found.why}"), last, icon=icon, tone="late")


def same_line(look: Look, shift: Shift, order: OrderDocument) -> list[ft.Control]:
    """In the list: that the same substance was given in another order, and when last."""
    found = needed.same_substance(shift, order)
    if found is None:
        return []
    last = found.others[0]
    words = look.t("same.given", what=last.what, amount=last.amount, at=moment(look, shift, last.at))
    return [info_line(look, look.t("same.title"), words, icon=ft.Icons.WARNING_ROUNDED, tone="late")]


def moment(look: Look, shift: Shift, at: object) -> str:
    return dates.moment(local(at), shift.phone.now(), look.t)  # type: ignore[arg-type]


def limits(look: Look, limit: AsNeeded) -> str:
    """*Minst 4 timmar mellan. Högst 3000 mg på ett dygn.*"""
    t = look.t
    return t("needed.limits", hours=amount(limit.min_hours), most=amount(limit.max_per_24h), unit=limit.unit)


def amount(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def knowledge(look: Look, shift: Shift) -> ft.Control:
    """How old what this phone knows of the others is."""
    t, at = look.t, needed.heard(shift)
    if not needed.is_old(shift) and at:
        return info_line(
            look, t("needed.known", at=moment(look, shift, at)), icon=ft.Icons.SYNC_ROUNDED, tone="quiet"
        )
    since = t("needed.known", at=moment(look, shift, at)) if at else t("needed.known_never")
    return info_line(look, since, t("needed.known_old"), icon=ft.Icons.SYNC_PROBLEM_ROUNDED, tone="late")


def same_warning(look: Look, shift: Shift, order: OrderDocument) -> list[ft.Control]:
    """What was given of the same substance in other orders, and what that means for this one."""
    found = needed.same_substance(shift, order)
    plan = order.plan
    if found is None or plan is None or plan.as_needed is None:
        return []
    t, limit = look.t, plan.as_needed
    given = [
        t("same.given", what=one.what, amount=one.amount, at=moment(look, shift, one.at))
        for one in found.others[:SAME_SHOWN]
    ]
    said = {
        "interval": t("same.interval", hours=amount(limit.min_hours)),
        "most": t(
            "same.most",
            total=amount((found.total or 0) + limit.dose),
            most=amount(limit.max_per_24h),
            unit=limit.unit,
        ),
        "not_summed": t("same.not_summed"),
    }
    ask = [t("same.ask")] if found.warns else []
    lines = [*(said[one] for one in found.warns), *ask, *given]
    return [banner(look, "late", t("same.title"), "\n".join(lines))]


def summary(look: Look, shift: Shift, limit: AsNeeded, found: MayGive | Blocked) -> ft.Control:
    """What was given in the last 24 hours, of how much, and how old that knowledge is."""
    t = look.t
    total = t("needed.total", total=amount(found.total), most=amount(limit.max_per_24h), unit=limit.unit)
    last = t("needed.last", at=moment(look, shift, found.last)) if found.last else t("needed.never")
    return card(
        look,
        [
            look.text(total, "strong"),
            look.text(last),
            look.text(limits(look, limit), "small", look.palette.ink2),
        ],
    )

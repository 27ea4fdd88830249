"""What the pages of orders draw the same way: an order's state, what it says, and its next days."""

from collections.abc import Iterable, Sequence
from datetime import date

import flet as ft

from care.order import Plan
from care.order_state import DayAhead, State
from care.order_words import Change, Row, when
from care.schedule import Planned
from views import dates
from views.components import banner, sign, value_row, worded_row
from views.model.ordering import Known
from views.screens.parts import local
from views.theme import Look, Space, Tone

SIGNS: dict[State, tuple[Tone, ft.IconData]] = {
    "active": ("done", ft.Icons.CHECK_CIRCLE_ROUNDED),
    "coming": ("quiet", ft.Icons.EVENT_ROUNDED),
    "paused": ("late", ft.Icons.PAUSE_CIRCLE_ROUNDED),
    "ended": ("quiet", ft.Icons.SCHEDULE_ROUNDED),
    "stopped": ("quiet", ft.Icons.CANCEL_ROUNDED),
}


def named(plan: Plan) -> str:
    """*Alvedon 500 mg*."""
    return f"{plan.what} {plan.strength}".strip()


def in_words(look: Look, plan: Plan) -> str:
    """*1 tablett, varje dag 08:00 och 20:00*."""
    return f"{plan.amount}, {when(plan, look.t)}"


def state_signs(look: Look, known: Known) -> ft.Control:
    tone, icon = SIGNS[known.state]
    signs: list[ft.Control] = [sign(look, look.t(f"order.state.{known.state}"), icon=icon, tone=tone)]
    if known.state == "paused" and known.pause:
        signs.append(sign(look, look.t(f"order.cause.{known.pause.cause}"), tone="late"))
    if known.plan.narcotic:
        signs.append(sign(look, look.t("order.field.narcotic")))
    return ft.Row(signs, wrap=True, spacing=6, run_spacing=6)


def said(look: Look, row: Row) -> str:
    """What a row says; a task type by its name, a day as one says it."""
    if row.field in ("start", "end"):
        return dates.day(date.fromisoformat(row.text), look.t)
    return look.t(f"task.{row.text}") if row.field == "requires" else row.text


def facts(look: Look, rows: Iterable[Row]) -> list[ft.Control]:
    """What an order says: each thing under its name."""
    return [worded_row(look, look.t(f"order.field.{row.field}"), said(look, row)) for row in rows]


def ahead_rows(look: Look, days: Sequence[DayAhead] | None, amount: str) -> list[ft.Control]:
    """Day by day; an amount is said where it is another than the order's."""
    t = look.t
    if days is None:
        return [banner(look, "late", t("order.unreadable"))]
    rows: list[ft.Control] = []
    for one in days:
        name = f"{dates.weekday(one.day, t).capitalize()} {dates.month_day(one.day, t)}"
        doses = ", ".join(dose_words(dose, amount) for dose in one.doses) or t("order.no_dose")
        if not one.doses and not look.large:
            name_ = look.text(name, "small", look.palette.ink2, expand=1)
            rows.append(ft.Row([name_, look.text(doses, "small", look.palette.ink2)], spacing=Space.S))
        elif look.large or len(doses) > 24:
            rows.append(worded_row(look, name, doses))
        else:
            rows.append(value_row(look, name, doses))
    return [ft.Column(rows, spacing=Space.S, tight=True)]


def dose_words(dose: Planned, amount: str) -> str:
    """*08:00*, or *20:00 2 tabletter*."""
    at = dates.clock(local(dose.at))
    return at if dose.plan.amount == amount else f"{at} {dose.plan.amount}"


def change_words(look: Look, change: Change) -> list[ft.Control]:
    """What a field said before and says now."""
    p = look.palette
    before, after = (
        said(look, Row(change.field, text)) if text else "–" for text in (change.before, change.after)
    )
    return [
        look.text(look.t(f"order.field.{change.field}"), "small", p.ink2),
        look.text(after, "strong"),
        look.text(look.t("order.before", what=before), "small", p.ink2),
    ]

"""When an order is done: times in plain words that are said back, its days, and as needed within limits."""

from datetime import date, timedelta

import flet as ft
from msgspec.structs import replace

from care.days import together, words
from care.days_said import Said, read
from care.signing import local_day
from views import dates
from views.components import Option, info_line, question
from views.screens.order_form import Form
from views.theme import Space

LASTS = (7, 10)
"""Days of a cure, such as of antibiotics, that are one press."""


def times(form: Form) -> list[ft.Control]:
    """In plain words, and what was understood at once."""
    t, look = form.look.t, form.look
    drawn = form.field(
        "when", hint=t("order.hint.when"), help="" if form.fields.when else t("order.help.when")
    )
    parts = [drawn]
    if understood := said_back(form):
        parts.append(info_line(look, understood, icon=ft.Icons.EVENT_REPEAT_ROUNDED, tone="accent"))
    return [ft.Column(parts, spacing=Space.S, tight=True)]


def said_back(form: Form) -> str:
    """*Varje dag 08:00 och 20:00*; "" while it says no time yet."""
    first, _, rest = form.fields.when.strip().partition(" ")
    by_rule = first.upper().startswith("FREQ=")
    found = read(rest if by_rule else form.fields.when)
    if not isinstance(found, Said) or not found.times:
        return ""
    rule = first.upper() if by_rule else found.days.rule
    said = f"{words(rule, form.look.t)} {together(list(found.times), form.look.t)}"
    return said[:1].upper() + said[1:]


def limits(form: Form) -> list[ft.Control]:
    """What it is for, how often and how much at most."""
    t = form.look.t
    return [
        form.field("indication", hint=t("order.hint.indication")),
        form.pair(form.field("min_hours", hint="4"), form.field("limit_unit", hint=t("order.hint.unit"))),
        form.pair(
            form.field("dose", hint=t("order.hint.dose")),
            form.field("max_per_24h", hint=t("order.hint.most")),
        ),
        form.look.text(t("order.help.dose"), "small", form.look.palette.ink2),
        form.field("effect_minutes", keyboard=ft.KeyboardType.NUMBER),
    ]


def days_fold(form: Form) -> ft.Control:
    """First and last day, and amounts that change."""
    t, fields = form.look.t, form.fields
    start = _day(fields.start)
    said = [t("order.from_day", day=_said(form, start)) if start else t("order.from_today")]
    if end := _day(fields.end):
        said.append(t("order.to_day", day=_said(form, end)))
    if fields.steps.strip():
        said.append(t("order.field.steps").lower())

    def inside() -> list[ft.Control]:
        more = [] if fields.needed else [form.field("amounts", help=t("order.help.amounts"), lines=2)]
        steps = form.field("steps", help=t("order.help.steps"), lines=2)
        return [first_day(form), last_day(form), *more, steps]

    holds = ("start", "end", "steps", "amounts")
    return form.fold("days", t("order.part.days"), ", ".join(said), holds, inside)


def first_day(form: Form) -> ft.Control:
    """Today, tomorrow, or a day that is written."""
    t, fields = form.look.t, form.fields
    today = local_day(form.shift.phone.now())
    tomorrow = today + timedelta(days=1)
    options = [
        Option("", t("date.today").capitalize()),
        Option(tomorrow.isoformat(), t("date.tomorrow").capitalize()),
        Option("other", t("order.other_day")),
    ]
    written = fields.start not in ("", tomorrow.isoformat())
    return _dated(form, "start", options, written, today + timedelta(days=2))


def last_day(form: Form) -> ft.Control:
    """Until further notice, after so many days, or on a day that is written."""
    t, fields = form.look.t, form.fields
    first = _day(fields.start) or local_day(form.shift.phone.now())
    ends = {(first + timedelta(days=number - 1)).isoformat(): number for number in LASTS}
    options = [
        Option("", t("order.until_further").capitalize()),
        *(Option(end, t.n("date.days", number)) for end, number in ends.items()),
        Option("other", t("order.other_day")),
    ]
    written = bool(fields.end) and fields.end not in ends
    return _dated(form, "end", options, written, first + timedelta(days=LASTS[-1]))


def _dated(form: Form, name: str, options: list[Option], written: bool, other: date) -> ft.Control:
    """Days to choose among, and a field for another: filled with one, to be changed."""

    async def choose(value: str) -> None:
        if value != "other" or not written:
            text = other.isoformat() if value == "other" else value
            await form.write(lambda now: replace(now, fields=replace(now.fields, **{name: text})))

    chosen = "other" if written else getattr(form.fields, name)
    words = form.look.t(f"order.field.{name}")
    asked = question(form.look, words, options, chosen, choose, columns=2)
    if not written:
        problem = form.problem(name)
        told = [form.look.text(problem, "small", form.look.palette.late)] if problem else []
        return ft.Column([asked, *told], tight=True)
    return ft.Column([asked, form.field(name, keyboard=ft.KeyboardType.DATETIME)], tight=True)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(form: Form, day: date) -> str:
    return dates.relative_day(day, local_day(form.shift.phone.now()), form.look.t)


def window_fold(form: Form) -> ft.Control:
    """How long before and after its time it may be done."""
    t, fields = form.look.t, form.fields

    def inside() -> list[ft.Control]:
        number = ft.KeyboardType.NUMBER
        return [form.pair(form.field("before", keyboard=number), form.field("after", keyboard=number))]

    said = t("order.window", before=fields.before or "60", after=fields.after or "60")
    return form.fold("window", t("order.field.window"), said, ("before", "after"), inside)

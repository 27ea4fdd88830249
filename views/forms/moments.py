"""Dates and times: *Nu*, the pad, or *Vet inte*."""

from datetime import timedelta

import flet as ft

from care.forms import Item
from views import dates
from views.components import Option, button, question, small_button, value_field
from views.forms.asking import Asking
from views.forms.numbers import entry, shown_of
from views.model import filling as fillings
from views.model import measuring
from views.theme import Look, Space

DAYS = 6
"""How many days back a report is likely to reach; what is older is told in words."""


def moment(look: Look, asking: Asking, item: Item) -> ft.Control:
    """One question of type time, date or dateTime."""
    if item.type == "dateTime":
        return _day_and_clock(look, asking, item)
    filling, shift = asking.filling, asking.shift
    if filling.active == item.link_id:
        field = value_field(
            look,
            asking.words.ask(item),
            entry(item, filling.typed).shown,
            active=True,
            action=small_button(
                look, look.t("common.now"), lambda: _now(asking, item), icon=ft.Icons.SCHEDULE_ROUNDED
            ),
        )
        if not filling.impossible:
            return field
        again = look.t("vital.impossible", value=filling.impossible)
        return ft.Column([field, look.text(again, "strong", look.palette.late)], spacing=Space.S, tight=True)
    shown = shown_of(item, filling.in_hand(item))
    if item.link_id in filling.skipped:
        shown = look.t("common.unknown")
    line = value_field(
        look,
        asking.words.ask(item),
        shown,
        on_press=lambda: measuring.select(shift, filling, item),
        identifier=f"field-{item.link_id}",
    )
    quick = ft.Row(
        [
            button(look, look.t("common.now"), lambda: _now(asking, item), kind="outlined", expand=1),
            button(look, look.t("common.unknown"), lambda: _unknown(asking, item), kind="outlined", expand=1),
        ],
        spacing=Space.S,
    )
    missing = asking.problem(item, look.t("fill.missing"))
    told = [look.text(missing, "small", look.palette.late)] if missing else []
    return ft.Column([line, *([] if shown else [quick]), *told], spacing=Space.S, tight=True)


async def _now(asking: Asking, item: Item) -> None:
    now = asking.shift.phone.now()
    value = {
        "time": f"{now:%H:%M}:00",
        "date": now.date().isoformat(),
        "dateTime": now.isoformat(timespec="seconds"),
    }[item.type]
    asking.filling.active = ""
    await fillings.answer(asking.shift, asking.filling.key, item.link_id, [value])


async def _unknown(asking: Asking, item: Item) -> None:
    await fillings.skip(asking.shift, asking.filling.key, item.link_id)


def _day_and_clock(look: Look, asking: Asking, item: Item) -> ft.Control:
    """A day among the last ones, then an hour of it: nobody remembers more, and two taps suffice."""
    now = asking.shift.phone.now()
    value = str(next(iter(asking.filling.in_hand(item)), ""))
    day, _, clock = value.partition("T")
    days = [now.date() - timedelta(days=back) for back in range(DAYS)]
    names = [
        dates.relative_day(on, now.date(), look.t) if back < 2 else dates.weekday(on, look.t)
        for back, on in enumerate(days)
    ]
    options = [Option(on.isoformat(), name) for on, name in zip(days, names, strict=True)]
    skipped = "unknown" if item.link_id in asking.filling.skipped else None

    async def set_day(key: str) -> None:
        if key == "now":
            await _now(asking, item)
            return
        if key == "unknown":
            await _unknown(asking, item)
            return
        await fillings.answer(asking.shift, asking.filling.key, item.link_id, [key])

    async def set_hour(key: str) -> None:
        at = now.replace(hour=int(key), minute=0, second=0, microsecond=0)
        text = f"{day}T{at.isoformat(timespec='seconds').partition('T')[2]}"
        await fillings.answer(asking.shift, asking.filling.key, item.link_id, [text])

    ask = asking.words.ask(item)
    parts: list[ft.Control] = [
        question(
            look,
            ask,
            [
                Option("now", look.t("common.now")),
                *options,
                Option("unknown", look.t("common.unknown")),
            ],
            day or skipped,
            set_day,
            problem=asking.problem(item, look.t("fill.missing")),
        )
    ]
    if day:
        hours = [Option(f"{hour:02}", f"{hour:02}") for hour in range(24)]
        about = look.t("fill.about_when")
        parts.append(question(look, about, hours, clock[:2] or None, set_hour, columns=6))
    return ft.Column(parts, spacing=Space.M, tight=True)

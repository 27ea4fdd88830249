"""Numbers: one at a time and large, the last value at eye height, entered with the pad at the thumb."""

from decimal import Decimal
from functools import partial

import flet as ft

from care.forms import Item, Value
from care.news2 import LINK_IDS, Vitals, score
from views import dates
from views.components import Option, button, number_pad, question, sign, small_button, value_field
from views.forms.asking import Asking
from views.forms.chosen import earlier_line, not_measured, opener, reasons
from views.forms.numbers import entry, scale_of, shown_of, takes_comma, takes_minus
from views.model import filling as fillings
from views.model import measuring
from views.model.earlier import Last
from views.theme import Look, Space


def measured(look: Look, asking: Asking, item: Item) -> ft.Control:
    """One question of type integer, decimal or quantity."""
    if (numbers := scale_of(item)) is not None:
        return _scale(look, asking, item, numbers)
    filling = asking.filling
    last = asking.last.get(item.link_id)
    label = asking.words.ask(item)
    if filling.active != item.link_id:
        why = fillings.missing_item(filling, item)
        gone = bool(why and filling.answers.get(why.link_id))
        shown = look.t("vital.not_measured") if gone else shown_of(item, filling.in_hand(item))
        line = value_field(
            look,
            label,
            shown,
            last=shown_of(item, [last.value]) if last and not gone else "",
            on_press=lambda: measuring.select(asking.shift, filling, item),
            identifier=f"field-{item.link_id}",
        )
        missing = asking.problem(item, look.t("fill.missing"))
        if missing:
            return ft.Column(
                [line, look.text(missing, "small", look.palette.late)], spacing=Space.XS, tight=True
            )
        return line
    reading = entry(item, filling.typed)
    field = value_field(
        look,
        label,
        reading.shown,
        unit=asking.words.unit(item),
        active=True,
        last=shown_of(item, [last.value]) if last else "",
        last_at=dates.moment(last.at, asking.shift.phone.now(), look.t) if last else "",
        trend=_trend(look, item, last) if last else "",
        remark=_remark(look, asking, item, reading.value),
        action=_action(look, asking, item),
    )
    below = [*_help(look, asking, item), *_asks(look, asking, item, reading.shown)]
    return ft.Column([field, *below], spacing=Space.S, tight=True) if below else field


def _scale(look: Look, asking: Asking, item: Item, numbers: range) -> ft.Control:
    """A short scale as numbers to press, all of them in sight."""
    now = next(iter(asking.filling.in_hand(item)), None)

    async def press(number: int) -> None:
        await asking.choose(item, number)

    scale = question(
        look,
        asking.words.ask(item),
        [Option(number, str(number)) for number in numbers],
        now,
        press,
        columns=6 if len(numbers) > 5 else len(numbers),
        problem=asking.problem(item, look.t("fill.missing")),
    )
    earlier = earlier_line(look, asking, item)
    return ft.Column(
        [scale, *_help(look, asking, item), *earlier, *not_measured(look, asking, item)],
        spacing=Space.XS,
        tight=True,
    )


def _trend(look: Look, item: Item, last: Last) -> str:
    """*Förut 16 → 18 → 20*: which way it has gone. Empty with one value, which goes no way."""
    if not last.before:
        return ""
    values = [shown_of(item, [value]) for value in (*last.before, last.value)]
    return look.t("vital.trend", values=(" ← " if look.rtl else " → ").join(values))


def _help(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """*Räkna utan att Asta märker det.* Not where the pad leaves room for the number alone."""
    words = asking.words.help(item)
    return [look.text(words, "small", look.palette.ink2)] if words and not (look.large or look.short) else []


def pad(look: Look, asking: Asking, item: Item, beside: ft.Control | None = None) -> ft.Control:
    """The bar while a number is being entered: *Kunde inte mäta*, `beside` it (*Ring nu*), and the keys."""
    filling, shift, page = asking.filling, asking.shift, asking.page

    async def digit(key: str) -> None:
        await asking.number_left(item, await measuring.press(shift, filling, page, key))

    async def done() -> None:
        await asking.number_left(item, await measuring.leave(shift, filling, page))

    async def comma() -> None:
        await measuring.press(shift, filling, page, ",")

    async def minus() -> None:
        await measuring.press(shift, filling, page, measuring.MINUS)

    why = fillings.missing_item(filling, item)
    if why and filling.why_missing == why.link_id:

        async def gone(value: Value) -> None:
            await asking.number_left(item, await measuring.not_measured(shift, filling, page, why, value))

        return ft.Column(
            [reasons(look, asking, why, gone), _keep_measuring(look, asking)], spacing=Space.S, tight=True
        )
    keys = number_pad(
        look,
        digit,
        lambda: measuring.erase(shift, filling),
        look.t("common.next"),
        done,
        comma=comma if takes_comma(item) else None,
        minus=minus if takes_minus(item) else None,
    )
    quiet: list[ft.Control] = [beside] if beside else []
    if why:
        words = look.t("vital.not_measured_button")
        icon = ft.Icons.BLOCK_ROUNDED
        press = opener(asking, why)
        quiet.insert(
            0, button(look, words, press, kind="quiet", icon=icon, expand=3, identifier="not-measured")
        )
    above = [ft.Row(quiet, spacing=0)] if quiet and not (look.large and look.short) else quiet[:1]
    return ft.Column(
        [*above, keys], spacing=Space.XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _keep_measuring(look: Look, asking: Asking) -> ft.Control:
    def back() -> None:
        asking.filling.why_missing = ""
        asking.shift.changed()

    return button(look, look.t("vital.measure_after_all"), back, kind="quiet")


def _action(look: Look, asking: Asking, item: Item) -> ft.Control | None:
    if item.control == "stepper":
        return _steps(look, asking, item)
    if item.control != "counter":
        return None
    again = asking.filling.counted == item.link_id and bool(asking.filling.value(item.link_id))
    words = look.t("vital.count_again" if again else "vital.count")
    icon = ft.Icons.REPLAY_ROUNDED if again else ft.Icons.TIMER_ROUNDED
    return small_button(look, words, lambda: asking.count(item), icon=icon, question=asking.words.ask(item))


def _steps(look: Look, asking: Asking, item: Item) -> ft.Control:
    """One less and one more, beside a number that is mostly near what it was."""

    async def step(by: int) -> None:
        await measuring.step(asking.shift, asking.filling, item, by)

    return ft.Row(
        [
            small_button(look, look.t(key), partial(step, by), icon=icon, question=asking.words.ask(item))
            for key, by, icon in (
                ("fill.step_down", -1, ft.Icons.REMOVE_ROUNDED),
                ("fill.step_up", 1, ft.Icons.ADD_ROUNDED),
            )
        ],
        spacing=Space.S,
        tight=True,
    )


def _asks(look: Look, asking: Asking, item: Item, shown: str) -> list[ft.Control]:
    """What is impossible is asked for again; what is unusual is asked about once."""
    filling = asking.filling
    if filling.impossible:
        words = look.t("vital.impossible", value=filling.impossible)
        return [ft.Semantics(live_region=True, content=look.text(words, "strong", look.palette.late))]
    if filling.asks != item.link_id:
        return []

    async def right() -> None:
        left = await measuring.leave(asking.shift, filling, asking.page, confirmed=True)
        await asking.number_left(item, left)

    words = look.t("vital.unusual", value=f"{shown} {asking.words.unit(item)}".strip())
    return [
        ft.Semantics(live_region=True, content=look.text(words, "strong", look.palette.late)),
        button(
            look,
            look.t("vital.is_right"),
            right,
            kind="soft",
            icon=ft.Icons.CHECK_ROUNDED,
            identifier="is-right",
        ),
    ]


def _remark(look: Look, asking: Asking, item: Item, value: Value | None) -> ft.Control | None:
    """*Högre än vanligt*: against the person's own last value, when it has moved to other NEWS2 points."""
    last = asking.last.get(item.link_id)
    if (
        not asking.compares
        or last is None
        or value is None
        or asking.filling.asks
        or asking.filling.impossible
    ):
        return None
    name = next((name for name, link_id in LINK_IDS.items() if link_id == item.link_id), "")
    if not name or not isinstance(value, int | Decimal) or not isinstance(last.value, int | Decimal):
        return None
    points, before = _points(name, value), _points(name, last.value)
    if points is None or before is None or points <= before:
        return None
    higher = value > last.value
    icon = ft.Icons.ARROW_UPWARD_ROUNDED if higher else ft.Icons.ARROW_DOWNWARD_ROUNDED
    return sign(look, look.t("vital.higher" if higher else "vital.lower"), icon=icon, tone="late")


def _points(name: str, value: int | Decimal) -> int | None:
    try:
        return score(Vitals(**{name: value}), scale2=False).parts[name]  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None

"""Upprepa: the carer says back what is to be done, the nurse says yes, and then it is saved."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import flet as ft
import msgspec
from msgspec import Struct

from care.person import PersonDocument
from care.sbar import COMMON_ORDERS, SbarDocument, check_at, orders_of
from views import dates
from views.components import (
    Action,
    Option,
    Part,
    choices,
    confirm_box,
    empty,
    frame,
    say_card,
    text_field,
    thumb_bar,
    title_block,
)
from views.model import answering, reading
from views.model.shift import Shift
from views.places import ReadBack
from views.screens.case_parts import ORDER_ICONS, clock_of, first_of
from views.screens.inbox_case import minute_options
from views.screens.parts import back_bar, local
from views.texts import Texts
from views.theme import Look, Space, use_look

OWN = "own"
"""*Skriv eget*: opens the field."""
ASKED = -1
"""The time that the nurse named in her answer."""


class Repeated(Struct, frozen=True):
    """What is being repeated. Kept at every change."""

    nurse: str = ""
    orders: tuple[str, ...] = ()
    text: str = ""
    minutes: int = 0
    again: datetime | None = None
    done_minutes: int = 0
    done_by: datetime | None = None
    own: bool = False
    answer: str = ""
    """The fact of the answer that it was filled from; a newer answer begins it anew."""


def read_back(shift: Shift, place: ReadBack) -> ft.Control:
    look = use_look()
    t = look.t
    key = f"read-back/{place.sbar}"
    document = reading.one(shift, SbarDocument, place.sbar)
    said, set_said = ft.use_state(lambda: start(shift, key, document))
    agreed, agree = ft.use_state("")
    newest = ft.use_ref(said)
    saved = ft.use_ref(False)
    turn = ft.use_ref(asyncio.Lock)
    if document is None:
        return frame(look, back_bar(look, shift, t("common.back")), [empty(look, t("case.gone"))])
    latest = document.replies[-1] if document.replies else None
    if latest and latest.fact != said.answer:
        said = newest.current = filled(shift, document)
    person = reading.person(shift, document.person)

    async def change(of: Callable[[Repeated], dict[str, Any]]) -> None:
        # From what was pressed last, not from what was drawn: two quick presses both count.
        newest.current = msgspec.structs.replace(newest.current, **of(newest.current))
        set_said(newest.current)
        async with turn.current:
            if not saved.current:
                await asyncio.to_thread(shift.me.save_draft, key, msgspec.json.encode(newest.current))

    async def save() -> None:
        """What the nurse said yes to, and that is what was drawn when her yes was noted."""
        words = said.text if said.own else ""
        async with turn.current:
            if saved.current:
                return
            await answering.read_back(
                shift, document, said.nurse, said.orders, words, said.again, key, said.done_by
            )
            saved.current = True
        shift.back()
        name = person.name if person else t("case.title")
        shift.say_saved(name, t("readback.saved", at=dates.clock(shift.phone.now())))

    first = said.nurse.split(" ", 1)[0]
    body: list[ft.Control] = [
        title_block(
            look,
            t("readback.title", name=first) if first else t("readback.title_nobody"),
            talked(look, shift, document, said),
        )
    ]
    if not latest:
        body += whom(look, shift, said, change)
    words = sentence(said, person)
    to_say = [say_card(look, t("readback.say", name=first), f"”{words}”")] if words else []
    chosen = what(look, shift, said, change)
    # What the nurse wrote is there to be said at once; what she said on the phone is first put together.
    body += [*to_say, *chosen] if latest else [*chosen, *to_say]
    # The nurse has said yes to these words: a changed order, or a newer answer, asks for her yes again.
    agreeing = f"{said.nurse}: {words}" if words and said.nurse else ""
    confirmed = bool(agreeing) and agreed == agreeing
    main = Action(
        save_words(look, shift, said),
        save if confirmed else None,
        ft.Icons.ALARM_ADD_ROUNDED if said.again else ft.Icons.CHECK_ROUNDED,
        identifier="save-read-back",
    )
    box = confirm_box(
        look,
        t("readback.agreed", name=first or t("nurse.role")),
        confirmed,
        (lambda: agree("" if confirmed else agreeing)) if agreeing else None,
    )
    return frame(look, back_bar(look, shift, t("readback.back")), body, with_box(look, box, main))


def with_box(look: Look, box: ft.Control, main: Action) -> Part:
    """The check mark stands above the button; at large text or on a short phone it ends the page."""
    bar = thumb_bar(look, main)
    if look.large or look.short:
        return Part(bar.control, (box,))
    stacked = ft.Column(
        [box, bar.control], spacing=Space.M, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
    return Part(stacked)


def start(shift: Shift, key: str, document: SbarDocument | None) -> Repeated:
    """What was being repeated when the screen was left, otherwise what the nurse's answer says."""
    if document is None:
        return Repeated()
    data = shift.me.draft(key)
    try:
        before = msgspec.json.decode(data, type=Repeated) if data else None
    except msgspec.DecodeError:
        before = None
    latest = document.replies[-1].fact if document.replies else ""
    return before if before and before.answer == latest else filled(shift, document)


def filled(shift: Shift, document: SbarDocument) -> Repeated:
    """Prefilled from the last answer; with none, only whom one most likely talked to."""
    if not document.replies:
        on_call = reading.nurse(shift)
        return Repeated(nurse=on_call.name if on_call else "")
    reply = document.replies[-1]
    orders = orders_of(reply.orders)
    return Repeated(
        nurse=reading.name_of(shift, reply.by),
        orders=tuple(orders),
        text=reply.text,
        own=bool(reply.text),
        minutes=ASKED if reply.check_again else 0,
        again=reply.check_again,
        answer=reply.fact,
    )


def talked(look: Look, shift: Shift, document: SbarDocument, said: Repeated) -> str:
    """*Karin Ström, sjuksköterska. Du ringde Karin 06:52*"""
    t = look.t
    who = t("readback.who", name=said.nurse, title=t("nurse.role")) if said.nurse else ""
    if document.replies:
        return f"{who} {t('readback.answered', at=clock_of(look, shift, document.replies[-1].at))}".strip()
    if document.calls:
        # That somebody was called is all that is known before the read-back, and whom.
        mine = [call for call in document.calls if call.to == said.nurse]
        last = mine[-1] if mine else document.calls[-1]
        called = t("case.called", name=first_of(last), at=clock_of(look, shift, last.at))
        return f"{who} {called}".strip()
    return who


def whom(look: Look, shift: Shift, said: Repeated, change: Any) -> list[ft.Control]:
    """Whom one talked to, when nothing came through the app to say it."""
    t = look.t
    names = [one.name for one in answering.nurses(shift)]
    if said.nurse and said.nurse not in names:
        names.insert(0, said.nurse)
    if len(names) < 2:
        return []
    options = [Option(name, name) for name in names[:6]]
    asked = t("readback.whom")
    return [
        look.text(asked, "label", look.palette.ink2),
        choices(
            look,
            options,
            said.nurse,
            lambda name: change(lambda _: {"nurse": name}),
            question=asked,
            columns=2,
        ),
    ]


def what(look: Look, shift: Shift, said: Repeated, change: Any) -> list[ft.Control]:
    """What to do, and when to measure again."""
    t = look.t

    async def toggle(key: str) -> None:
        await change(lambda now: toggled(now, key))

    async def check(minutes: int) -> None:
        at = check_at(shift.phone.now(), minutes)
        await change(lambda now: checked(now, minutes, at))

    async def finish(minutes: int) -> None:
        at = check_at(shift.phone.now(), minutes)
        await change(lambda now: finished(now, minutes, at))

    asked, when, by = t("readback.what"), t("readback.when"), t("readback.done_by")
    times = minute_options(look)
    if said.minutes == ASKED and said.again:
        times = [Option(ASKED, clock_of(look, shift, said.again)), *times[:2]]
    chosen = set(said.orders) | ({OWN} if said.own else set())
    parts: list[ft.Control] = [
        look.text(asked, "label", look.palette.ink2),
        choices(look, options(look, said), chosen, toggle, question=asked, shape="row", columns=2),
    ]
    if said.own:
        words = t("readback.own_words")
        parts.append(
            text_field(look, words, said.text, lambda text: change(lambda _: {"text": text}), lines=2)
        )
    parts += [
        look.text(when, "label", look.palette.ink2),
        choices(look, times, said.minutes, check, question=when, columns=3),
    ]
    if set(said.orders) - {"measure_again"} or said.own:
        parts += [
            look.text(by, "label", look.palette.ink2),
            choices(look, minute_options(look), said.done_minutes, finish, question=by, columns=3),
        ]
    return parts


def toggled(now: Repeated, key: str) -> dict[str, Any]:
    """What a press on an order changes; without *Mät igen* there is no time for it."""
    if key == OWN:
        return {"own": not now.own}
    orders = set(now.orders) ^ {key}
    changes: dict[str, Any] = {"orders": tuple(orders_of(sorted(orders)))}
    if key == "measure_again" and key not in orders:
        changes |= {"again": None, "minutes": 0}
    return changes


def checked(now: Repeated, minutes: int, at: datetime) -> dict[str, Any]:
    """What a press on a time changes: a new check is also *Mät igen*; the same time again takes it back."""
    if minutes == now.minutes:
        return {"again": None, "minutes": 0}
    orders = tuple(orders_of([*now.orders, "measure_again"]))
    return {"again": at, "minutes": minutes, "orders": orders}


def finished(now: Repeated, minutes: int, at: datetime) -> dict[str, Any]:
    """What a press on when it is to be done changes; the same time again takes it back."""
    if minutes == now.done_minutes:
        return {"done_by": None, "done_minutes": 0}
    return {"done_by": at, "done_minutes": minutes}


def options(look: Look, said: Repeated) -> list[Option]:
    """The orders in the carer's words, those that this app does not know, and *Skriv eget*."""
    t = look.t
    unknown = [key for key in said.orders if key not in COMMON_ORDERS]
    first = said.nurse.split(" ", 1)[0] or t("nurse.role").capitalize()
    words = {key: t(f"order.do_{key}", name=first) for key in COMMON_ORDERS}
    words |= {key: t("order.unknown", key=key) for key in unknown}
    shown = [Option(key, word, ORDER_ICONS.get(key, ft.Icons.EDIT_ROUNDED)) for key, word in words.items()]
    return [*shown, Option(OWN, t("readback.own"), ft.Icons.EDIT_ROUNDED)]


def sentence(said: Repeated, person: PersonDocument | None) -> str:
    """What to say back. Always Swedish: it is said to a Swedish nurse."""
    t = Texts.load("sv")
    name = person.first_name if person else t("order.the_person")
    parts = [
        t(f"order.say_{key}", name=name) if key in COMMON_ORDERS else t("order.unknown", key=key) + "."
        for key in said.orders
        if key != "measure_again"
    ]
    if said.again:
        parts.append(t("order.say_measure_at", at=dates.clock(local(said.again))))
    elif "measure_again" in said.orders:
        parts.append(t("order.say_measure_again"))
    if said.own and said.text.strip():
        parts.append(said.text.strip())
    if said.done_by and parts:
        parts.append(t("order.say_done_by", at=dates.clock(local(said.done_by))))
    return " ".join(parts)


def save_words(look: Look, shift: Shift, said: Repeated) -> str:
    if said.again:
        return look.t("readback.save_check", at=clock_of(look, shift, said.again))
    return look.t("common.save")

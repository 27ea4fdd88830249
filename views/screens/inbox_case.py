"""One SBAR as the nurse sees and answers it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import flet as ft
import msgspec
from msgspec import Struct

from care.rights import Act
from care.sbar import CHECK_MINUTES, COMMON_ORDERS, SbarDocument, check_at
from views import dates
from views.components import (
    Action,
    Option,
    button,
    choices,
    frame,
    info_line,
    note,
    score_card,
    section_title,
    sign,
    text_field,
    thumb_bar,
)
from views.model import answering, ordering, reading
from views.model.answering import Case
from views.model.dial import dial
from views.model.shift import Shift
from views.places import InboxCase, Sbars, WriteOrder
from views.screens.brought import incomplete, not_here, use_brought
from views.screens.case_parts import (
    LEVEL_TONES,
    clock_of,
    danger_banner,
    order_options,
    orders_text,
    outcome_options,
    plan_line,
    state_words,
    summary_card,
)
from views.screens.parts import back_bar, header_of, receipt_of
from views.screens.vitals import SHOWN_HERE, vitals_card
from views.theme import Look, use_look

PAUSE_S = 0.4
"""So long whoever types has paused before the bar changes."""
BETWEEN = 10
"""dp between what stands on a page (views/components/frame.py)."""


class Written(Struct, frozen=True):
    """An answer that is being written. It is kept at every change, so that a call does not lose it."""

    orders: tuple[str, ...] = ()
    again: datetime | None = None
    minutes: int = 0
    text: str = ""
    outcome: str = ""
    """How it went: goes with the closing, not with the answer."""

    @property
    def empty(self) -> bool:
        return not (self.orders or self.text.strip() or self.again)


def inbox_case(shift: Shift, place: InboxCase) -> ft.Control:
    look = use_look()
    t = look.t
    key = f"answer/{place.sbar}"
    begun_with, set_written = ft.use_state(lambda: kept(shift, key))
    newest = ft.use_ref(begun_with)
    written = newest.current  # whatever else draws the screen anew, what is typed stays
    sent = ft.use_ref(False)
    turn = ft.use_ref(asyncio.Lock)
    shown = ft.use_ref(True)
    ft.use_effect(lambda: None, [], cleanup=lambda: setattr(shown, "current", False))
    document = reading.one(shift, SbarDocument, place.sbar)
    asking = use_brought(shift, SbarDocument.kind, place.sbar, document is not None)
    if document is None or not answering.may_do(shift, Act.SBAR_ANSWER, document.unit):
        nothing = not_here(look, asking, t("inbox.gone"))
        return frame(look, back_bar(look, shift, t("inbox.title")), [nothing])
    case = answering.case_of(shift, document)

    async def write(change: Callable[[Written], dict[str, Any]]) -> None:
        # From what was pressed last, not from what was drawn: two quick presses both count.
        newest.current = msgspec.structs.replace(newest.current, **change(newest.current))
        set_written(newest.current)
        await keep()

    async def type_(text: str) -> None:
        """Drawn anew only where the bar changes with it, and when whoever types pauses: what is on its way
        from the keyboard would be overwritten."""
        was = newest.current
        mine = newest.current = msgspec.structs.replace(was, text=text)
        shift.attention.touch(shift.phone.ticks())
        await keep()
        if mine.empty != was.empty:
            await asyncio.sleep(PAUSE_S)
            if shown.current:
                set_written(newest.current)

    async def keep() -> None:
        async with turn.current:
            if not sent.current:
                await asyncio.to_thread(shift.me.save_draft, key, msgspec.json.encode(newest.current))

    async def send() -> None:
        async with turn.current:  # a draft that is still on its way must not come back after its answer
            if sent.current:
                return
            said = newest.current
            await answering.answer(shift, document, said.orders, said.text, said.again, draft=key)
            sent.current = True
        newest.current = Written()
        set_written(newest.current)
        shift.back()
        name = case.person.name if case.person else t("inbox.title")
        at = dates.clock(shift.phone.now())
        shift.say_saved(name, t("inbox.answer_saved", at=at))

    async def close() -> None:
        async with turn.current:
            if sent.current:
                return
            await answering.close(shift, document, newest.current.outcome, draft=key)
            sent.current = True
        shift.back()
        name = case.person.name if case.person else t("inbox.title")
        shift.say_saved(name, t("inbox.closed", at=dates.clock(shift.phone.now())))

    async def take() -> None:
        await answering.acknowledge(shift, document)

    # In one control each: a field whose place on the page changes is made anew, and loses its letters.
    told = together(about(look, shift, case))
    body = [told]
    bar = None
    if case.state != "closed":
        said, form = answer_form(look, shift, case, written, write, type_)
        body = [told, together(said), *form, *closing(look, written, write, close)]
        bar = thumb_bar(look, *actions(look, shift, case, written, send, take))
    head = back_bar(look, shift, t("inbox.title"))
    return frame(look, head, body, bar, receipt=receipt_of(look, shift), moved_at=1)


def together(parts: list[ft.Control]) -> ft.Control:
    """As they would stand on the page by themselves."""
    return ft.Column(parts, spacing=BETWEEN, tight=True)


def kept(shift: Shift, key: str) -> Written:
    """What was being written when the screen was left."""
    data = shift.me.draft(key)
    try:
        return msgspec.json.decode(data, type=Written) if data else Written()
    except msgspec.DecodeError:
        return Written()


async def say_in_answer(shift: Shift, sbar: str, words: str) -> None:
    """Put words into the answer that is being written: what was ordered meanwhile."""
    key = f"answer/{sbar}"
    now = kept(shift, key)
    said = msgspec.structs.replace(now, text=f"{now.text.strip()} {words}".strip())
    await asyncio.to_thread(shift.me.save_draft, key, msgspec.json.encode(said))


def actions(
    look: Look, shift: Shift, case: Case, written: Written, send: Any, take: Any
) -> tuple[Action, list[Action]]:
    """Take it, or answer; and call whoever asked."""
    t = look.t
    document = case.document
    rest = call_actions(look, shift, case)
    if case.state == "waiting" and written.empty:
        main = Action(t("inbox.take"), take, ft.Icons.VISIBILITY_ROUNDED, identifier="take")
    else:
        ready = None if written.empty else send
        main = Action(t("inbox.send"), ready, ft.Icons.SEND_ROUNDED, identifier="send-answer")
    assert isinstance(document, SbarDocument)
    return main, rest


def call_actions(look: Look, shift: Shift, case: Case) -> list[Action]:
    """*Ring Amina*: whoever asked or reported, where the phone knows their number."""
    document = case.document
    ids = document.askers if isinstance(document, SbarDocument) else [document.reporter]
    found = [staff for id in ids if (staff := answering.staff_of(shift, id)) and staff.phone]
    return [
        Action(
            look.t("inbox.call", name=one.name.split()[0]),
            dial(look, one.phone),
            ft.Icons.CALL_ROUNDED,
            identifier="call-asker",
        )
        for one in found[:1]
    ]


def about(look: Look, shift: Shift, case: Case) -> list[ft.Control]:
    """Who, from whom, what is a danger, the values and the words."""
    t = look.t
    words, tone, icon = state_words(look, shift, case)
    parts: list[ft.Control] = [
        who(look, shift, case),
        ft.Row([sign(look, words, icon=icon, tone=tone)], wrap=True),
        *incomplete(look, shift, case.document.kind, case.document.id),
    ]
    if case.person and case.person.plan:
        parts.append(plan_line(look, case.person))
    parts += danger_banner(look, case)
    urgency = case.urgency
    if urgency.score:
        parts.append(news2_card(look, case))
    before = answering.earlier(shift, case)
    if case.reading.form is not None:
        at = clock_of(look, shift, before.since) if before else ""
        points = urgency.score.parts if urgency.score else None
        parts.append(vitals_card(look, case.reading, before.reading if before else None, at, points))
    if case.person and before:
        go = partial(shift.go, Sbars(case.person.id))
        icon = ft.Icons.SHOW_CHART_ROUNDED
        parts.append(
            button(look, t("console.sbars.title"), go, kind="quiet", icon=icon, identifier="all-sbars")
        )
    left_out = SHOWN_HERE if case.reading.form is not None else frozenset()
    if case.reading.lines:
        parts.append(summary_card(look, case.reading, left_out))
    if case.fall is not None:
        fall = answering.case_of(shift, case.fall)
        lines = [f"{line.label}: {line.text}" for line in fall.reading.lines]
        parts.append(
            info_line(
                look,
                t("inbox.from_fall"),
                ". ".join(lines),
                icon=ft.Icons.PERSONAL_INJURY_ROUNDED,
                tone="late",
            )
        )
    return parts


def who(look: Look, shift: Shift, case: Case) -> ft.Control:
    """The person with flags, and from whom it comes."""
    t, document = look.t, case.document
    author = document.askers[0] if isinstance(document, SbarDocument) and document.askers else ""
    if not isinstance(document, SbarDocument):
        author = document.reporter
    staff = answering.staff_of(shift, author)
    at = clock_of(look, shift, case.since)
    if staff:
        origin = t("inbox.from", name=staff.name, title=t.within(f"title.{staff.title}"), at=at)
    elif document.claimed:
        origin = t("inbox.from_claimed", name=document.claimed, at=at)
    else:
        origin = t("inbox.from_nobody", at=at)
    if case.person is None:
        return look.text(origin, "strong")
    return ft.Column([header_of(look, case.person), look.text(origin, "small", look.palette.ink2)], spacing=8)


def news2_card(look: Look, case: Case) -> ft.Control:
    """The score, its band and what gave it. An incomplete one says so, and is no low one."""
    t, score = look.t, case.urgency.score
    assert score is not None
    given = [f"{vital_word(look, name)} {points}" for name, points in score.parts.items() if points]
    missing = [vital_word(look, name) for name, points in score.parts.items() if points is None]
    detail = sentence(", ".join(given)) if given else t("inbox.no_points")
    if missing:
        detail = f"{detail}. {t('inbox.missing', what=', '.join(missing))}"
    band = (score.band or "incomplete").replace("-", "_")
    level = "high" if score.band == "high" else score.band or "low"
    return score_card(
        look,
        name="NEWS2",
        score=str(score.total) if score.total is not None else "–",
        title=t(f"inbox.risk_{band}" if score.complete or not score.band else f"inbox.at_least_{band}"),
        advice=t("inbox.complete" if score.complete else "inbox.at_least"),
        detail=detail,
        tone=LEVEL_TONES.get(level, "quiet"),
    )


def vital_word(look: Look, name: str) -> str:
    """*andning*: the vital sign without its unit."""
    return look.t(f"inbox.vital_{name}").split(" ")[0].lower()


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def answer_form(
    look: Look, shift: Shift, case: Case, written: Written, write: Any, type_: Any
) -> tuple[list[ft.Control], list[ft.Control]]:
    """What was already said; and a new answer: common orders, a new check, own words."""
    t, document = look.t, case.document
    assert isinstance(document, SbarDocument)
    parts: list[ft.Control] = []
    for reply in document.replies:
        by = reading.name_of(shift, reply.by) or t("nurse.role")
        words = orders_text(look, reply.orders, reply.text)
        if reply.check_again:
            words = f"{words} {t('inbox.check_at', at=clock_of(look, shift, reply.check_again))}".strip()
        parts.append(note(look, words, t("inbox.reply_by", name=by, at=clock_of(look, shift, reply.at))))
    if said := document.read_back:
        by = reading.name_of(shift, said.by)
        words = orders_text(look, said.orders, said.text)
        if said.check_again:
            words = f"{words} {t('inbox.check_at', at=clock_of(look, shift, said.check_again))}".strip()
        title = t("inbox.read_back_by", name=by, at=clock_of(look, shift, said.at))
        parts.append(info_line(look, title, words, icon=ft.Icons.CHECK_CIRCLE_ROUNDED))
    asker = answering.staff_of(shift, document.askers[0]) if document.askers else None
    to = t("inbox.answer_to", name=asker.name.split()[0]) if asker else t("inbox.answer")

    async def toggle(key: str) -> None:
        await write(lambda now: toggled(now, key))

    async def check(minutes: int) -> None:
        at = check_at(shift.phone.now(), minutes)
        await write(lambda now: checked(now, minutes, at))

    options = order_options(look, COMMON_ORDERS, set())
    loop = t("inbox.loop", name=asker.name.split()[0]) if asker else t("inbox.loop_nobody")
    parts.append(section_title(look, to, None, icon=ft.Icons.REPLY_ROUNDED, tone="accent"))
    form = [
        choices(look, options, set(written.orders), toggle, question=to, shape="row", columns=2),
        look.text(check_words(look, shift, written), "label", look.palette.ink2),
        choices(
            look, minute_options(look), written.minutes, check, question=t("inbox.check_when"), columns=3
        ),
        text_field(look, t("inbox.own_words"), written.text, type_, lines=2),
        look.text(loop, "small", look.palette.ink2),
        *order_button(look, shift, case),
    ]
    return parts, form


def order_button(look: Look, shift: Shift, case: Case) -> list[ft.Control]:
    """*Ny ordination*: what is placed is told in the answer."""
    person = case.person
    if person is None or not ordering.may_place(shift, person.unit):
        return []
    go = partial(shift.go, WriteOrder(person.id, sbar=case.document.id))
    icon = ft.Icons.ADD_ROUNDED
    return [button(look, look.t("order.new"), go, kind="outlined", icon=icon, identifier="order-from-case")]


def closing(look: Look, written: Written, write: Any, close: Any) -> list[ft.Control]:
    """How it went, and the case is done."""
    t = look.t
    asked = t("console.close.how")

    async def choose(outcome: str) -> None:
        await write(lambda now: {"outcome": "" if now.outcome == outcome else outcome})

    return [
        section_title(look, t("console.close.title"), None, icon=ft.Icons.TASK_ALT_ROUNDED),
        choices(look, outcome_options(look), written.outcome, choose, question=asked, columns=3),
        button(look, t("console.close.do"), close, kind="outlined", identifier="close-case"),
    ]


def toggled(now: Written, key: str) -> dict[str, Any]:
    """What a press on an order changes; without *Mät igen* there is no time for it."""
    orders = set(now.orders) ^ {key}
    changes: dict[str, Any] = {"orders": tuple(o for o in COMMON_ORDERS if o in orders)}
    if key == "measure_again" and key not in orders:
        changes |= {"again": None, "minutes": 0}
    return changes


def checked(now: Written, minutes: int, at: datetime) -> dict[str, Any]:
    """What a press on a time changes: a new check is also *Mät igen*; the same time again takes it back."""
    if minutes == now.minutes:
        return {"again": None, "minutes": 0}
    orders = tuple(o for o in COMMON_ORDERS if o in (*now.orders, "measure_again"))
    return {"again": at, "minutes": minutes, "orders": orders}


def check_words(look: Look, shift: Shift, written: Written) -> str:
    if written.again:
        return look.t("inbox.check_at", at=clock_of(look, shift, written.again))
    return look.t("inbox.check_when")


def minute_options(look: Look) -> list[Option]:
    """In 15 min, 30 min, 1 hour."""
    return [
        Option(minutes, look.t("inbox.one_hour") if minutes == 60 else look.t.n("date.minutes", minutes))
        for minutes in CHECK_MINUTES
    ]

"""All SBARs of a person on this phone, the latest first: values, which way they went, what was answered."""

from collections.abc import Sequence
from decimal import Decimal

import flet as ft

from care.sbar import SbarDocument
from views.components import card, empty, frame, sign
from views.model import answering, reading
from views.model.answering import Case
from views.model.shift import Shift
from views.places import Sbars
from views.screens.case_parts import clock_of, orders_text, problem_words, urgency_tile
from views.screens.parts import back_bar, header_of
from views.screens.vitals import ROWS, shown
from views.theme import Look, Space, use_look

SHOWN = 20


def sbars(shift: Shift, place: Sbars) -> ft.Control:
    look = use_look()
    person = reading.person(shift, place.person)
    found = answering.of_person(shift, place.person)[:SHOWN] if reading.reads(shift, "nurse") else []
    head = back_bar(look, shift, look.t("inbox.title"))
    body: list[ft.Control] = [header_of(look, person)] if person else []
    body.append(look.heading(look.t("console.sbars.title")))
    if not found:
        body.append(empty(look, look.t("console.person.no_sbar")))
    body += [past(look, shift, case, found[number + 1 :]) for number, case in enumerate(found)]
    return frame(look, head, body)


def past(look: Look, shift: Shift, case: Case, before: Sequence[Case]) -> ft.Control:
    """One of them. `before`: the earlier ones, the latest first."""
    assert isinstance(case.document, SbarDocument)
    about = ft.Column(
        [
            look.text(clock_of(look, shift, case.since), "h2"),
            look.text(problem_words(look, case), "body"),
        ],
        spacing=0,
        tight=True,
        expand=1,
    )
    top = ft.Row([urgency_tile(look, case), about], spacing=Space.M)
    values = [value(look, case, before, name, link) for name, link in ROWS]
    measured = [one for one in values if one is not None]
    rows: list[ft.Control] = [top]
    if measured:
        rows.append(ft.Row(measured, wrap=True, spacing=Space.S, run_spacing=Space.S))
    for reply in case.document.replies:
        by = reading.name_of(shift, reply.by) or look.t("nurse.role")
        said = look.t("inbox.reply_by", name=by, at=clock_of(look, shift, reply.at))
        rows += [
            look.text(orders_text(look, reply.orders, reply.text), "strong"),
            look.text(said, "small", look.palette.ink2),
        ]
    return card(look, rows, spacing=Space.M)


def value(look: Look, case: Case, before: Sequence[Case], name: str, link: str) -> ft.Control | None:
    """*Puls 112, förut 98*, with an arrow the way it went; None when it was not measured."""
    now = shown(case.reading, link)
    if not now:
        return None
    word = look.t(f"inbox.vital_{name}").split(" ")[0]
    last = next((one for one in before if shown(one.reading, link)), None)
    if last is None or (number(case, link) is None and shown(last.reading, link) == now):
        return sign(look, f"{word} {now}")
    words = look.t("sbars.value", what=word, now=now, before=shown(last.reading, link))
    return sign(look, words, icon=arrow(number(case, link), number(last, link)))


def number(case: Case, link: str) -> float | None:
    given = case.reading.answers.get(link)
    return float(given[0]) if given and isinstance(given[0], int | Decimal) else None


def arrow(now: float | None, before: float | None) -> ft.IconData | None:
    if now is None or before is None:
        return None
    if now == before:
        return ft.Icons.ARROW_FORWARD_ROUNDED
    return ft.Icons.ARROW_UPWARD_ROUNDED if now > before else ft.Icons.ARROW_DOWNWARD_ROUNDED

"""Narkotika: the balance of each ledger, its lines, and what is to be counted."""

import flet as ft

from care.ledger import Ledger, Row
from care.rights import Role
from care.signing import local_day
from views import dates
from views.components import (
    Action,
    banner,
    button,
    card,
    divider,
    empty,
    frame,
    section_title,
    task_card,
    thumb_bar,
)
from views.components import sign as small_sign
from views.model import reading, stock
from views.model.shift import Shift
from views.places import EnterStock, LedgerOf, Ledgers
from views.screens.parts import back_bar, header_of, local, receipt_of
from views.screens.sign import gone
from views.theme import Look, Space, use_look

SHOWN = 40


def ledger_button(look: Look, shift: Shift) -> list[ft.Control]:
    """In the menu, where the unit has narcotics."""
    late = late_checks(shift)
    if not stock.kept(shift):
        return []
    words = look.t.n("ledger.menu_late", late) if late else look.t("ledger.title")
    icon = ft.Icons.LOCK_CLOCK_ROUNDED
    go = lambda: shift.go(Ledgers())  # noqa: E731
    return [button(look, words, go, kind="outlined", icon=icon, identifier="ledgers")]


def late_checks(shift: Shift) -> int:
    """How many ledgers have a count that is late."""
    return sum(1 for _, _, one in stock.kept(shift) if stock.due_of(shift, one) == "late")


def ledgers_list(shift: Shift, place: Ledgers) -> ft.Control:
    look = use_look()
    t = look.t
    body: list[ft.Control] = [look.heading(t("ledger.title"))]
    for person, drug, ledger in stock.kept(shift):
        state = stock.due_of(shift, ledger)
        differs = ledger.differs is not None
        words = t("ledger.differs_short") if differs else t(f"ledger.check_{state}")
        tone = "late" if differs or state == "late" else "done" if state == "done" else "quiet"
        body.append(
            task_card(
                look,
                name=person.listed,
                what=t(
                    "ledger.balance_of", what=drug.preparation, balance=amount(ledger.balance), unit=drug.unit
                ),
                icon=ft.Icons.MEDICATION_ROUNDED,
                time=words,
                time_tone=tone,  # type: ignore[arg-type]
                room=person.room or None,
                address=person.street or None,
                on_press=lambda id=person.id, name=drug.preparation: shift.go(LedgerOf(id, name)),
                identifier=f"ledger-{person.id}",
            )
        )
    if len(body) == 1:
        body.append(empty(look, t("ledger.nothing")))
    return frame(look, back_bar(look, shift, t("common.back")), body)


def ledger_of(shift: Shift, place: LedgerOf) -> ft.Control:
    look = use_look()
    t = look.t
    person = reading.person(shift, place.person)
    if person is None:
        return gone(look, shift)
    drug = stock.drug_of(shift, place.person, place.preparation)
    ledger = stock.of(shift, place.person, place.preparation)

    def enter(what: str) -> None:
        shift.go(EnterStock(place.person, place.preparation, what))

    balance = card(
        look,
        [
            ft.Row([look.text(drug.preparation, "strong", expand=1)]),
            look.text(t("ledger.balance", balance=amount(ledger.balance), unit=drug.unit), "dose"),
            look.text(last_count(look, shift, ledger), "body", look.palette.ink2),
        ],
    )
    body: list[ft.Control] = [header_of(look, person, flags=False), *difference(look, shift, ledger), balance]
    body += lines(look, shift, ledger)
    rest = [
        Action(t("ledger.receive"), lambda: enter("receive"), ft.Icons.ADD_ROUNDED, identifier="receive"),
        Action(t("ledger.waste"), lambda: enter("waste"), ft.Icons.DELETE_ROUNDED, identifier="waste"),
    ]
    if is_nurse(shift):
        adjust = lambda: enter("adjust")  # noqa: E731
        rest.append(Action(t("ledger.adjust"), adjust, ft.Icons.TUNE_ROUNDED, identifier="adjust"))
    count = Action(t("ledger.count"), lambda: enter("count"), ft.Icons.CALCULATE_ROUNDED, identifier="count")
    return frame(
        look,
        back_bar(look, shift, t("ledger.title")),
        body,
        thumb_bar(look, count, rest),
        receipt=receipt_of(look, shift),
    )


def is_nurse(shift: Shift) -> bool:
    me = reading.me(shift)
    return me is not None and Role.NURSE in me.roles_in(shift.me.unit, local_day(shift.phone.now()))


def difference(look: Look, shift: Shift, ledger: Ledger) -> list[ft.Control]:
    """The last count and the balance are not the same: what to do, and nothing about anybody."""
    row = ledger.differs
    if row is None:
        return []
    words = look.t("ledger.differs", counted=amount(row.entry.counted or 0.0), balance=amount(row.before))
    return [banner(look, "late", words, look.t("ledger.differs_detail"), icon=ft.Icons.ERROR_ROUNDED)]


def last_count(look: Look, shift: Shift, ledger: Ledger) -> str:
    row = ledger.last_count
    if row is None:
        return look.t("ledger.never_counted")
    at = dates.moment(local(row.entry.at), shift.phone.now(), look.t)
    return look.t("ledger.counted_at", at=at)


def lines(look: Look, shift: Shift, ledger: Ledger) -> list[ft.Control]:
    """The lines by month, latest first, with the balance carried over."""
    shown: list[ft.Control] = []
    left = SHOWN
    for page in reversed(ledger.pages):
        if left <= 0:
            break
        month = look.t("date.months").split()[int(page.month[5:7]) - 1].capitalize()
        shown.append(
            section_title(look, f"{month} {page.month[:4]}", None, icon=ft.Icons.CALENDAR_MONTH_ROUNDED)
        )
        rows: list[ft.Control] = []
        for row in list(reversed(page.rows))[:left]:
            rows += [*([divider(look)] if rows else []), line(look, shift, row)]
        carried = look.t("ledger.carried", balance=amount(page.opening))
        rows += [divider(look), look.text(carried, "small", look.palette.ink2)]
        shown.append(card(look, rows))
        left -= len(page.rows)
    return shown


def line(look: Look, shift: Shift, row: Row) -> ft.Control:
    t, p, entry = look.t, look.palette, row.entry
    at = dates.moment(local(entry.at), shift.phone.now(), t)
    names = [
        reading.name_of(shift, one) or t("signed.unknown_person") for one in [entry.author, *entry.witnesses]
    ]
    after = t("ledger.after", before=amount(row.before), balance=amount(row.after))
    if entry.kind == "counted":
        change = amount(entry.counted or 0.0)
    else:
        change = f"{'+' if entry.change > 0 else '−' if entry.change < 0 else ''}{amount(abs(entry.change))}"
    words: list[ft.Control] = [
        ft.Row(
            [look.text(t(f"ledger.{entry.kind}"), "strong", expand=1), look.text(change, "strong")],
            spacing=Space.S,
        ),
        look.text(f"{at}. {', '.join(names)}", "small", p.ink2),
    ]
    if entry.reason:
        words.append(
            look.text(t(f"waste.{entry.reason}") if entry.kind == "wasted" else entry.reason, "small")
        )
    if entry.withdrawn:
        words.append(ft.Row([small_sign(look, t("ledger.withdrawn"), icon=ft.Icons.UNDO_ROUNDED)]))
    else:
        words.append(look.text(after, "small", p.ink2))
    if row.difference and not entry.withdrawn:
        sign_words = t("ledger.difference", difference=amount(row.difference))
        words.append(
            ft.Row([small_sign(look, sign_words, icon=ft.Icons.INFO_ROUNDED, tone="late")], wrap=True)
        )
    if entry.kind in ("counted", "wasted") and not row.by_two and not entry.withdrawn:
        words.append(
            ft.Row(
                [small_sign(look, t("signed.no_witness"), icon=ft.Icons.INFO_ROUNDED, tone="late")], wrap=True
            )
        )
    return ft.Column(words, spacing=2, tight=True)


def amount(value: float) -> str:
    return f"{value:g}".replace(".", ",").replace("-", "−")

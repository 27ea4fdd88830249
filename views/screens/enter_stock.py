"""Räkna, ta emot, kassera, ändra saldo: one number, and a second person where two are needed."""

from collections.abc import Awaitable, Callable
from typing import get_args

import flet as ft

from care.facts import Fact
from care.order import Narcotic
from care.person import PersonDocument
from care.stock import Waste
from views.components import Option, banner, choices, frame, text_field, value_field
from views.model import prefilled, reading, stock
from views.model.shift import Shift
from views.model.witnessing import Pending
from views.places import EnterStock, Witness
from views.screens.details import number, pad
from views.screens.ledger import amount
from views.screens.parts import back_bar, header_of
from views.screens.sign import gone
from views.theme import Look, use_look


def enter_stock(shift: Shift, place: EnterStock) -> ft.Control:
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    first, set_first = ft.use_state("")
    reason, set_reason = ft.use_state("")
    person = reading.person(shift, place.person)
    if person is None:
        return gone(look, shift)
    drug = stock.drug_of(shift, place.person, place.preparation)
    ledger = stock.of(shift, place.person, place.preparation)
    value, what = number(typed), place.what

    async def save() -> None:
        assert value is not None
        if what == "count" and value != ledger.balance and first != typed:
            # Asked for once more, without what is expected: a number that is read is a number that is found.
            set_first(typed)
            set_typed("")
            return
        await entered(look, shift, person, drug, what, value, reason)

    body: list[ft.Control] = [
        header_of(look, person, drug.preparation, flags=False),
        look.heading(t(f"ledger.{what}_title"), "h2"),
    ]
    if first:
        body.append(banner(look, "late", t("ledger.again"), t("ledger.again_detail")))
    if what == "waste":
        options = [Option(one, t(f"waste.{one}")) for one in get_args(Waste)]
        body.append(choices(look, options, reason, set_reason, question=t("ledger.why"), columns=2))
    if what == "adjust":
        body.append(text_field(look, t("ledger.adjust_why"), reason, set_reason, length=200))
    body.append(value_field(look, t(f"ledger.{what}_number"), typed, unit=drug.unit, active=True))
    ready = value is not None and (what in ("count", "receive") or bool(reason.strip()))
    keys = pad(look, set_typed, t("common.next"), save if ready else None)
    return frame(look, back_bar(look, shift, person.first_name), body, keys, dense=True)


async def entered(
    look: Look, shift: Shift, person: PersonDocument, drug: Narcotic, what: str, value: float, reason: str
) -> None:
    """Counts and waste are signed by two. A nurse's new balance and what came in, by one."""
    t = look.t
    ledger = stock.of(shift, person.id, drug.preparation)
    state: dict[str, Callable[[], Awaitable[Fact]]] = {
        "count": lambda: stock.count(shift, person.id, drug, value),
        "receive": lambda: stock.receive(shift, person.id, drug, value),
        "waste": lambda: stock.waste(shift, person.id, drug, value, reason),  # type: ignore[arg-type]
        "adjust": lambda: stock.adjust(
            shift,
            person.id,
            drug,
            value - ledger.balance,
            reason.strip(),
            ledger.differs.entry.fact if ledger.differs else "",
        ),
    }

    async def then(fact: Fact) -> None:
        shift.home()
        shift.say_saved(person.listed, t(f"ledger.{what}_saved", value=amount(value), unit=drug.unit))
        now = stock.of(shift, person.id, drug.preparation)
        if what == "count" and now.differs:
            await report(look, shift, person, drug, value, now.differs.before, fact.id)

    async def stated() -> list[Fact]:
        return [await state[what]()]

    if what in ("count", "waste"):
        words = f"{drug.preparation}, {amount(value)} {drug.unit}"
        shift.witnessed = Pending(person.id, words, stated, then)
        shift.go(Witness())
        return
    await then((await stated())[0])


async def report(
    look: Look,
    shift: Shift,
    person: PersonDocument,
    drug: Narcotic,
    counted: float,
    balance: float,
    count: str,
) -> None:
    """A report is begun, with the two numbers and nothing about anybody: nurse, chief and MAS read it."""
    words = look.t(
        "ledger.report",
        what=drug.preparation,
        counted=amount(counted),
        balance=amount(balance),
        unit=drug.unit,
    )
    await prefilled.begin(shift, person, "narcotics", drug.preparation, words=words, prompted_by=count)

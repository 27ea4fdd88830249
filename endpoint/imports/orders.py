"""Rows of orders: each by its id in the system that has it."""

import re
import uuid
from datetime import datetime, time
from typing import get_args

from msgspec.structs import replace

from care.facts import ENDPOINT
from care.order import AsNeeded, Form, Narcotic, OrderDocument, Plan, Slot, Source
from care.order_check import OrderFault
from care.order_times import slots_at
from care.schedule import STOCKHOLM
from care.tasks import TASKS
from endpoint import ordering
from endpoint.console.texts import texts
from endpoint.deviations.errors import WrongValue
from endpoint.imports import personnummer
from endpoint.imports.known import Known
from endpoint.imports.rows import Cells, Kind, Result, Said, wrong
from endpoint.people.words import plain
from endpoint.statements import Statement

COLUMNS: dict[str, tuple[str, ...]] = {
    "order": ("ordination", "ordinations-id", "ordinationsid", "id"),
    "personnummer": ("personnummer", "pnr", "personnr", "personid"),
    "what": ("vad", "läkemedel", "insats", "preparat"),
    "form": ("sort", "slag"),
    "strength": ("styrka",),
    "substance": ("atc", "atc-kod", "substans"),
    "amount": ("mängd", "dos", "dosering"),
    "route": ("väg", "administrationssätt"),
    "days": ("dagar",),
    "times": ("tider", "klockslag"),
    "before": ("fönster före",),
    "after": ("fönster efter",),
    "start": ("från", "startdatum", "insatt"),
    "end": ("till", "slutdatum", "utsatt"),
    "requires": ("kräver", "delegering"),
    "note": ("anvisning", "anteckning"),
    "reason": ("orsak", "behandlingsorsak"),
    "indication": ("vid behov mot", "indikation"),
    "min_hours": ("minst timmar mellan",),
    "max_per_24h": ("högst per dygn", "maxdos"),
    "limit_unit": ("mängdenhet",),
    "dose": ("en gång är",),
    "preparation": ("narkotika",),
    "stock_unit": ("räknas i",),
}
NEEDED = ("order", "personnummer", "what")
EXAMPLE = {
    "order": "4711",
    "personnummer": "19360211-2397",
    "what": "Insulin NovoRapid",
    "form": "injection",
    "amount": "8 enheter",
    "times": "08:00, 17:00",
    "start": "2026-01-01",
    "requires": "insulin",
}
FORMS: dict[str, str] = {one: one for one in get_args(Form)} | {
    "dospåse": "pouch", "apodos": "pouch", "dosett": "pouch", "tablett": "tablet", "injektion": "injection",
    "spruta": "injection", "droppar": "drops", "ögondroppar": "drops", "inhalation": "inhalation",
    "flytande": "liquid", "plåster": "plaster", "mäta": "measure", "titta till": "look", "omvårdnad": "care",
}  # fmt: skip
"""What a task looks like, by code and by word."""
_DAYS = {"mån": "MO", "tis": "TU", "ons": "WE", "tor": "TH", "fre": "FR", "lör": "SA", "sön": "SU"}
_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:.]?([0-5]\d))?")
_DAILY = frozenset({"", "dagligen", "varje dag", "daily"})
_ORDINARY = frozenset({"nej", "ingen", "none"})
_NAMESPACE = uuid.UUID("c2b8a0de-3a83-5a53-8f43-6d6d84c9a1f0")


def order_id(provider: str, id: str) -> str:
    """The identity of another system's order here: the same however often it is read."""
    return str(uuid.uuid5(_NAMESPACE, f"{provider}/{id}"))


def result(cells: Cells, known: Known, seen: set[str]) -> Result:
    """What becomes of a row. Raises WrongValue."""
    there = cells.needed("order")
    if there in seen:
        raise wrong("order", "twice")
    number, _ = personnummer.read("personnummer", cells.needed("personnummer"), known.day)
    person = known.persons.get(personnummer.digits_of(number))
    if person is None:
        raise wrong("personnummer", "nobody")
    id = order_id(known.provider, there)
    held = known.order(id)
    if held is not None and held.person != person.id:
        raise wrong("personnummer", "another_person")
    before, about = held.plan if held is not None else None, ((person.id, person.unit),)
    plan = _plan(cells, before, there, known)
    if held is not None and before is not None and _alike(before, plan):
        seen.add(there)
        return Result(cells.line, "unchanged", plan.what, persons=about)
    names = (name for name in Plan.__struct_fields__ if name != "source")
    fields = tuple(name for name in names if getattr(before, name, None) != getattr(plan, name))
    made = _stated(held, plan, person.id, person.unit, id, known.now)
    if not isinstance(made, Statement):
        raise _fault(made[0])
    seen.add(there)
    said = (Said(made, ENDPOINT),)
    kind: Kind = "changed" if held else "new"
    return Result(cells.line, kind, plan.what, fields if held else (), said=said, persons=about)


def _fault(one: OrderFault) -> WrongValue:
    why = f"order.fault.{one.why}"
    return WrongValue(one.field, texts("en")(why), why=why)


def _stated(
    held: OrderDocument | None, plan: Plan, person: str, unit: str, id: str, now: datetime
) -> Statement | list[OrderFault]:
    if held is None:
        # From its first day, so that today's doses that are still ahead, or just past, are planned.
        midnight = datetime.combine(plan.start, time(), tzinfo=STOCKHOLM)
        return ordering.place(plan, person, unit, min(midnight, now), id)
    return ordering.change(held, plan, now)


def _alike(before: Plan, after: Plan) -> bool:
    """Whether nothing but the hour at which it was read is another."""
    return replace(before, source=None) == replace(after, source=None)


def _plan(cells: Cells, before: Plan | None, there: str, known: Known) -> Plan:
    base = before or Plan(what="", form="care", amount="", start=known.day)
    slots = _slots(cells, base.slots)
    return replace(
        base,
        what=cells.needed("what", base.what),
        form=cells.code("form", {plain(word): code for word, code in FORMS.items()}, base.form),
        strength=cells.word("strength", base.strength),
        substance="".join(cells.word("substance", base.substance).split()).upper(),
        amount=cells.word("amount", base.amount),
        route=cells.word("route", base.route),
        days=_days(cells, base.days),
        slots=slots,
        start=cells.day("start", base.start) or base.start,
        end=cells.day("end", base.end),
        requires=_requires(cells, base.requires),
        as_needed=_as_needed(cells, base.as_needed),
        narcotic=_narcotic(cells, base.narcotic),
        note=cells.word("note", base.note),
        reason=cells.word("reason", base.reason),
        source=Source("file", there, known.now),
    )


def _slots(cells: Cells, before: tuple[Slot, ...]) -> tuple[Slot, ...]:
    times = cells.several("times")
    early, late = (before[0].before, before[0].after) if before else (60, 60)
    window = int(cells.number("before", early)), int(cells.number("after", late))
    if times is None:
        return tuple(replace(slot, before=window[0], after=window[1]) for slot in before)
    return slots_at([_clock(one) for one in times], *window, before)


def _clock(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found:
        return f"{int(found[1]):02}:{found[2] or '00'}"
    raise wrong("times", "time", text=text)


def _days(cells: Cells, before: str) -> str:
    """A rule of RFC 5545, days of the week, or *dagligen*."""
    text = cells.word("days")
    if not text:
        return before
    if plain(text) in _DAILY:
        return "FREQ=DAILY"
    if "=" in text:
        return text
    names = [plain(one) for one in text.replace("|", ",").split(",") if one.strip()]
    found = [next((code for name, code in _DAYS.items() if one.startswith(name)), "") for one in names]
    if not all(found):
        raise wrong("days", "days", text=text)
    return f"FREQ=WEEKLY;BYDAY={','.join(dict.fromkeys(found))}"


def _requires(cells: Cells, before: str | None) -> str | None:
    text = cells.word("requires", before="\0")
    if text == "\0":
        return before
    if not text or plain(text) in _ORDINARY:
        return None
    return next((one for one in TASKS if plain(one) == plain(text)), text)


def _as_needed(cells: Cells, before: AsNeeded | None) -> AsNeeded | None:
    indication = cells.word("indication", before.indication if before else "")
    if not indication:
        return None
    base = before or AsNeeded(indication, 0.0, 0.0, "")
    return replace(
        base,
        indication=indication,
        min_hours=cells.number("min_hours", base.min_hours),
        max_per_24h=cells.number("max_per_24h", base.max_per_24h),
        unit=cells.word("limit_unit", base.unit),
        dose=cells.number("dose", base.dose),
    )


def _narcotic(cells: Cells, before: Narcotic | None) -> Narcotic | None:
    preparation = cells.word("preparation", before.preparation if before else "")
    if not preparation:
        return None
    base = before or Narcotic(preparation, "")
    return replace(base, preparation=preparation, unit=cells.word("stock_unit", base.unit))

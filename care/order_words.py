"""An order in words: when, and each thing that it says, as a row; for reading, and for what has changed."""

from msgspec import Struct

from care.amounts import number
from care.days import Say, together, words
from care.order import Plan


class Row(Struct, frozen=True):
    """One thing that an order says. Its label is the text ``order.field.<field>``."""

    field: str
    text: str


class Change(Struct, frozen=True):
    """What one field said before and says now; empty: nothing."""

    field: str
    before: str
    after: str


def when(plan: Plan, say: Say) -> str:
    """*Varje dag 08:00 och 20:00*; of one that is given as needed: that."""
    if plan.as_needed:
        return say("order.when_needed")
    times = together(sorted(slot.time for slot in plan.slots), say)
    return f"{words(plan.days, say)} {times}".strip()


def rows(plan: Plan, say: Say) -> list[Row]:
    """What an order says, in the order of reading; what it does not say is not there."""
    needed, narcotic, value = plan.as_needed, plan.narcotic, plan.value
    said = {
        "what": plan.what,
        "strength": plan.strength,
        "substance": plan.substance,
        "amount": plan.amount,
        "amounts": "; ".join(f"{slot.time} {slot.amount}" for slot in plan.slots if slot.amount),
        "route": plan.route,
        "contents": "; ".join(f"{one.name}: {one.amount}" for one in plan.contents),
        "when": when(plan, say),
        "window": _window(plan, say),
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat() if plan.end else "",
        "steps": "; ".join(f"{step.start.isoformat()} {step.amount}" for step in plan.steps),
        "indication": needed.indication if needed else "",
        "limits": "",
        "requires": plan.requires or "",
        "narcotic": f"{narcotic.preparation}, {number(narcotic.per_dose)} {narcotic.unit}"
        if narcotic
        else "",
        "witness": say("common.yes") if plan.witness else "",
        "value": f"{value.what} {value.unit}".strip() if value else "",
        "call": "",
        "note_asked": say("common.yes") if plan.note_asked else "",
        "note": plan.note,
        "reason": plan.reason,
    }
    if needed:
        said["limits"] = say(
            "order.limits",
            hours=number(needed.min_hours),
            most=number(needed.max_per_24h),
            unit=needed.unit,
            dose=number(needed.dose),
        )
    if narcotic:
        said["narcotic"] = f"{narcotic.preparation}, {number(narcotic.per_dose)} {narcotic.unit}"
    if value and (value.call_below is not None or value.call_above is not None):
        said["call"] = _call(value.call_below, value.call_above, say)
    return [Row(field, text) for field, text in said.items() if text]


def changes(before: Plan, after: Plan, say: Say) -> list[Change]:
    """What a new version says otherwise, in the order of reading."""
    was = {row.field: row.text for row in rows(before, say)}
    now = {row.field: row.text for row in rows(after, say)}
    fields = [*now, *(field for field in was if field not in now)]
    return [
        Change(field, was.get(field, ""), now.get(field, ""))
        for field in fields
        if was.get(field) != now.get(field)
    ]


def _window(plan: Plan, say: Say) -> str:
    windows = sorted({(slot.before, slot.after) for slot in plan.slots})
    return "; ".join(say("order.window", before=before, after=after) for before, after in windows)


def _call(below: float | None, above: float | None, say: Say) -> str:
    parts = [say("order.call_below", value=number(below))] if below is not None else []
    parts += [say("order.call_above", value=number(above))] if above is not None else []
    return together(parts, say)

"""The fields of an order that is there, to be changed or copied."""

from collections.abc import Sequence
from datetime import date, timedelta

from care.amounts import number
from care.order import Plan, Slot, Step
from care.order_form import Fields


def fields_of(plan: Plan, when: str) -> Fields:
    """The fields of a plan, to be changed. ``when``: its days and times in words."""
    needed, narcotic, value = plan.as_needed, plan.narcotic, plan.value
    slot = plan.slots[0] if plan.slots else Slot("", "")
    return Fields(
        what=plan.what,
        form=plan.form,
        strength=plan.strength,
        substance=plan.substance,
        amount=plan.amount,
        route=plan.route,
        contents="\n".join(f"{one.name}: {one.amount}" for one in plan.contents),
        when=when,
        before=str(slot.before),
        after=str(slot.after),
        amounts="\n".join(f"{one.time} {one.amount}" for one in plan.slots if one.amount),
        start=plan.start.isoformat(),
        end=plan.end.isoformat() if plan.end else "",
        steps="\n".join(_said(plan.steps, plan.end)),
        requires=plan.requires or "",
        needed=needed is not None,
        indication=needed.indication if needed else "",
        min_hours=number(needed.min_hours) if needed else "",
        max_per_24h=number(needed.max_per_24h) if needed else "",
        limit_unit=needed.unit if needed else "",
        dose=number(needed.dose) if needed else "",
        effect_minutes=str(needed.effect_minutes) if needed else "60",
        narcotic=narcotic is not None,
        preparation=narcotic.preparation if narcotic else "",
        unit=narcotic.unit if narcotic else "",
        per_dose=number(narcotic.per_dose) if narcotic else "",
        witness=plan.witness,
        value=value.what if value else "",
        value_unit=value.unit if value else "",
        below=number(value.call_below) if value and value.call_below is not None else "",
        above=number(value.call_above) if value and value.call_above is not None else "",
        note_asked=plan.note_asked,
        note=plan.note,
        reason=plan.reason,
    )


def _said(steps: Sequence[Step], end: date | None) -> list[str]:
    ends = [*(step.start for step in steps[1:]), end + timedelta(days=1) if end else None]
    return (
        [
            f"{step.amount} i {(until - step.start).days} dagar" if until else step.amount
            for step, until in zip(steps, ends, strict=True)
        ]
        if steps
        else []
    )

"""An order as it is typed, on the console and on the phone, and the plan that it says."""

from datetime import date, timedelta
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from care.amounts import leading, number, number_of
from care.days_said import Said, read
from care.order import AsNeeded, Content, Form, Measured, Narcotic, Plan, Slot, Step
from care.order_check import faults
from care.order_times import slots_at
from care.steps_said import steps_of

FORMS: tuple[Form, ...] = get_args(Form)
_TYPED_AS = {"times": "when", "days": "when", "window": "before", "quantity": "per_dose"}
"""Where what is wrong with a plan was typed."""
_DAYS = (date(2000, 1, 1), date(2199, 12, 31))


class Fields(Struct, frozen=True):
    """The fields as they were typed."""

    what: str = ""
    form: str = "tablet"
    strength: str = ""
    substance: str = ""
    """ATC code, as it was typed: small letters and spaces are let by."""
    amount: str = ""
    route: str = ""
    contents: str = ""
    """One a line: "Metoprolol 50 mg: 1"."""
    when: str = ""
    """Plain Swedish (care/days_said.py), or a rule of RFC 5545 and times after it."""
    before: str = "60"
    after: str = "60"
    amounts: str = ""
    """Where a time has its own amount, one a line: "20:00 2 tabletter"."""
    start: str = ""
    end: str = ""
    steps: str = ""
    requires: str = ""
    needed: bool = False
    indication: str = ""
    min_hours: str = ""
    max_per_24h: str = ""
    limit_unit: str = ""
    dose: str = ""
    effect_minutes: str = "60"
    narcotic: bool = False
    preparation: str = ""
    unit: str = ""
    per_dose: str = ""
    witness: bool = False
    value: str = ""
    value_unit: str = ""
    below: str = ""
    above: str = ""
    note_asked: bool = False
    note: str = ""
    reason: str = ""


class _Faults(dict[str, str]):
    def number(self, name: str, text: str, least: float | None = None) -> float:
        """A number as it is written in Sweden; one that is none is noted."""
        if not text and least is not None:
            return least
        found = number_of(text.strip())
        if found is None:
            self[name] = "number"
        return found or 0.0

    def optional(self, name: str, text: str) -> float | None:
        return self.number(name, text) if text else None

    def day(self, name: str, text: str) -> date | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not _DAYS[0] <= day <= _DAYS[1]:
            self[name] = "day"
            return None
        return day


def plan_of(fields: Fields, earlier: Plan | None = None) -> tuple[Plan | None, dict[str, str]]:
    """The plan that the fields say, or what is wrong: field to why (``order.fault.<why>``).

    ``earlier``: the version that it replaces; times that move keep their slots.
    """
    wrong = _Faults()
    start = wrong.day("start", fields.start)
    end = wrong.day("end", fields.end) if fields.end else None
    form = next((one for one in FORMS if one == fields.form), None)
    if form is None:
        wrong["form"] = "missing"
    rule, slots = _when(fields, earlier, wrong)
    needed, narcotic = _needed(fields, wrong), _narcotic(fields, wrong)
    value = _value(fields, earlier, wrong)
    contents = _contents(fields.contents)
    # What cannot be read stands as something harmless, so that all that is wrong is told at once.
    plan = Plan(
        what=fields.what.strip(),
        short=earlier.short if earlier else "",
        form=form or "tablet",
        strength=fields.strength.strip(),
        substance="".join(fields.substance.split()).upper(),
        amount=fields.amount.strip(),
        route=fields.route.strip(),
        contents=contents,
        days=rule,
        slots=slots,
        start=start or _DAYS[0],
        end=end,
        requires=fields.requires or None,
        as_needed=needed,
        narcotic=narcotic,
        witness=fields.witness,
        value=value,
        note_asked=fields.note_asked,
        note=fields.note.strip(),
        reason=fields.reason.strip(),
        source=earlier.source if earlier else None,
    )
    plan = _tapered(plan, fields, wrong)
    found = {_TYPED_AS.get(fault.field, fault.field): fault.why for fault in faults(plan)}
    if "dose" in wrong:
        found.pop("max_per_24h", None)  # it is held against the dose, which is yet to be said
    found |= wrong
    return (None, found) if found else (plan, {})


def _when(fields: Fields, earlier: Plan | None, wrong: _Faults) -> tuple[str, tuple[Slot, ...]]:
    before, after = (wrong.number(name, getattr(fields, name), 60) for name in ("before", "after"))
    if fields.needed:
        return "FREQ=DAILY", ()
    first, _, rest = fields.when.strip().partition(" ")
    by_rule = first.upper().startswith("FREQ=")
    said = read(rest if by_rule else fields.when)
    if not isinstance(said, Said):
        wrong["when"] = "when"
        return "", ()
    slots = slots_at(said.times, int(before), int(after), earlier.slots if earlier else ())
    own = _amounts(fields.amounts, {slot.time for slot in slots}, wrong)
    made = tuple(replace(slot, amount=own.get(slot.time, ""), quantity=0) for slot in slots)
    if fields.narcotic:
        made = tuple(replace(slot, quantity=leading(slot.amount)) for slot in made)
    return (first.upper() if by_rule else said.days.rule), made


def _amounts(text: str, times: set[str], wrong: _Faults) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        first, _, rest = line.strip().partition(" ")
        said = read(first.rstrip(":")) if first else None
        if not first:
            continue
        if (
            not isinstance(said, Said)
            or len(said.times) != 1
            or said.times[0] not in times
            or not rest.strip()
        ):
            wrong["amounts"] = "amounts"
            return {}
        found[said.times[0]] = rest.strip()
    return found


def _needed(fields: Fields, wrong: _Faults) -> AsNeeded | None:
    if not fields.needed:
        return None
    return AsNeeded(
        indication=fields.indication.strip(),
        min_hours=wrong.number("min_hours", fields.min_hours),
        max_per_24h=wrong.number("max_per_24h", fields.max_per_24h),
        unit=fields.limit_unit.strip(),
        dose=wrong.number("dose", fields.dose),
        effect_minutes=int(wrong.number("effect_minutes", fields.effect_minutes, 60)),
    )


def _narcotic(fields: Fields, wrong: _Faults) -> Narcotic | None:
    if not fields.narcotic:
        return None
    named = " ".join(f"{fields.what} {fields.strength}".split())
    return Narcotic(
        preparation=fields.preparation.strip() or named,
        unit=fields.unit.strip(),
        per_dose=wrong.number("per_dose", fields.per_dose or number(leading(fields.amount))),
    )


def _value(fields: Fields, earlier: Plan | None, wrong: _Faults) -> Measured | None:
    if not fields.value.strip():
        return None
    was = earlier.value if earlier and earlier.value else Measured("")
    return Measured(
        what=fields.value.strip(),
        unit=fields.value_unit.strip(),
        least=was.least,
        most=was.most,
        call_below=wrong.optional("below", fields.below),
        call_above=wrong.optional("above", fields.above),
    )


def _contents(text: str) -> tuple[Content, ...]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, amount = line.rpartition(":")
        found.append(Content(name.strip(), amount.strip()) if colon else Content(line, "1"))
    return tuple(found)


def _tapered(plan: Plan, fields: Fields, wrong: _Faults) -> Plan:
    """The plan with its steps from its first day on; when all of them have lengths it ends with the last."""
    said = steps_of(fields.steps)
    if said is None:
        wrong["steps"] = "steps_said"
        return plan
    steps, day = [], plan.start
    for amount, days in said:
        steps.append(Step(day, amount, leading(amount) if plan.narcotic else 0))
        day += timedelta(days=days or 0)
    end = plan.end
    if said and said[-1][1] is not None and end is None:
        end = day - timedelta(days=1)
    return replace(plan, steps=tuple(steps), end=end)

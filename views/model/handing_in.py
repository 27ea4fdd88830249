"""Handing a form in: the answers become a fact, and the draft is gone in the same transaction."""

import json

from msgspec import Raw

from care.facts import Body, Ref
from care.forms import Coding, to_response
from care.published import Answered
from care.sbar import SbarCalled, SbarRecorded
from care.unit import OnCall
from storage import Statement
from views.model import filling as fillings
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Case, ChoosePerson, ChooseReport, ChooseUnit, CountBreaths, Fill, Review, Script


async def finish_sbar(shift: Shift, key: str, call: OnCall | None = None) -> str:
    """Save the SBAR, and that the nurse was called; then show the case. Returns the case's id."""
    if key in shift.done:
        return shift.done[key]
    filling = fillings.of(shift, key)
    called = (call.name, call.phone) if call else filling.called
    async with filling.lock:  # what is still being written of the draft must not come after
        if not filling.finished:
            await shift.save(*_sbar(shift, filling, called), draft=key)
            filling.finished = True
    leave(shift, filling)
    shift.go(Case(filling.id))
    return filling.id


async def record_112(shift: Shift, key: str) -> None:
    """Save the SBAR because 112 is called. The form stays open: the nurse is called next."""
    filling = fillings.of(shift, key)
    async with filling.lock:
        if filling.finished:
            return
        await shift.save(*_sbar(shift, filling, ("112", "112")))
        filling.recorded = True
    await fillings.keep(shift, key)


def _sbar(shift: Shift, filling: Filling, called: tuple[str, str] | None) -> list[Statement]:
    """What is stated: the SBAR unless it stands already, and the call. At least one of them."""
    bodies: list[Body] = []
    if not filling.recorded:
        bodies.append(SbarRecorded(answers=answered(shift, filling), prompted_by=filling.prompted_by))
    if called:
        bodies.append(SbarCalled(to=called[0], number=called[1]))
    about = Ref("sbar", filling.id)
    return [Statement(body, about, shift.me.unit, filling.person) for body in bodies]


def answered(shift: Shift, filling: Filling) -> Answered:
    """The form as it is filled in now."""
    at = shift.phone.now().isoformat(timespec="seconds")
    response = to_response(filling.form, filling.answers, at)
    return Answered(
        form=filling.form.url,
        form_version=filling.form.version,
        response=Raw(json.dumps(response, ensure_ascii=False).encode()),
    )


def leave(shift: Shift, filling: Filling) -> None:
    """The form is no longer in hand; another form that prompted it still is, below."""
    key = filling.key
    shift.fillings.pop(key, None)
    shift.done[key] = filling.id
    shift.stack = [
        place
        for place in shift.stack
        if not isinstance(place, ChoosePerson | ChooseReport | ChooseUnit)
        and not (isinstance(place, Fill | Review | CountBreaths | Script) and place.draft == key)
    ]


def code(filling: Filling, link_id: str) -> str:
    """The code of the answer to a choice; "" when there is none."""
    value = filling.value(link_id)
    return value.code if isinstance(value, Coding) else ""

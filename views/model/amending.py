"""Other answers to a report that one has made: the form as it was filled in, and what is saved of it."""

import asyncio
import os

from care.deviation import DeviationAmended, DeviationDocument
from care.facts import Ref
from care.forms import FormError, from_response
from care.ids import uuid7
from storage import Statement
from views.model import drafts, reading
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Fill


def may(shift: Shift, case: DeviationDocument | None) -> bool:
    """Whether the answers are one's own to change: they are here, and nobody has closed the case."""
    if case is None or case.answers is None or case.reporter != shift.me.staff or case.handling.closed:
        return False
    return _form(shift, case) is not None


async def begin(shift: Shift, case: DeviationDocument) -> None:
    """Open the form with the answers that stand, or as it was left the last time."""
    async with shift.opening:
        found = await _left(shift, case) or _filled(shift, case)
        if found is None:
            return
        await drafts.keep(shift, found)
        shift.fillings[found.key] = found
        shift.go(Fill(found.key))


def standing(shift: Shift, id: str) -> DeviationDocument:
    """The report that is amended. Raises KeyError when it is no longer here."""
    case = reading.one(shift, DeviationDocument, id)
    if case is None or case.answers is None:
        raise KeyError(id)
    return case


async def save(shift: Shift, filling: Filling, body: DeviationAmended, case: DeviationDocument) -> bool:
    """State the answers as they are now. False: none is another, and nothing is stated."""
    before = _filled(shift, case)
    if before is not None and before.answers == filling.answers:
        await asyncio.to_thread(shift.me.drop_draft, filling.key)
        return False
    await shift.save(Statement(body, Ref("deviation", case.id), case.unit, case.person), draft=filling.key)
    return True


async def _left(shift: Shift, case: DeviationDocument) -> Filling | None:
    for key, saved_at in await asyncio.to_thread(shift.me.drafts):
        found = shift.fillings.get(key) or drafts.read(shift, key, saved_at)
        if found is not None and found.amends and found.id == case.id:
            return found
    return None


def _form(shift: Shift, case: DeviationDocument) -> str | None:
    """The name of the form that was answered."""
    assert case.answers is not None
    return next((name for name, form in shift.phone.forms.items() if form.url == case.answers.form), None)


def _filled(shift: Shift, case: DeviationDocument) -> Filling | None:
    name = _form(shift, case)
    if name is None or case.answers is None:
        return None
    form = drafts.form_of(shift, name, case.answers.form_version)
    try:
        answers = from_response(form, case.answers.read())
    except (FormError, ValueError):
        return None
    return Filling(
        key=uuid7(int(shift.phone.now().timestamp() * 1000), os.urandom(10)),
        id=case.id,
        form_name=name,
        template=form,
        person=case.person,
        category=case.category,
        answers=answers,
        amends=True,
        instead=case.instead,
    )

"""Drafts: a form in hand as it is kept, encrypted, so that a killed app goes on where it was."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from care.deviation import Instead
from care.forms import FormError, Questionnaire, from_response, load, to_response
from care.published import FormDocument
from storage import StorageError
from views.model import reading
from views.model.in_hand import Filling
from views.model.phone import SBAR
from views.model.shift import Shift

SBAR_STALE_AFTER = timedelta(hours=4)
"""An SBAR left longer than this begins anew: what was measured then says nothing of now (p)."""


class Kept(Struct, frozen=True, kw_only=True):
    """What the draft holds. ``id`` is the aggregate's to be: one form can name another before saving."""

    id: str
    form: str
    version: str
    person: str | None
    category: str
    prompted_by: str
    response: dict[str, Any]
    prefilled: list[str] = []
    confirmed: list[str] = []
    skipped: list[str] = []
    acknowledged: list[str] = []
    called: tuple[str, str] | None = None
    recorded: bool = False
    instead: Instead = ""
    started: list[str] = []
    amends: bool = False
    unit: str = ""


async def keep(shift: Shift, filling: Filling) -> None:
    """Writes the newest state; waits for its turn, so that an older one never lands last."""
    async with filling.lock:
        if filling.finished or shift.fillings.get(filling.key, filling) is not filling:
            return
        if shift.unlocked is None:
            return
        at = shift.phone.now().isoformat(timespec="seconds")
        kept = Kept(
            id=filling.id,
            form=filling.form_name,
            version=filling.form.version,
            person=filling.person,
            category=filling.category,
            prompted_by=filling.prompted_by,
            response=to_response(filling.form, filling.answers, at, status="in-progress"),
            prefilled=sorted(filling.prefilled),
            confirmed=sorted(filling.confirmed),
            skipped=sorted(filling.skipped),
            acknowledged=sorted(filling.acknowledged),
            called=filling.called,
            recorded=filling.recorded,
            instead=filling.instead,
            started=sorted(filling.started),
            amends=filling.amends,
            unit=filling.unit,
        )
        await asyncio.to_thread(shift.unlocked.save_draft, filling.key, msgspec.json.encode(kept))


async def keep_all(shift: Shift) -> None:
    """Writes every form in hand: the phone is about to be put away, or taken over by a colleague."""
    for filling in list(shift.fillings.values()):
        await keep(shift, filling)


async def unfinished(
    shift: Shift, form: str, person: str | None, category: str, prompted_by: str, unit: str = ""
) -> Filling | None:
    """The form of this kind that somebody began about this person and unit, if one is left."""
    if shift.unlocked is None:
        return None
    now = shift.phone.now()
    for key, saved_at in await asyncio.to_thread(shift.me.drafts):
        found = shift.fillings.get(key) or read(shift, key, saved_at)
        if found is None or (found.form_name, found.person, found.category) != (form, person, category):
            continue
        if found.unit != unit:
            continue
        if found.amends or (prompted_by and found.prompted_by != prompted_by):
            continue
        if form == SBAR and now - saved_at > SBAR_STALE_AFTER:
            await asyncio.to_thread(shift.me.drop_draft, key)
            continue
        found.resumed = saved_at
        return found
    return None


def read(shift: Shift, key: str, saved_at: datetime | None) -> Filling | None:
    """The form of a draft; None for what is not one, or no longer fits its form."""
    with suppress(msgspec.DecodeError, FormError, KeyError, StorageError):
        data = shift.me.draft(key)
        kept = msgspec.json.decode(data, type=Kept) if data else None
        if kept is None:
            return None
        form = form_of(shift, kept.form, kept.version, kept.unit)
        return Filling(
            key=key,
            id=kept.id,
            form_name=kept.form,
            template=form,
            person=kept.person,
            category=kept.category,
            prompted_by=kept.prompted_by,
            answers=from_response(form, kept.response),
            prefilled=set(kept.prefilled),
            confirmed=set(kept.confirmed),
            skipped=set(kept.skipped),
            acknowledged=set(kept.acknowledged),
            called=kept.called,
            recorded=kept.recorded,
            instead=kept.instead,
            started=set(kept.started),
            amends=kept.amends,
            unit=kept.unit,
            resumed=saved_at,
        )
    return None


class Begun(NamedTuple):
    """A form that somebody left before it was saved."""

    key: str
    form: str
    person: str | None
    category: str
    saved_at: datetime


def begun(shift: Shift) -> list[Begun]:
    """Forms with an answer of one's own in them that were not saved, newest first."""
    found = []
    for key, saved_at in shift.me.drafts():
        with suppress(msgspec.DecodeError, StorageError):
            data = shift.me.draft(key)
            kept = msgspec.json.decode(data, type=Kept) if data else None
            own = kept and (
                _answered(kept.response) - {*kept.prefilled, *kept.started} or shift.me.photo_count(key)
            )
            if kept and own and not kept.recorded:
                found.append(Begun(key, kept.form, kept.person, kept.category, saved_at))
    return sorted(found, key=lambda one: one.saved_at, reverse=True)


def _answered(part: dict[str, Any]) -> set[str]:
    """The linkIds that have an answer, in a response or an item of one."""
    found = {part["linkId"]} if part.get("answer") and "linkId" in part else set()
    return found.union(*(_answered(item) for item in part.get("item", [])))


def form_of(shift: Shift, name: str, version: str = "", unit: str = "") -> Questionnaire:
    """A form by name: in this version, when one is begun; else as the organisation has published it for the
    unit (the phone's, when none is named), or as it was shipped."""
    shipped = shift.phone.forms[name]
    documents = reading.all_of(shift, FormDocument) if shift.unlocked else []
    here = [document for document in documents if document.url == shipped.url]
    wanted = [one for document in here for one in document.versions if one.version == version]
    if not wanted and shipped.version != version:
        wanted = [one for document in here if (one := document.used_in(unit or shift.me.unit))]
    if wanted:
        with suppress(FormError):
            return load(wanted[-1].questionnaire)
    return shipped

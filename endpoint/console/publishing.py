"""Publishing forms: what was sent is checked, looked at, and then on the phones of its units."""

import os
import time
from collections.abc import Collection, Mapping

import msgspec
from msgspec import Raw, Struct

from care.facts import Body, Ref
from care.forms import Fault, Questionnaire, check, load
from care.forms.source import parse
from care.ids import uuid7
from care.published import FormDocument, FormPublished, FormVersion, FormWithdrawn
from care.rights import Act
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.answers import forms as shipped
from endpoint.console.answers import shipped_file
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

FORM_MOST = 200_000
"""Bytes of a form, as it travels to the phones. The largest that is shipped has half of it."""
FAULTS_MOST = 200
REASON_MOST = 500


class Listed(Struct, frozen=True):
    """A form by its address. ``document``: as published; None: only as it came with the app."""

    url: str
    title: str
    version: str
    document: FormDocument | None
    shipped: Questionnaire | None

    @property
    def state(self) -> str:
        if self.document is None:
            return "shipped"
        return "published" if self.document.current else "withdrawn"


class Checked(Struct, frozen=True):
    """What was sent, and what came of the check. ``wrong``: a key of the texts. Fit when there is a form."""

    text: str
    faults: tuple[Fault, ...] = ()
    wrong: str = ""
    form: Questionnaire | None = None
    data: bytes = b""
    lacks: tuple[str, ...] = ()
    """Questions of the form that came with the app which this one has not, or asks in another way. What is
    reckoned from them (NEWS2, the script to read aloud, statistics) then lacks them."""
    languages: tuple[str, ...] = ()

    @property
    def questions(self) -> int:
        return sum(item.is_question() for item in self.form.walk()) if self.form else 0


async def listed(database: Database, reader: Reader) -> list[Listed]:
    """Every form of the reader's vårdgivare by title: as it came with the app, as published, or withdrawn."""
    known = {one.url: one for one in await _mine(database, reader)}
    found = []
    for url in {**shipped(), **known}:
        document, own = known.get(url), shipped().get(url)
        version = document.current if document else None
        last = version or (document.versions[-1] if document and own is None else None)
        form = load(last.questionnaire) if last else own
        if form is not None:
            found.append(Listed(url, form.title, form.version, document, own))
    return sorted(found, key=lambda one: (one.title, one.url))


async def opened(database: Database, reader: Reader, id: str) -> FormDocument:
    """A published form of the reader's vårdgivare. Raises NoSuchPage."""
    found = next((one for one in await _mine(database, reader) if one.id == id), None)
    if found is None:
        raise NoSuchPage(id)
    return found


async def mine(database: Database, reader: Reader, id: str) -> FormDocument:
    """A published form that is the reader's to change. Raises NoSuchPage or NotYours."""
    found = await opened(database, reader, id)
    if not may_change(reader, found):
        raise NotYours(id)
    return found


def may_change(reader: Reader, form: FormDocument) -> bool:
    """Whether the reader may publish in every unit that it is used in."""
    return all(reader.may(Act.FORM_PUBLISH, unit) for unit in form.versions[-1].units)


def version_of(form: FormDocument, number: int) -> FormVersion:
    """A version by its number from 1; 0 is the latest. Raises NoSuchPage."""
    if not 0 <= number <= len(form.versions):
        raise NoSuchPage(form.id)
    return form.versions[number - 1]


async def checked(database: Database, reader: Reader, text: str) -> Checked:
    """Check what was sent, item by item, and against what is published already."""
    if not text.strip():
        return Checked(text, wrong="nothing")
    faults = check_text(text)
    if faults:
        return Checked(text, faults=tuple(faults[:FAULTS_MOST]))
    form, data = load(text.encode()), compact(text)
    if not form.url or not form.version:
        return Checked(text, wrong="unnamed")
    if len(data) > FORM_MOST:
        return Checked(text, wrong="large")
    own = shipped().get(form.url)
    known = {
        version.version: version.questionnaire
        for one in await _mine(database, reader)
        if one.url == form.url
        for version in one.versions
    }
    if own:
        known.setdefault(own.version, compact(shipped_file(own.url)))
    if known.get(form.version, data) != data:
        return Checked(text, wrong="taken")
    return Checked(text, form=form, data=data, lacks=lacking(form, own), languages=languages(data))


def check_text(text: str) -> list[Fault]:
    """Everything that is faulty or not supported, each with its linkId."""
    return check(text.encode())


def compact(text: str | bytes) -> bytes:
    """The form as it travels: the same JSON without the white space."""
    return msgspec.json.format(text.encode() if isinstance(text, str) else text, indent=-1)


def lacking(form: Questionnaire, own: Questionnaire | None) -> tuple[str, ...]:
    """The questions of the shipped form that are not here with the same type and the same answers."""
    if own is None:
        return ()
    lost = []
    for item in own.walk():
        here = form.item(item.link_id)
        if item.is_question() and (
            here is None
            or here.type != item.type
            or not {option.code for option in item.options} <= {option.code for option in here.options}
        ):
            lost.append(item.link_id)
    return tuple(lost)


def languages(data: bytes) -> tuple[str, ...]:
    """The languages that the form has translations in."""
    found: set[str] = set()

    def look(value: object) -> None:
        if isinstance(value, dict):
            if value.get("url") == "lang" and isinstance(value.get("valueCode"), str):
                found.add(value["valueCode"])
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)

    look(parse(data))
    return tuple(sorted(found))


def wrong_units(units: Collection[str], allowed: Mapping[str, UnitDocument]) -> bool:
    """Whether these are not units of one vårdgivare where the reader may publish."""
    providers = {allowed[unit].provider if unit in allowed else "" for unit in units}
    return len(providers) != 1 or "" in providers


async def publish(parts: Parts, reader: Reader, made: Checked, units: tuple[str, ...]) -> str:
    """Publish a version; it is on the phones of its units at their next contact. Gives the form's id.

    The same version published twice is published once. Raises NotYours.
    """
    assert made.form is not None
    provider = {unit.id: unit.provider for unit in reader.units}
    here = [one for one in await _mine(parts.database, reader) if one.url == made.form.url]
    known = next((one for one in here if provider.get(one.unit) == provider.get(units[0])), None)
    if known is not None and not may_change(reader, known):
        raise NotYours(known.id)
    now = known.current if known else None
    if known and now and (now.questionnaire, set(now.units)) == (made.data, set(units)):
        return known.id
    id = known.id if known else uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    home = known.unit if known else units[0]
    body = FormPublished(
        url=made.form.url, form_version=made.form.version, questionnaire=Raw(made.data), units=units
    )
    await _say(parts, reader, id, home, body)
    return id


async def withdraw(parts: Parts, reader: Reader, form: FormDocument, reason: str) -> None:
    """It is used no more."""
    if form.current:
        await _say(parts, reader, form.id, form.unit, FormWithdrawn(reason=reason.strip()[:REASON_MOST]))


async def _mine(database: Database, reader: Reader) -> list[FormDocument]:
    units = {unit.id for unit in reader.units_for(Act.FORM_PUBLISH)}
    found = await documents.of_kind(database, FormDocument)
    return [one for one in found if one.versions and not one.units.isdisjoint(units)]


async def _say(parts: Parts, reader: Reader, id: str, home: str, body: Body) -> None:
    await state(parts.database, parts.keys, Statement(body, Ref("form", id), home), reader.staff.id)


def pretty(data: bytes) -> bytes:
    """A form as somebody edits it."""
    return msgspec.json.format(data, indent=2)

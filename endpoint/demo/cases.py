"""Provkommun's cases: deviations in every state, complaints, a risk analysis and a kvalitetsråd."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw, field

from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument, ReportStatus, Step
from care.facts import Body, Ref, known_bodies
from care.forms import Answers, Coding, to_response
from care.published import Answered
from care.schedule import STOCKHOLM
from care.streams import readers_of
from endpoint.console.answers import forms
from endpoint.demo import names
from endpoint.demo.records import FOLDER, Record
from endpoint.demo.register import Register

_FORM = "https://rapp.example/fhir/Questionnaire/"
_DAYS = frozenset({"due", "done", "decided", "on", "from_day"})
"""Fields of bodies that are days: written as days from the day of loading."""
_STAFF = frozenset({"lead", "deputy", "owner"})


class SaidRecord(Record, frozen=True, kw_only=True):
    """One thing that was said, ``ago`` days before loading, and what its reporter was told of it (``step``,
    ``tell``). ``answers``: by linkId of ``form``, a code or a list of codes or words."""

    what: str
    by: str
    ago: float
    body: dict[str, Any] = field(default_factory=dict)
    form: str = ""
    answers: dict[str, str | list[str]] = field(default_factory=dict)
    step: Step | None = None
    tell: str = ""


class CaseRecord(Record, frozen=True, kw_only=True):
    kind: str
    key: str
    unit: str
    person: str | None
    said: tuple[SaidRecord, ...]


@cache
def cases() -> tuple[CaseRecord, ...]:
    return msgspec.json.decode((FOLDER / "cases.json").read_bytes(), type=tuple[CaseRecord, ...])


async def load(register: Register, now: datetime) -> None:
    """Write what is not there, as it was said before `now`. Again: nothing."""
    for case in cases():
        ref = Ref(case.kind, names.quality_id(case.kind, case.key))
        if await register.get(ref.kind, ref.id) is None:
            await _case(register, case, ref, now)


async def _case(register: Register, case: CaseRecord, ref: Ref, now: datetime) -> None:
    unit = names.unit_id(case.unit)
    person = names.person_id(case.person) if case.person else None
    reporter = names.staff_id(case.said[0].by)
    for said in case.said:
        at = now.astimezone(UTC) - timedelta(days=said.ago)
        author = names.staff_id(said.by)
        await register.state(_body(said, case.kind, at, now), ref, unit, person, author, at)
        if said.step:
            held = await register.get(ref.kind, ref.id)
            assert isinstance(held, DeviationDocument | ComplaintDocument)
            told = ReportStatus(reporter=reporter, step=said.step, text=said.tell, readers=readers_of(held))
            await register.state(told, Ref("report", ref.id), unit, person, author, at)


def _body(said: SaidRecord, kind: str, at: datetime, now: datetime) -> Body:
    values = {name: _value(name, value, now) for name, value in said.body.items()}
    if said.form:
        values["answers"] = _answered(said, at)
    if said.what == "reported":
        values["occurred"] = at - timedelta(minutes=20)
    return msgspec.json.decode(msgspec.json.encode(values), type=known_bodies()[f"{kind}.{said.what}", 1])


def _value(name: str, value: Any, now: datetime) -> Any:
    if name in _DAYS:
        return (now.astimezone(STOCKHOLM).date() + timedelta(days=value)).isoformat()
    if name in _STAFF:
        return names.staff_id(value)
    if name == "units":
        return [names.unit_id(one) for one in value]
    return names.quality_id("deviation", value) if name == "case" else value


def _answered(said: SaidRecord, at: datetime) -> Answered:
    form = forms()[_FORM + said.form]
    given: Answers = {}
    for link_id, values in said.answers.items():
        item = form.item(link_id)
        assert item is not None, link_id
        chosen = [values] if isinstance(values, str) else values
        given[link_id] = [item.completed(Coding(one)) if item.options else one for one in chosen]
    response = msgspec.json.encode(to_response(form, given, at.astimezone(STOCKHOLM).isoformat()))
    return Answered(form.url, form.version, Raw(response))

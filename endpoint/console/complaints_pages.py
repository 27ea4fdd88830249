"""The pages of complaints and views."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from care.complaint import ComplaintDocument
from care.forms import starting_answers
from care.handling import CAUSE_LEVELS, tree
from care.rights import Act
from care.staff import StaffDocument
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console import case_said, complaints
from endpoint.console.answers import forms
from endpoint.console.case import full_complaint, people
from endpoint.console.complaints import FORM, Shown, shown
from endpoint.console.errors import NotFilledIn, NotYours
from endpoint.console.forms.sheet import Sheet, read, sheet
from endpoint.console.forms.typed import answers_of, linked, typed_of
from endpoint.console.gone import gone
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
NOTHING = Sent({})


@get("/complaints")
async def complaint_list(parts: Here, reader: Me) -> Response[Any]:
    return await _complaints(parts, reader, None)


@get("/complaints/{id:str}")
async def complaint(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    return await _complaints(parts, reader, id)


@get("/complaints/new")
async def complaint_new(parts: Here, reader: Me) -> Response[Any]:
    """Anybody who works here takes a complaint down."""
    form = forms()[FORM]
    drawn = sheet(form, typed_of(form, starting_answers(form)), reader.t.language)
    return await _new(parts, reader, drawn)


@post("/complaints/new", guards=[own_forms_only])
async def complaint_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    form, given = forms()[FORM], await sent(request)
    unit = given("unit")
    if not reader.may(Act.COMPLAINT_RECEIVE, unit):
        raise NotYours(unit)
    typed = read(form, given.pairs)
    answers, problems = answers_of(form, typed, starting_answers(form))
    on_page = {link_id for field in given.all("shown") if (link_id := linked(form, field))}
    told = {link_id: problem for link_id, problem in problems.items() if link_id in on_page}
    drawn = sheet(form, typed, reader.t.language, told)
    unseen = {item.link_id for item in drawn.steered() if item.link_id in drawn.shown} - on_page
    if problems or unseen:
        return await _new(parts, reader, drawn, unit, 422)
    id = await complaints.register(parts, reader, unit, answers)
    handles = reader.may(Act.COMPLAINT_HANDLE, unit)
    return to(f"/console/complaints/{id}" if handles else "/console/complaints/taken")


@get("/complaints/taken")
async def complaint_taken(parts: Here, reader: Me) -> Response[Any]:
    """It has been taken down, for somebody who does not handle complaints."""
    reader.allowed(Act.COMPLAINT_RECEIVE)
    return page(
        "complaint_taken.html", reader, here="complaints", counts=await waiting(parts.database, reader)
    )


def _saying(name: str) -> HTTPRouteHandler:
    @post(f"/complaints/{{id:str}}/{name}", guards=[own_forms_only], name=f"complaint-{name}")
    async def say(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
        return await _say(parts, reader, await sent(request), id, name)

    return say


async def _say(parts: Parts, reader: Reader, given: Sent, id: str, name: str) -> Response[Any]:
    reader.allowed(Act.COMPLAINT_HANDLE)
    staff = await documents.of_kind(parts.database, StaffDocument)

    def asked(case: ComplaintDocument) -> case_said.Asked:
        who = {one.id for one in people(case, staff, reader)}
        return case_said.Asked(given, case.handling, who, reader.day)

    try:
        await complaints.say(parts, reader, id, name, asked)
    except NotFilledIn as fault:
        return await _complaints(parts, reader, id, given, (name, fault.text))
    return to(f"/console/complaints/{id}")


async def _complaints(
    parts: Parts, reader: Reader, id: str | None, given: Sent = NOTHING, wrong: tuple[str, str] = ("", "")
) -> Response[Any]:
    reader.allowed(Act.COMPLAINT_HANDLE)
    found = await shown(parts.database, reader)
    listed = {one.person.id: one.unit.id for one in found if one.person}
    await seen(parts, reader, "complaints", Act.COMPLAINT_HANDLE, listed)
    opened = found[0] if found and id is None else next((one for one in found if one.case.id == id), None)
    if id is not None and opened is None:
        return await gone(parts, reader, Act.COMPLAINT_HANDLE, "complaint", id, "complaints")
    if opened and opened.person:
        await seen(parts, reader, "complaint", Act.COMPLAINT_HANDLE, {opened.person.id: opened.unit.id})
    staff = await documents.of_kind(parts.database, StaffDocument)
    return page(
        "complaints.html",
        reader,
        422 if wrong[0] else 200,
        here="complaints",
        found=found,
        one=opened,
        chosen=id is not None,
        years={
            year: complaints.counted(found, date(year, 1, 1), date(year, 12, 31))
            for year in (reader.day.year, reader.day.year - 1)
        },
        counts=await waiting(parts.database, reader),
        **(_case(opened, staff, reader, given, wrong) if opened else {}),
    )


def _case(
    opened: Shown, staff: list[StaffDocument], reader: Reader, given: Sent, wrong: tuple[str, str]
) -> dict[str, Any]:
    analysis = opened.case.handling.analysis
    return {
        "full": full_complaint(opened.case, staff, reader),
        "given": given,
        "wrong": wrong,
        "areas": case_said.AREAS,
        "levels": range(1, CAUSE_LEVELS + 1),
        "effects": case_said.EFFECTS,
        "ways": complaints.WAYS,
        "causes": tree(analysis.body.causes) if analysis else [],
        "told_steps": [step.step for step in opened.told.steps] if opened.told else [],
    }


async def _new(
    parts: Parts, reader: Reader, drawn: Sheet, unit: str = "", status: int = 200
) -> Response[Any]:
    units = reader.allowed(Act.COMPLAINT_RECEIVE)
    mine = reader.mine or units
    return page(
        "complaint_new.html",
        reader,
        status,
        here="complaints",
        sheet=drawn,
        units=units,
        unit=unit or mine[0].id,
        counts=await waiting(parts.database, reader),
    )


HANDLERS = [
    complaint_list,
    complaint_new,
    complaint_make,
    complaint_taken,
    complaint,
    *(_saying(name) for name in complaints.SAYINGS),
]

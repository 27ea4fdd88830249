"""The pages of Formulär: what there is, a new version checked and published, one withdrawn."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery

from care.forms import starting_answers
from care.rights import Act
from endpoint.console import publishing
from endpoint.console.answers import shipped_file
from endpoint.console.errors import NoSuchPage
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.forms.sheet import sheet
from endpoint.console.forms.typed import typed_of
from endpoint.console.guard import own_forms_only
from endpoint.console.page import HEADERS, page, to
from endpoint.console.publishing import Checked
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/forms")
async def form_list(parts: Here, reader: Me) -> Response[Any]:
    reader.allowed(Act.FORM_PUBLISH)
    found = await publishing.listed(parts.database, reader)
    return page("published.html", reader, found=found, **await _values(parts, reader))


@get("/forms/new")
async def form_new(parts: Here, reader: Me) -> Response[Any]:
    units = tuple(unit.id for unit in reader.allowed(Act.FORM_PUBLISH))
    return await _edit(parts, reader, Checked(""), units)


@post("/forms/new", guards=[own_forms_only])
async def form_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Checked first and looked at, then published: the same page, with another button."""
    allowed = {unit.id: unit for unit in reader.allowed(Act.FORM_PUBLISH)}
    text, units, do = await _given(request)
    made = await publishing.checked(parts.database, reader, text)
    if made.form is None or publishing.wrong_units(units, allowed):
        return await _edit(parts, reader, made, units, 422)
    if do != "publish":
        return await _edit(parts, reader, made, units)
    return to(f"/console/forms/{await publishing.publish(parts, reader, made, units)}")


@get("/forms/shipped")
async def form_shipped(reader: Me, url: FromQuery[str] = "") -> Response[Any]:
    """The JSON of a form that came with the app: what a version of one's own begins with."""
    reader.allowed(Act.FORM_PUBLISH)
    if not url:
        return to("/console/forms")
    try:
        return _file(shipped_file(url))
    except KeyError:
        raise NoSuchPage(url) from None


@get("/forms/{id:str}")
async def form_shown(
    parts: Here, reader: Me, id: FromPath[str], version: FromQuery[int] = 0
) -> Response[Any]:
    """A published form: its versions, and one of them as it is filled in."""
    found = await publishing.opened(parts.database, reader, id)
    number = version or len(found.versions)
    one = publishing.version_of(found, number)
    known = await catalogue(parts.database, [unit.id for unit in reader.units])
    form = known.versions.get((found.url, one.version))
    return page(
        "published_form.html",
        reader,
        form=found,
        one=one,
        number=number,
        drawn=sheet(form, typed_of(form, starting_answers(form)), "sv") if form else None,
        mine=publishing.may_change(reader, found),
        units={unit.id: unit for unit in reader.units},
        **await _values(parts, reader),
    )


@get("/forms/{id:str}/file")
async def form_file(parts: Here, reader: Me, id: FromPath[str], version: FromQuery[int] = 0) -> Response[Any]:
    found = await publishing.opened(parts.database, reader, id)
    return _file(publishing.pretty(publishing.version_of(found, version).questionnaire))


@get("/forms/{id:str}/withdraw")
async def form_withdraw_ask(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = await publishing.mine(parts.database, reader, id)
    return page("published_withdraw.html", reader, form=found, **await _values(parts, reader))


@post("/forms/{id:str}/withdraw", guards=[own_forms_only])
async def form_withdraw(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found = await publishing.mine(parts.database, reader, id)
    await publishing.withdraw(parts, reader, found, (await sent(request)).text("reason"))
    return to(f"/console/forms/{id}")


async def _given(request: AnyRequest) -> tuple[str, tuple[str, ...], str]:
    """The form's text from the file or the field, the units, and which button. A file goes first."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        fields = await sent(request)
        text = next(iter(fields.all("text")), "")
        return text, tuple(dict.fromkeys(fields.all("units"))), fields("do")
    try:
        form = await request.form()
    except (HTTPException, ValueError):
        return "", (), ""
    file = form.get("file")
    data = await file.read() if isinstance(file, UploadFile) else b""
    text = data.decode("utf-8-sig", "replace") if data.strip() else str(form.get("text") or "")
    return (
        text.replace("\0", ""),
        tuple(dict.fromkeys(map(str, form.getall("units", [])))),
        str(form.get("do") or ""),
    )


async def _edit(
    parts: Parts, reader: Reader, made: Checked, units: tuple[str, ...], status: int = 200
) -> Response[Any]:
    allowed = reader.allowed(Act.FORM_PUBLISH)
    return page(
        "published_new.html",
        reader,
        status,
        made=made,
        chosen=units,
        units=allowed,
        wrong_units=bool(made.form) and publishing.wrong_units(units, {unit.id: unit for unit in allowed}),
        sheet=sheet(made.form, {}, "sv") if made.form else None,
        most=publishing.FORM_MOST // 1000,
        **await _values(parts, reader),
    )


def _file(data: bytes) -> Response[bytes]:
    named = {"Content-Disposition": 'attachment; filename="formular.json"'}
    return Response(data, media_type="application/fhir+json", headers=HEADERS | named)


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {"here": "forms", "counts": await waiting(parts.database, reader)}


HANDLERS = [
    form_list,
    form_new,
    form_make,
    form_shipped,
    form_shown,
    form_file,
    form_withdraw_ask,
    form_withdraw,
]

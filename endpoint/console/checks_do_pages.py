"""The pages on which one check is done, kept half-way, signed and corrected."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from endpoint.console import checks_doing as doing_
from endpoint.console.checks_frame import frame
from endpoint.console.forms.sheet import Sheet, read, sheet
from endpoint.console.forms.typed import Typed, linked
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/checks/results/{plan:str}/{unit:str}/{day:str}")
async def do(
    parts: Here,
    reader: Me,
    plan: FromPath[str],
    unit: FromPath[str],
    day: FromPath[str],
    correct: FromQuery[bool] = False,
) -> Response[Any]:
    """The form of one check; its result once it has been done."""
    doing = await doing_.opened(parts, reader, plan, unit, day)
    done = doing.result is not None and bool(doing.result.given)
    if done and not correct:
        return page(
            "checks_result.html",
            reader,
            here="checks",
            doing=doing,
            shown=await doing_.shown(parts.database, doing),
            before=await doing_.before(parts.database, reader, doing),
            **await frame(parts, reader),
        )
    draft = await doing_.begun(parts, reader, doing)
    typed = draft.typed if draft else doing_.answered_typed(doing)
    drawn = sheet(doing.form, typed, reader.t.language)
    return await _form(parts, reader, doing, drawn, kept=draft.saved if draft else None)


@post("/checks/results/{plan:str}/{unit:str}/{day:str}", guards=[own_forms_only])
async def sign(
    parts: Here, reader: Me, request: AnyRequest, plan: FromPath[str], unit: FromPath[str], day: FromPath[str]
) -> Response[Any]:
    doing = await doing_.opened(parts, reader, plan, unit, day)
    typed, seen, given = await _typed(request, doing)
    wrong = await doing_.sign(parts, reader, doing, typed, seen, given.text("reason"))
    if wrong is None:
        return to(doing.path)
    return await _form(parts, reader, doing, wrong, status=422, kept=reader.now, reason=given.text("reason"))


@post("/checks/results/{plan:str}/{unit:str}/{day:str}/draft", guards=[own_forms_only])
async def draft(
    parts: Here, reader: Me, request: AnyRequest, plan: FromPath[str], unit: FromPath[str], day: FromPath[str]
) -> Response[Any]:
    """Keep what has been typed. With scripts it comes at each change, and questions come and go."""
    doing = await doing_.opened(parts, reader, plan, unit, day)
    typed, seen, _ = await _typed(request, doing)
    await doing_.keep(parts, reader, doing, typed)
    if request.headers.get("hx-request") != "true":
        return to("/console/checks?unit=" + doing.unit.id)
    drawn = sheet(doing.form, typed, reader.t.language)
    changed = [
        item
        for item in drawn.steered()
        if item.calculated or (item.link_id in drawn.shown) != (item.link_id in seen)
    ]
    return page("checks_kept.html", reader, sheet=drawn, changed=changed, kept=reader.now)


async def _form(
    parts: Parts, reader: Reader, doing: doing_.Doing, drawn: Sheet, status: int = 200, **more: Any
) -> Response[Any]:
    values = {"kept": None, "reason": ""} | more | await frame(parts, reader)
    before = await doing_.before(parts.database, reader, doing)
    return page(
        "checks_do.html", reader, status, here="checks", doing=doing, sheet=drawn, before=before, **values
    )


async def _typed(request: AnyRequest, doing: doing_.Doing) -> tuple[Typed, frozenset[str], Sent]:
    """What was sent: the answers, which questions were on the page, and the rest."""
    given = await sent(request)
    seen = frozenset(link_id for field in given.all("shown") if (link_id := linked(doing.form, field)))
    return read(doing.form, given.pairs), seen, given


HANDLERS = [do, sign, draft]

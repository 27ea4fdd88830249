"""The page of what one person was given as needed, and how it helped."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Act
from endpoint.audit.log import seen
from endpoint.console import needed, orders, overview
from endpoint.console.overview_pages import values
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
AnyRequest = Request[Any, Any, Any]
HELP_TONES = {
    "good": ("done", "done"),
    "some": ("accent", "check"),
    "none": ("late", "cross"),
    "worse": ("danger", "warning"),
}
"""The tone and the icon of how it helped; its word is ``effect.<help>``."""


@get("/overview/person/{id:str}/needed")
async def needed_page(
    parts: Here,
    reader: Me,
    request: AnyRequest,
    id: FromPath[str],
    first: FromQuery[str] = "",
    days: FromQuery[str] = "",
) -> Response[Any]:
    whose = await orders.whose(parts.database, reader, id)
    act = Act.PERSON_BEYOND if whose.beyond else Act.UNIT_READ
    await seen(parts, reader, "overview", act, {id: whose.unit.id})
    span = overview.span(first, days or str(overview.LENGTHS[-1]), reader.day)
    found = await needed.needed(parts.database, reader, whose.person, span)
    return page(
        "overview_needed.html",
        reader,
        found=found,
        charts=await request.app.state.charts.drawn([one.chart for one in found.orders], keep=False),
        whose=whose,
        span=span,
        tones_of_help=HELP_TONES,
        states=orders.TONES,
        since=needed.since,
        limits=needed.limits,
        **await values(parts, reader),
    )


HANDLERS = [needed_page]

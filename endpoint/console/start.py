"""The first page of those who follow up and administer: what waits for them, each with the page to do it on.

Whoever gives care comes straight to their work instead: the inbox, or the day's tasks.
"""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from care.rights import Act
from endpoint.console import phones_read
from endpoint.console.page import page, places, starts, to
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts


@get("/")
async def first(parts: NamedDependency[Parts], reader: NamedDependency[Reader]) -> Response[Any]:
    """The first page that the reader has; somebody without any is told so."""
    mine = places(reader)
    if not mine:
        return page("nothing.html", reader, here="")
    if not starts(reader):
        return to(mine[0].path)
    counts = await waiting(parts.database, reader)
    silent = await _silent_phones(parts, reader)
    waits = [(place, counts[place.name]) for place in mine if counts.get(place.name)]
    return page("start.html", reader, here="start", counts=counts, waits=waits, silent=silent)


async def _silent_phones(parts: Parts, reader: Reader) -> int:
    """How many phones have not been heard of for longer than their unit allows."""
    if not reader.units_for(Act.PHONE_MANAGE):
        return 0
    found = await parts.database.read(lambda connection: phones_read.phones(connection, reader))
    return sum(one.state == "silent" for one in found)

"""What stands around every page of Egenkontroll."""

from typing import Any

from care.rights import Act
from endpoint.console.checks import TONES, path_of
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts


async def frame(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {
        "counts": await waiting(parts.database, reader),
        "tones": TONES,
        "path_of": path_of,
        "plans_too": bool(reader.units_for(Act.CHECK_PLAN)),
        "overview_too": bool(reader.units_for(Act.CHECK_OVERVIEW)),
    }

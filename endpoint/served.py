"""What the server runs: the endpoint from its environment, with the console."""

import gc

from litestar import Litestar, get
from litestar.response import Redirect

from endpoint import settings
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.verifying import Beside


def app() -> Litestar:
    made = create_app(settings.from_environment(), [console, front], verifier=Beside())
    _spare_what_stays()
    return made


def _spare_what_stays() -> None:
    """What has been imported and made by now stays: searching it for garbage at each large batch of facts
    took a sixth of the batch's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


_NEW_OBJECTS = 20_000
"""Objects made, less those let go, until the youngest are searched: a batch of 1,000 facts makes so many
that all live until it is answered (Python's own: 700)."""


@get("/", include_in_schema=False)
async def front() -> Redirect:
    """Somebody who has only typed the name means the console."""
    return Redirect("/console/")

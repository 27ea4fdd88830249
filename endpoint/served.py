"""What the server runs: the endpoint from its environment, with the console."""

from litestar import Litestar, get
from litestar.response import Redirect

from endpoint import settings
from endpoint.app import create_app
from endpoint.console.routes import console


def app() -> Litestar:
    return create_app(settings.from_environment(), [console, front])


@get("/", include_in_schema=False)
async def front() -> Redirect:
    """Somebody who has only typed the name means the console."""
    return Redirect("/console/")

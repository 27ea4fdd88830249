"""What the server runs: the endpoint from its environment, with the console, and the demo where asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from endpoint import settings
from endpoint.app import create_app
from endpoint.demo.load import load
from endpoint.demo.register import EndpointRegister
from endpoint.parts import Parts


def app() -> Litestar:
    chosen = settings.from_environment()
    return create_app(chosen, console(), lifespan=[_provkommun] if chosen.demo else [])


def console() -> list[ControllerRouterHandler]:
    """The console's pages."""
    try:
        from endpoint.console.routes import console_handlers
    except ImportError:
        return []
    return list(console_handlers())


@asynccontextmanager
async def _provkommun(app: Litestar) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    await load(EndpointRegister(parts.database, parts.keys), parts.now())
    yield

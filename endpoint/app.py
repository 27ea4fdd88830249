"""The application: parts, calls, pages, and how failures are answered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

import endpoint.persons.beyond  # noqa: F401  (its table)
from endpoint import keys
from endpoint.api.anchors import trust
from endpoint.api.callers import provide_parts
from endpoint.api.device import device
from endpoint.api.entry import entry
from endpoint.api.exchange import exchange
from endpoint.api.health import state
from endpoint.api.photo import photo
from endpoint.ceremony import notes
from endpoint.charts import Charts
from endpoint.database import Database
from endpoint.deviations.api import figures
from endpoint.errors import SettingError
from endpoint.fhir.pages import fhir
from endpoint.headers import say_to_browsers
from endpoint.hosts import known_hosts
from endpoint.identity.demo import DemoProvider
from endpoint.identity.openid import OpenIdProvider
from endpoint.identity.openid_settings import safe
from endpoint.identity.provider import Provider
from endpoint.jobs import JOBS
from endpoint.leaving import leaving
from endpoint.limits import Limiter, limited
from endpoint.listen import listening
from endpoint.machines.api import machines
from endpoint.metrics import calls, metrics
from endpoint.migrate import migrate
from endpoint.parts import Now, Parts, utc_now
from endpoint.people.scim import scim
from endpoint.problems import HANDLERS
from endpoint.request import BODY_MOST, WireRequest
from endpoint.scheduler import scheduled
from endpoint.settings import Settings
from endpoint.verifying import Verifier
from endpoint.versions import spoken
from wire.messages import PROTOCOL

_schema = JsonRenderPlugin(path=["/", "/openapi.json"])
"""The description alone: pages to look at it in would fetch their scripts from elsewhere."""

_GZIP = 1
"""Level: half the time of 5, and pages in MessagePack are smaller with it than those in JSON were with 5."""
_CALLS = (entry, exchange, photo, device, trust, state, metrics, scim, figures, machines, fhir)


def create_app(
    settings: Settings,
    extra_handlers: Sequence[ControllerRouterHandler] = (),
    now: Now = utc_now,
    verifier: Verifier | None = None,
) -> Litestar:
    """The endpoint, with `extra_handlers` (the console's) mounted; without a `verifier` it does that itself.

    Its parts are in ``app.state.parts``, what callers have left in ``app.state.limiter``.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    provider = provider_of(settings)
    database = Database(settings.database)
    held = keys.load(settings.key_file, database)
    parts = Parts(settings, database, held, provider, now, verifier or Verifier())
    pages = provider.handlers() if provider else ()
    limiter = Limiter()
    app = Litestar(
        route_handlers=[*_CALLS, *pages, *extra_handlers],
        dependencies={"parts": Provide(provide_parts, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        request_class=WireRequest,
        request_max_body_size=BODY_MOST,
        before_send=[say_to_browsers(settings)],
        middleware=[calls.middleware, known_hosts(settings), limited(limiter), spoken],
        compression_config=CompressionConfig("gzip", minimum_size=1000, gzip_compress_level=_GZIP),
        openapi_config=OpenAPIConfig("Rapp endpoint", str(PROTOCOL), render_plugins=[_schema]),
        lifespan=[_life],
        logging_config=None,
    )
    app.state.parts, app.state.limiter = parts, limiter
    app.state.charts = Charts()
    return app


def provider_of(settings: Settings) -> Provider | None:
    """Who vouches for people; None: nobody can sign in yet. Raises SettingError."""
    if settings.demo and settings.openid:
        raise SettingError("RAPP_DEMO", "the demo lets anybody in: it runs beside no RAPP_OIDC_... provider")
    if settings.openid:
        if not safe(settings.base_url):
            raise SettingError("RAPP_PUBLIC_URL", "must be https: codes and cookies travel by it")
        return OpenIdProvider(settings.openid, settings.base_url)
    return DemoProvider(settings) if settings.demo else None


@asynccontextmanager
async def _life(app: Litestar) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    parts.verifier.ready()
    await parts.database.thread(lambda: migrate(parts.database))
    await parts.database.write(lambda connection: notes.check(connection, parts.keys))
    async with listening(parts.database, parts.settings.workers):
        with leaving(parts.database.wake), scheduled(parts, JOBS):
            yield
    app.state.charts.close()
    parts.verifier.close()  # first: whoever waits for it with a lock on the database goes on
    parts.database.close()

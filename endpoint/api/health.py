"""Whether the endpoint lives, whether it can work, and what time it is."""

from datetime import datetime

from litestar import Router, get
from litestar.di import NamedDependency
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from endpoint.errors import NotNow
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from wire.messages import PROTOCOL, Message


class Health(Message, frozen=True, kw_only=True):
    """``now`` is what a phone measures its clock against."""

    service: str
    protocol: int
    now: datetime


@get("/health", responses=PROBLEMS)
async def health(parts: NamedDependency[Parts]) -> Health:
    """Answers as long as the process does; recognises a captive portal, which answers something else."""
    return Health(service="rapp", protocol=PROTOCOL, now=parts.now())


@get("/ready", responses=PROBLEMS)
async def ready(parts: NamedDependency[Parts]) -> Health:
    """Answers 200 when the database does, 503 otherwise."""
    try:
        await parts.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    except SQLAlchemyError as error:
        raise NotNow("unavailable", "the database does not answer", retry_after=5) from error
    return Health(service="rapp", protocol=PROTOCOL, now=parts.now())


state = Router("/v1", route_handlers=[health, ready])

"""The parts of a running endpoint, as calls and pages are given them."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct, field

from endpoint.database import Database
from endpoint.identity.provider import Provider
from endpoint.intake import Intake
from endpoint.keys import Keys
from endpoint.settings import Settings
from endpoint.verifying import Verifier

Now = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Parts(Struct, frozen=True):
    """Injected by name: a handler that takes ``parts: NamedDependency[Parts]`` gets these."""

    settings: Settings
    database: Database
    keys: Keys
    provider: Provider | None
    now: Now
    verifier: Verifier = field(default_factory=Verifier)
    intake: Intake = field(default_factory=Intake)

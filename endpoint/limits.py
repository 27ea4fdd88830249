"""How often one may call: an allowance that calls use up, and that fills again with time.

In memory, for each worker by itself. The limits are there so that nobody can try sign-ins without end, and so
that one caller cannot take the whole endpoint. Neither needs an exact count over all workers, and a count in
the database would cost a write for every call and fall when the database does. With n workers somebody may
get n times as much. Where the count itself matters, it is in the database: wrong codes, in enrol_tries.py.

All phones of a municipality may come from one address. So an address has much, and little only for what
failed; a session has what one phone or one browser can need. The numbers are proposals (p), made for a
morning when 3,000 phones behind one address begin their shift within five minutes: ten sessions a second.

Whoever is refused is told when to come again (429, Retry-After). Nothing that a phone holds is lost by it.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal

from litestar.datastructures import Headers
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

from endpoint.errors import TooOften
from endpoint.sessions import digest

Whose = Literal["address", "session"]
_CALLERS_MOST = 50_000
"""Allowances kept by one worker, some 10 MB. The one that was unused for longest goes."""
_WAIT_MOST_S = 60
_FAILED = range(400, 500)
_COOKIE = "rapp_console"


class Limit(Struct, frozen=True):
    """`burst` calls at once, `per_second` more with time. Every limit that covers a call applies to it."""

    name: str
    paths: tuple[str, ...]
    whose: Whose
    burst: int
    per_second: float
    methods: frozenset[str] = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
    failures: bool = False
    """Whether only what was refused (4xx) uses it up."""

    def covers(self, method: str, path: str) -> bool:
        return method in self.methods and any(path == one or path.startswith(f"{one}/") for one in self.paths)


_SENDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SIGN_IN_PAGES = ("/console/sign-in", "/signin", "/demo")
LIMITS: tuple[Limit, ...] = (
    Limit("enrol", ("/v1/enrol",), "address", 300, 5, _SENDS),
    Limit("session", ("/v1/session",), "address", 3000, 50, _SENDS),
    Limit("wrong proofs", ("/v1/session",), "address", 1000, 10, failures=True),
    Limit("unknown tokens", ("/v1/push", "/v1/pull", "/v1/signin"), "address", 5000, 50, failures=True),
    Limit("sign-in", ("/v1/signin",), "session", 60, 2),
    Limit("exchange", ("/v1/push", "/v1/pull"), "session", 300, 20),
    Limit("sign-in pages", _SIGN_IN_PAGES, "address", 600, 10),
    Limit("failed sign-ins", _SIGN_IN_PAGES, "address", 60, 0.5, failures=True),
    Limit("console", ("/console",), "session", 600, 20),
    Limit("console forms", ("/console", "/scim"), "session", 60, 1, _SENDS),
)


class _Allowance(Struct):
    left: float
    at: float


class Limiter:
    """The allowances of this worker's callers."""

    def __init__(
        self, limits: tuple[Limit, ...] = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._callers: OrderedDict[tuple[str, str], _Allowance] = OrderedDict()

    def of(self, method: str, path: str) -> list[Limit]:
        """The limits of a call."""
        return [limit for limit in self.limits if limit.covers(method, path)]

    def wait(self, limit: Limit, caller: str) -> int:
        """Seconds until the caller may call again; 0: now."""
        left = self._allowance(limit, caller).left
        return 0 if left >= 1 else min(_WAIT_MOST_S, math.ceil((1 - left) / limit.per_second))

    def use(self, limit: Limit, caller: str) -> None:
        self._allowance(limit, caller).left -= 1

    def _allowance(self, limit: Limit, caller: str) -> _Allowance:
        now = self._clock()
        key = (limit.name, caller)
        found = self._callers.setdefault(key, _Allowance(limit.burst, now))
        self._callers.move_to_end(key)
        found.left = min(limit.burst, found.left + (now - found.at) * limit.per_second)
        found.at = now
        if len(self._callers) > _CALLERS_MOST:
            self._callers.popitem(last=False)
        return found


def limited(limiter: Limiter) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware that refuses, with TooOften, whoever has nothing left."""

    def around(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            of_call = limiter.of(str(scope.get("method")), scope["path"])
            callers = _callers(scope)
            waits = [limiter.wait(limit, callers[limit.whose]) for limit in of_call]
            if any(waits):
                raise TooOften("too_often", "calls have come too fast", retry_after=max(waits))
            for limit in of_call:
                if not limit.failures:
                    limiter.use(limit, callers[limit.whose])

            async def answered(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] in _FAILED:
                    for limit in of_call:
                        if limit.failures:
                            limiter.use(limit, callers[limit.whose])
                await send(message)

            await app(scope, receive, answered)

        return call

    return around


def _callers(scope: Any) -> Mapping[Whose, str]:
    """Who calls, by address and by session. Without a session, the address stands for it."""
    address = address_of(scope["client"][0] if scope.get("client") else "")
    headers = Headers.from_scope(scope)
    token = headers.get("authorization", "") + _console_cookie(headers.get("cookie", ""))
    return {"address": address, "session": digest(token).hex() if token else address}


def address_of(host: str) -> str:
    """An address as it is counted: of IPv6 the first 64 bits, which is what one subscriber has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def _console_cookie(cookies: str) -> str:
    return next((one for one in cookies.split(";") if _COOKIE in one), "").strip()

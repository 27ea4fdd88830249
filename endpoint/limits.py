"""How often one may call: an allowance that calls use up, and that fills again with time.

In memory, for each worker by itself. The limits are there so that nobody can try without end, and so that one
caller cannot take the whole endpoint. Neither needs an exact count over all workers, and a count in the
database would cost a write for every call and fall when the database does. With n workers somebody may get n
times as much.

All phones and browsers of a municipality may come from one address, and one of them must not be able to stop
the others. So whoever has shown a token that holds is counted alone, and not with the address. What is left
to the address is what nobody can show anything for yet: a session that is opened, a sign-in that begins, a
code that is typed. Nothing of that can be guessed (Ed25519, 256 random bits, 50 bits for half an hour), so
that an address is not counted more strictly for what failed: that would let one person there stop the rest
with one wrong call in two seconds, and keep nobody from anything. The numbers are proposals (p), made for a
morning when 3,000 phones behind one address begin their shift within five minutes: ten sessions a second.

Whoever is refused is told when to come again (429, Retry-After). Nothing that a phone holds is lost by it.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

from litestar.datastructures import Headers
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

from endpoint.errors import TooOften
from endpoint.sessions import digest

Whose = Literal["address", "session", "stranger"]
_CALLERS_MOST = 50_000
"""Allowances, and tokens that hold, kept by one worker; some 10 MB. What was unused for longest goes."""
_WAIT_MOST_S = 60
_COOKIE = "rapp_console"
_HOLDS = "token_holds"


class Limit(Struct, frozen=True):
    """`burst` calls at once, `per_second` more with time. Every limit that covers a call applies to it.

    `whose`: an address's, a token's, or those of an address's calls that come without a token that holds.
    """

    name: str
    paths: tuple[str, ...]
    whose: Whose
    burst: int
    per_second: float
    methods: frozenset[str] = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

    def covers(self, method: str, path: str) -> bool:
        return method in self.methods and any(path == one or path.startswith(f"{one}/") for one in self.paths)


_SENDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_EXCHANGE = ("/v1/push", "/v1/photo", "/v1/pull", "/v1/aggregate", "/v1/device", "/v1/certificate")
_FIGURES = ("/v1/statistics",)
LIMITS: tuple[Limit, ...] = (
    Limit("enrol", ("/v1/enrol",), "address", 300, 5, _SENDS),
    Limit("open session", ("/v1/session",), "address", 3000, 50, _SENDS),
    Limit("anchors", ("/v1/anchors",), "address", 3000, 50),
    Limit("sign-in pages", ("/console/sign-in", "/signin", "/demo"), "address", 1200, 20),
    Limit(
        "strangers",
        (*_EXCHANGE, *_FIGURES, "/v1/signin", "/console", "/scim", "/v1/fhir"),
        "stranger",
        5000,
        50,
    ),
    Limit("sign-in", ("/v1/signin",), "session", 60, 2),
    Limit("exchange", _EXCHANGE, "session", 300, 20),
    Limit("figures", _FIGURES, "session", 300, 5),
    Limit("console", ("/console",), "session", 600, 20),
    Limit("journal systems", ("/v1/fhir",), "session", 120, 5),
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
        self._known: OrderedDict[str, None] = OrderedDict()

    def of(self, method: str, path: str) -> list[Limit]:
        """The limits of a call."""
        return [limit for limit in self.limits if limit.covers(method, path)]

    def wait(self, limit: Limit, caller: str) -> int:
        """Seconds until the caller may call again; 0: now."""
        left = self._allowance(limit, caller).left
        return 0 if left >= 1 else min(_WAIT_MOST_S, math.ceil((1 - left) / limit.per_second))

    def use(self, limit: Limit, caller: str) -> None:
        self._allowance(limit, caller).left -= 1

    def knows(self, token: str) -> bool:
        """Whether a token has been shown here that held."""
        return token in self._known

    def meet(self, token: str) -> None:
        """The token holds."""
        self._known[token] = None
        self._known.move_to_end(token)
        if len(self._known) > _CALLERS_MOST:
            self._known.popitem(last=False)

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


def token_holds(scope: Any) -> None:
    """Say of a call that its token, or what it showed to get one, holds."""
    scope["state"][_HOLDS] = True


def limited(limiter: Limiter) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware that refuses, with TooOften, whoever has nothing left."""

    def around(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            client = scope.get("client")
            address, token = address_of(client[0] if client else ""), _token(scope)
            callers: dict[Whose, str] = {"address": address}
            if token:
                callers["session"] = token
            if not limiter.knows(token):
                callers["stranger"] = address
            counted = [
                (limit, callers[limit.whose])
                for limit in limiter.of(str(scope.get("method")), scope["path"])
                if limit.whose in callers
            ]
            waits = [limiter.wait(limit, caller) for limit, caller in counted]
            if any(waits):
                raise TooOften("too_often", "calls have come too fast", retry_after=max(waits))
            for limit, caller in counted:
                if limit.whose != "stranger":
                    limiter.use(limit, caller)

            async def answered(message: Message) -> None:
                if message["type"] == "http.response.start":
                    settle(scope, token, counted)
                await send(message)

            await app(scope, receive, answered)

        return call

    def settle(scope: Any, token: str, counted: list[tuple[Limit, str]]) -> None:
        if scope["state"].get(_HOLDS):
            limiter.meet(token)
            return
        for limit, caller in counted:
            if limit.whose == "stranger":
                limiter.use(limit, caller)

    return around


def _token(scope: Any) -> str:
    """What the caller is told from others by: the digest of a bearer token or of a cookie; empty: neither."""
    headers = Headers.from_scope(scope)
    shown = headers.get("authorization", "") + _console_cookie(headers.get("cookie", ""))
    return named(shown) if shown else ""


def named(shown: str) -> str:
    """What a caller is called here by what they show: the header ``Authorization``, or a cookie."""
    return digest(shown).hex()


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

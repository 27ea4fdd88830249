"""What every answer says to browsers, whatever it is: an API call, a page, a refusal, a fault of ours.

Pages that need more of the browser (the console's) say so themselves; here is what holds for the rest.
Sources: OWASP ASVS 5.0 chapter 3, OWASP HTTP Headers Cheat Sheet, RFC 6797 (HSTS), CSP level 3.
"""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from endpoint.settings import Settings
from wire.messages import PROTOCOL

HSTS = "max-age=63072000; includeSubDomains"
"""Two years, for the endpoint's own name and what is below it; not for what stands beside it."""
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_DENIED = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
    "payment=(), publickey-credentials-get=(), usb=()"
)

ALWAYS = {
    "Rapp-Protocol": str(PROTOCOL),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": _DENIED,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Phones take an answer without Rapp-Protocol for a captive portal."""
UNLESS_SAID = {
    "Content-Security-Policy": _NOTHING,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Nothing is kept, fetched or framed, except where an answer says otherwise."""


_TWO_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
"""A request with both is read by the second, and its connection ends with the answer (RFC 9112, 6.1): whoever
reads by the first takes something else for the next request."""


def say_to_browsers(settings: Settings) -> BeforeMessageSendHookHandler:
    """The hook that gives every answer its headers."""
    always = ALWAYS | ({"Strict-Transport-Security": HSTS} if settings.secure else {})

    async def say(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders(message)
        for name, value in always.items():
            headers[name] = value
        for name, value in UNLESS_SAID.items():
            headers.setdefault(name, value)
        if _TWO_LENGTHS.issubset(name for name, _ in scope["headers"]):
            headers["Connection"] = "close"

    return say

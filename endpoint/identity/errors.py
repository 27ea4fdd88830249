"""Every failure of a sign-in through an identity provider, and the page that tells of it.

SignInError
├── Unreachable      the provider does not answer, or not in a way that can be read
├── Declined         the provider says no: the person turned back, or may not use this service
├── NotOurs          an answer that this browser asked for nowhere, or that has been used
├── NotValid         what the provider has signed does not hold
├── TooWeak          it holds, but the person was not identified surely enough
├── Unknown          surely somebody, but nobody in the register of staff
├── NotHere          in the register, with no role that counts here today
└── GrantOver        the provider stands by the person no more
"""

from endpoint.errors import EndpointError


class SignInError(EndpointError):
    """Base of what ends a sign-in. `text` is the key of what the person is told, the rest is for the log."""

    status = 400
    text = "console.signin_error.not_valid"


class Unreachable(SignInError):
    """The provider does not answer, or not in a way that can be read. Nothing has been decided."""

    status = 503
    text = "console.signin_error.unreachable"


class Declined(SignInError):
    """The provider says no: the person turned back, or may not use this service."""

    status = 403
    text = "console.signin_error.declined"


class NotOurs(SignInError):
    """An answer that this browser asked for nowhere, or that has been used."""

    text = "console.signin_error.not_ours"


class NotValid(SignInError):
    """What the provider has signed does not hold: signature, issuer, audience, nonce or time."""


class TooWeak(SignInError):
    """It holds, but the person was not identified surely enough, or not anew."""

    status = 403
    text = "console.signin_error.too_weak"


class Unknown(SignInError):
    """Surely somebody, but nobody in the register of staff. `identity`: what they would be found by there."""

    status = 403
    text = "console.signin_error.unknown"

    def __init__(self, reason: str, identity: str = "") -> None:
        super().__init__(reason)
        self.identity = identity


class NotHere(SignInError):
    """In the register of staff, with no role that counts here today."""

    status = 403
    text = "console.signin_error.not_here"


class GrantOver(SignInError):
    """The provider stands by the person no more: the account is closed, or the sign-in there has ended."""

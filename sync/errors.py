"""Every failure of this package.

SyncError
├── Offline                 nobody answered: no coverage, no such name, the line broke
│   ├── TimedOut            somebody answered the call, but not in time
│   ├── Untrusted           the other end's certificate does not hold: a login page, or a wrong clock
│   ├── CaptivePortal       somebody else answered: a network's login page
│   └── Busy                the endpoint asks to be left alone for a while
├── Insecure                an address that would send in the clear
├── OtherEndpoint           somebody answers in the endpoint's place: its key is not the one that was named
├── BadAnswer               a signature that does not hold, or an answer without its form: none of it is used
└── Refused                 the endpoint understood and said no, with a code
    ├── NotSignedIn         the token does not hold: a new session is opened
    ├── Malformed           it could not read the request: the batch is halved until the one is found
    ├── TooLarge            the batch is larger than the endpoint takes: it is halved
    ├── NoRole              the person holds no role today; what they have saved is sent all the same
    ├── TooOld              this app's protocol is no longer spoken
    └── Closing             this phone is being closed, or has been: it may send what it has, nothing else

What is Offline passes by itself and is normal; the rest needs somebody, sooner or later. `key` is the text
that says it (`delivery.offline`, `delivery.portal` ...).
"""


class SyncError(Exception):
    """Base of everything that sync/ raises."""

    key = "delivery.error"


class Offline(SyncError):
    """Nobody answered. Whether the request had an effect is not known."""

    key = "delivery.offline"


class TimedOut(Offline):
    """The connection stood, but the answer did not come in time."""

    key = "delivery.slow"


class Untrusted(Offline):
    """The certificate does not hold. A login page that breaks into TLS, or a clock that is far off."""

    key = "delivery.untrusted"


class CaptivePortal(Offline):
    """The answer is not the endpoint's: some network wants somebody to log in first."""

    key = "delivery.portal"


class Busy(Offline):
    """The endpoint cannot answer now. `retry_after` is how many seconds it asked for, if it said."""

    key = "delivery.busy"

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Insecure(SyncError):
    """The address is neither https nor this very machine."""

    key = "delivery.insecure"


class OtherEndpoint(SyncError):
    """Whoever answers has another key than the endpoint that was named. Nothing of it is used."""

    key = "delivery.other_endpoint"


class BadAnswer(SyncError):
    """The answer is not what the endpoint would have signed or formed. Nothing of it is used."""

    key = "delivery.bad_answer"


class Refused(SyncError):
    """The endpoint said no. `code` is stable, `field` is named where there is one."""

    key = "delivery.refused"

    def __init__(self, code: str, field: str | None = None, reason: str = "") -> None:
        super().__init__(f"{code}{f' ({field})' if field else ''}: {reason}")
        self.code = code
        self.field = field
        self.reason = reason


class NotSignedIn(Refused):
    """The token does not hold, or what was signed to get one was not believed."""

    key = "delivery.not_signed_in"


class Malformed(Refused):
    """The endpoint could not read the request."""

    key = "delivery.malformed"


class TooLarge(Refused):
    """The request is larger than the endpoint takes."""

    key = "delivery.too_large"


class NoRole(Refused):
    """The person holds no role today: nothing is fetched for them. The phone itself sends what is saved."""

    key = "delivery.no_role"


class TooOld(Refused):
    """The endpoint no longer speaks this app's protocol. What is saved stays, until the app is updated."""

    key = "delivery.too_old"


class Closing(Refused):
    """This phone is being closed, or has been. What is saved is sent; nobody is let in."""

    key = "delivery.closing"

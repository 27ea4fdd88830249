"""Every failure of this package, and the answer that a caller gets for it.

EndpointError
├── Refused                 a call that is answered with a Problem
│   ├── NotReadable         400  the body, a header or a parameter does not have its form
│   ├── NotKnown            401  no session, or a proof that does not hold
│   ├── NotAllowed          403  known, but not for this
│   ├── NotFound            404  nothing by that name
│   ├── Gone                410  it was there, and is over
│   ├── TooLarge            413  more than one call may carry
│   ├── TooOften            429  more calls than one may make
│   └── NotNow              503  try again later
├── NotAllSigned            of a batch that was taken for signed, not all is: its transaction is undone
├── Apart                   what some phones sent cannot be judged together: each is to be taken in by itself
├── KeyFileError            the endpoint's own keys cannot be read
├── SettingError            a setting is missing, or has no meaning
├── BackupError             the database could not be copied
├── NoSuchRevision          migrations were to go back to one that there is not
└── DemoOnlyError           a part of the demo was asked for outside the demo
"""

from wire.messages import Problem


class EndpointError(Exception):
    """Base of everything that endpoint/ raises."""


class Refused(EndpointError):
    """A call that is answered with a Problem. `code` is stable, `reason` is for logs."""

    status = 400

    def __init__(
        self, code: str, reason: str = "", *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{code}: {reason}")
        self.problem = Problem(code=code, field=field, reason=reason, retry_after=retry_after)


class NotReadable(Refused):
    """The body, a header or a parameter does not have its form."""


class NotKnown(Refused):
    """No session, or a proof that does not hold."""

    status = 401


class NotAllowed(Refused):
    """The caller is known, but this is not theirs to do."""

    status = 403


class NotFound(Refused):
    """Nothing by that name."""

    status = 404


class Gone(Refused):
    """It was there, and is over."""

    status = 410


class TooLarge(Refused):
    """More than one call may carry; halve it."""

    status = 413


class TooOften(Refused):
    """More calls than one may make. `retry_after` says when to come again; nothing is lost by waiting."""

    status = 429


class NotNow(Refused):
    """The endpoint cannot take it at the moment; what was sent is not lost by sending it again."""

    status = 503


class NotAllSigned(EndpointError):
    """Of a batch that was taken for signed not all is: its transaction is undone."""


class Apart(EndpointError):
    """What some phones sent cannot be judged together: each is to be taken in by itself, in its turn."""


class KeyFileError(EndpointError):
    """The endpoint's key file is missing, damaged or readable by others. It is never made anew over one."""


class SettingError(EndpointError):
    """A setting is missing, or has no meaning. Says which, and never what a secret was."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


class BackupError(EndpointError):
    """The database could not be copied; says why. What was there is as it was."""


class NoSuchRevision(EndpointError):
    """Migrations were to go back to a revision that there is not; says which there are."""


class DemoOnlyError(EndpointError):
    """A part of the demo was asked for outside the demo."""

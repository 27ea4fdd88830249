"""Every failure of this package, and the OperationOutcome that a caller gets for it.

FhirError
├── BadSearch       400  a parameter that is not known, or whose value does not have its form
├── NoSuchThing     404  no such resource that is theirs to read
└── NoSuchType      404  a type that is not served
"""

from endpoint.errors import EndpointError


class FhirError(EndpointError):
    """Base of everything that endpoint/fhir/ raises. ``code``: the issue type; ``field``: what it is of."""

    status = 400
    code = "invalid"

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


class BadSearch(FhirError):
    """A search that cannot be done as it was asked. Nothing is left out silently."""


class NoSuchThing(FhirError):
    """Nothing by that id, or nothing that the caller may know of."""

    status = 404
    code = "not-found"


class NoSuchType(FhirError):
    """A type of resource that this endpoint does not serve."""

    status = 404
    code = "not-supported"

"""Every failure of this package.

PeopleError
├── Unreadable          a file that is not a list of staff, whatever it is
├── LastAdministrator   the vårdgivare would be left without anybody who may change anything
├── Changed             what was shown is no longer so: somebody else was here meanwhile
├── NotGivable          a change that is not theirs to make
├── BadPatch            an operation of SCIM that cannot be done
└── ScimError           a call of SCIM that is refused
"""

from datetime import date

from endpoint.errors import EndpointError


class PeopleError(EndpointError):
    """Base of everything that endpoint/people/ raises."""


class Unreadable(PeopleError):
    """The file cannot be read as staff. `text` is the key of why, `values` what is filled into it."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(f"{text} {values}" if values else text)
        self.text = text
        self.values = values


class LastAdministrator(PeopleError):
    """From a day, nobody would hold the role of administrator in any unit of the vårdgivare."""

    def __init__(self, day: date, provider: str) -> None:
        super().__init__(f"nobody administers {provider} from {day}")
        self.day = day
        self.provider = provider


class Changed(PeopleError):
    """The thing is not what it was when the change was thought of."""


class NotGivable(PeopleError):
    """The change speaks for another vårdgivare, or for somebody who is not in sight. `field` names what."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class BadPatch(PeopleError):
    """An operation that cannot be done. `kind`: the scimType of RFC 7644, 3.12."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class ScimError(PeopleError):
    """A call that is refused with `status`. `kind`: the scimType, where there is one."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind

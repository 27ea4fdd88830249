"""Every failure of this package.

DeviationsError
├── Unreadable      a file that cannot be read as what it should be, whatever it is
└── WrongValue      a cell that has no meaning; the row is left out and listed
"""

from endpoint.errors import EndpointError


class DeviationsError(EndpointError):
    """Base of everything that endpoint/deviations/ raises."""


class Unreadable(DeviationsError):
    """The file, or the map, cannot be read at all. Says why."""


class WrongValue(DeviationsError):
    """`field` names the column, the text says why it has no meaning. `word`: one that a map could explain."""

    def __init__(self, field: str, reason: str, word: str = "") -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.word = word

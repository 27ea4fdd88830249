"""Every failure of this package.

DeviationsError
├── Unreadable      a file that cannot be read as what it should be, whatever it is
└── WrongValue      a cell that has no meaning; the row is left out and listed
"""

from collections.abc import Mapping
from types import MappingProxyType

from endpoint.errors import EndpointError


class DeviationsError(EndpointError):
    """Base of everything that endpoint/deviations/ raises."""


class Unreadable(DeviationsError):
    """The file, or the map, cannot be read at all. Says why; `why`: the key of that text."""

    def __init__(
        self, reason: str, why: str = "", values: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        super().__init__(reason)
        self.why = why
        self.values = values


class WrongValue(DeviationsError):
    """`field` names the column, the text says why it has no meaning. `word`: one that a map could explain.

    ``why`` is the key of that text and ``values`` what fills it, for those who read another language.
    """

    def __init__(
        self,
        field: str,
        reason: str,
        word: str = "",
        why: str = "",
        values: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.word = word
        self.why = why
        self.values = values

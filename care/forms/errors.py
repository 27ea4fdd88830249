"""What can be wrong with a form, and how it is said.

FormError                 carries every fault found, not only the first
├── FaultyFormError       the form itself is faulty, or uses what this app does not support
└── FaultyResponseError   the answers cannot be read against this form

NotReckoned               an expression of the form gave nothing that can be used; never leaves `care/forms`
"""

from __future__ import annotations

from msgspec import Struct

from care.errors import CareError


class Fault(Struct, frozen=True):
    """One thing that is wrong.

    `link_id` names the item ("" for the form as a whole), `reason` says in English what is wrong with it,
    `path` is where it stands in the JSON, as `item[0].item[2].answerOption[1]`.
    """

    link_id: str
    reason: str
    path: str

    def __str__(self) -> str:
        return f"{self.link_id or '-'} at {self.path or 'top'}: {self.reason}"


class FormError(CareError):
    """A form or its answers were refused; `faults` holds every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class FaultyFormError(FormError):
    """The form is faulty or names a construct that is not supported."""


class FaultyResponseError(FormError):
    """The response does not belong to the form, or cannot be read against it."""


class NotReckoned(CareError):
    """An expression gave nothing that can be used; says why, in English."""


class Place(Struct, frozen=True):
    """Where in the JSON a check stands; faults found there are added to the shared list."""

    faults: list[Fault]
    path: str = ""
    link_id: str = ""

    def fault(self, reason: str) -> None:
        self.faults.append(Fault(self.link_id, reason, self.path))

    def at(self, step: str | int) -> Place:
        """The place one step further in: a property, or a number in a list."""
        if isinstance(step, int):
            path = f"{self.path}[{step}]"
        else:
            path = f"{self.path}.{step}" if self.path else step
        return Place(self.faults, path, self.link_id)

    def named(self, link_id: str) -> Place:
        return Place(self.faults, self.path, link_id)

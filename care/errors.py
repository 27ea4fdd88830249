"""Every failure of this package.

CareError
├── FactError            a fact whose bytes or fields cannot be read
│   └── BodyError        a known fact type whose body does not have its form
├── ScheduleError        an order whose days or times cannot be worked out
└── FormError            a questionnaire that cannot be used (care.forms)
"""


class CareError(Exception):
    """Base of everything that care/ raises."""


class FactError(CareError):
    """The bytes are not a fact. `field` names what was wrong, `reason` says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BodyError(FactError):
    """The type is known, but its body does not have the form of that type and version."""


class ScheduleError(CareError):
    """An order whose rule for days, or whose time of day, cannot be read."""

"""Every failure of the demo data.

DemoError
└── UnknownName          a name that assets/demo does not have
"""


class DemoError(Exception):
    """Base of everything that endpoint/demo raises."""


class UnknownName(DemoError):
    """A key that no unit, member of staff, resident or order has."""

"""Every failure of log control.

LogControlError
├── NoSuchControl   nothing by that id, or no such row
├── AlreadyClosed   what is signed is not changed
├── NotDone         rows are still to be judged
├── NoteNeeded      what needs investigation must be said in words
├── OwnReading      nobody judges their own reading
└── NotOver         a month is controlled when it has ended
"""

from endpoint.errors import EndpointError


class LogControlError(EndpointError):
    """Base of everything that endpoint/log_control raises."""


class NoSuchControl(LogControlError):
    """Nothing by that id, or no such row."""


class AlreadyClosed(LogControlError):
    """What is signed is not changed."""


class NotDone(LogControlError):
    """Rows are still to be judged."""


class NoteNeeded(LogControlError):
    """What needs investigation must be said in words."""


class OwnReading(LogControlError):
    """Nobody judges their own reading."""


class NotOver(LogControlError):
    """A month is controlled when it has ended."""

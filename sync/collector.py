"""Python's collector of garbage, as a phone has it. Called once, by whoever starts the app."""

import gc

_NEW_OBJECTS = 20_000
"""Objects made, less those let go, until the youngest are searched (Python's own: 700): a page of 500 facts
makes thousands that all live until it is written."""


def spare_what_stays() -> None:
    """What has been imported by now stays, and is not searched again. It is not searched now either: the
    first screen would wait for that."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])

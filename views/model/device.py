"""The phone's own services, such as its dialler and its vibration: one of each kind for each page.

Flet registers a service with the page that it is made on, and drops those that nobody holds. One that is made
when a module is imported belongs to no page and cannot be called.
"""

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

import flet as ft

Kind = TypeVar("Kind", bound=ft.Service)
_held: "WeakKeyDictionary[ft.Page, dict[type[ft.Service], ft.Service]]" = WeakKeyDictionary()


def service(kind: type[Kind], make: Callable[[], Kind] | None = None) -> Kind:
    """The service of the page that is being drawn, or whose event is being handled. `make`: with settings."""
    mine = _held.setdefault(ft.context.page, {})
    if kind not in mine:
        mine[kind] = (make or kind)()
    found = mine[kind]
    assert isinstance(found, kind)
    return found

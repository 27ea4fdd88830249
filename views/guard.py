"""Keeps one fault from taking the whole screen.

Flet replaces the screen when a handler raises, and stops the session's updates when a component raises while
it re-renders. So every handler goes through `guarded` (the components do that themselves, with `look.failed`)
and every screen through `boundary`. What is logged is the kind of fault and where in the code it arose, never
its message or its values: they may name a person.
"""

import inspect
import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import flet as ft

logger = logging.getLogger("rapp.guard")


class Failure(NamedTuple):
    """What may be shown and logged of a fault: its kind and its place in the code. Nothing of its values.

    The error is kept without its traceback, whose frames lead to everything that was at hand, open keys too.
    """

    kind: str
    place: str
    error: BaseException


def describe(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return Failure(type(error).__name__, place, _bare(error))


def _bare(error: BaseException) -> BaseException:
    before: BaseException | None = error
    while before is not None:
        before.__traceback__ = None
        before = before.__cause__ or before.__context__
    return error


def report(error: BaseException, what: str) -> Failure:
    """Logs a fault without personal data, and describes it."""
    failure = describe(error)
    logger.error("%s failed: %s at %s", what, failure.kind, failure.place)
    return failure


def guarded(handler: Callable[..., Any] | None, failed: Callable[[Failure], Any] | None = None) -> Any:
    """Wraps an event handler, plain or async, so that it never raises. None stays None.

    On a fault `failed` is told, and is to show the banner or snack; the draft is left as it was. Arguments
    that the handler does not take (Flet's event, mostly) are left out.
    """
    if handler is None:
        return None
    takes = _takes(handler)

    async def run(*arguments: Any) -> None:
        try:
            answer = handler(*arguments[:takes])
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:
            failure = report(error, "handler")
            if failed is not None:
                _tell(failed, failure)

    return _event_handler(run)


def _event_handler(run: Callable[..., Any]) -> Callable[..., Any]:
    async def handle(event: Any = None) -> None:
        await run(event)

    return handle


def _takes(handler: Callable[..., Any]) -> int:
    """How many positional arguments must be given: 0 for `lambda: ...`, 1 for `lambda event: ...`."""
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):
        return 1
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters)


def _tell(failed: Callable[[Failure], Any], failure: Failure) -> None:
    try:
        failed(failure)
    except Exception as error:
        report(error, "showing a failure")


def boundary(
    screen: Callable[..., Any],
    on_leave: Callable[[], Any] | None = None,
    *,
    page: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """A component that draws `screen`, a plain function with hooks, and an error page if that raises.

    `screen` must not be decorated with @ft.component: a component draws later, outside any try. The error
    page says what is safe, offers 112, and `on_leave` as the way back; or it is the `page` that is given,
    drawn with the look and the screen's own arguments. A component inside the screen that has its own state
    needs a boundary of its own.
    """

    @ft.component
    @wraps(screen)
    def guarded_screen(*arguments: Any, **named: Any) -> Any:
        from views.components.states import (
            error_page,
        )  # drawn from above: components themselves use `guarded`
        from views.theme.look import use_look

        look = use_look()
        try:
            return screen(*arguments, **named)
        except Exception as error:
            report(error, f"screen {screen.__name__}")
        try:
            if page is not None:
                return page(look, *arguments)
        except Exception as error:
            report(error, f"error page of {screen.__name__}")
        return error_page(look, on_leave=on_leave)

    return guarded_screen

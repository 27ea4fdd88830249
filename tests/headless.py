"""Drives screens without Flutter: a real flet session whose other end is this file.

    async with Headless(App) as screen:
        await screen.click("Given")
        assert screen.has("Sparat.")

What is sent is packed exactly as for a phone, so a control that cannot travel fails here too. A component
that raises while it re-renders stops flet's scheduler for good; `settle` raises that error, it does not hang.
"""

import asyncio
import dataclasses
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("RAPP_STRICT_TEXTS", "1")

import flet as ft
import msgpack
from flet.components.component import Component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from views import presses

presses.DOUBLE_TAP_S = 0.0  # a test presses the same thing faster than any thumb that means it


NEVER = object()
"""A call that the phone does not answer."""


class Wire(Connection):
    """The phone's end: packs what is sent, answers calls with `answers[name]`, keeps what crashed.

    An answer that can be called is given the arguments as they travel; what it raises is the phone's error.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(2)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[str, Any]] = []
        self.crashes: list[str] = []
        self.bytes_sent = 0
        self.session: Session | None = None

    def send_message(self, message: Message) -> None:
        encode = configure_encode_object_for_msgpack(BaseControl)
        self.bytes_sent += len(msgpack.packb([message.action, message.body], default=encode))
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        if message.action == MessageAction.INVOKE_METHOD:
            body = message.body
            self.calls.append((body.name, body.args))
            answer, error = self.answers.get(body.name), None
            if callable(answer):
                try:
                    answer = answer(msgpack.unpackb(msgpack.packb(body.args, default=encode)))
                except Exception as fault:
                    answer, error = None, str(fault)
            if answer is not NEVER:
                done = self.session.handle_invoke_method_results
                self.loop.call_soon(done, body.control_id, body.call_id, answer, error)


class Headless:
    """One session showing `root` (a component; its result is a list of views, or one control)."""

    def __init__(
        self,
        root: Callable[..., Any],
        *arguments: Any,
        width: float = 390,
        height: float = 844,
        dark: bool = False,
        route: str = "/",
    ) -> None:
        self.root, self.arguments = root, arguments
        self.page_patch = {
            "route": route,
            "width": width,
            "height": height,
            "web": False,
            "pwa": False,
            "debug": False,
            "platform": ft.PagePlatform.ANDROID,
            "platform_brightness": ft.Brightness.DARK if dark else ft.Brightness.LIGHT,
        }

    async def __aenter__(self) -> "Headless":
        self.wire = Wire()
        self.session = self.wire.session = Session(self.wire)
        self.page = self.session.page
        self._token = _context_page.set(self.page)
        self.session.apply_page_patch(self.page_patch)
        # Packing the first page is what the next difference is taken from.
        registered = RegisterClientResponseBody(self.session.id, self.session.get_page_patch(), "")
        self.wire.send_message(Message(MessageAction.REGISTER_CLIENT, registered))
        self.page.render_views(self._views)
        await self.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.session.close()
        await asyncio.sleep(0)
        self.wire.executor.shutdown(wait=False)

    def _views(self) -> list[ft.View]:
        made = self.root(*self.arguments)
        return made if isinstance(made, list) else [ft.View(route="/", padding=0, controls=[made])]

    async def settle(self, seconds: float = 0.02) -> None:
        """Lets handlers, effects and re-renders run, then raises what stopped any of them."""
        await asyncio.sleep(seconds)
        task = self.session._Session__updates_task
        if task.done() and not task.cancelled() and task.exception():
            raise task.exception()
        if self.wire.crashes:
            raise AssertionError(self.wire.crashes[-1])

    # ------------------------------------------------------------- finding

    def controls(self) -> Iterator[BaseControl]:
        """Every control on the screen, from the top of the page, through the components."""
        yield from _walk(self.page.views, set())

    def texts(self) -> list[str]:
        """What a reader sees, from the top."""
        return [
            control.value for control in self.controls() if isinstance(control, ft.Text) and control.value
        ]

    def has(self, words: str) -> bool:
        return any(words in text for text in self.texts())

    def find(self, name: str) -> ft.Semantics:
        """The button or choice whose spoken name is or holds `name`, or whose identifier it is."""
        found = [control for control in self.controls() if _pressable(control)]
        for fits in (
            lambda c: c.identifier == name,
            lambda c: spoken(c) == name,
            lambda c: name in spoken(c),
        ):
            for control in found:
                if fits(control):
                    return control
        raise LookupError(f"no button {name!r} among {[spoken(control) for control in found]}")

    # ------------------------------------------------------------- acting

    async def click(self, name: str) -> None:
        box = self.find(name).content
        if box.on_click is None:
            raise AssertionError(f"{name!r} cannot be pressed")
        await self.session.dispatch_event(box._i, "click", None)
        await self.settle()

    async def enter(self, label: str, value: str) -> None:
        """Writes in the text field under `label`."""
        for control in self.controls():
            if isinstance(control, ft.TextField) and getattr(control.label, "value", control.label) == label:
                self.session.apply_patch(control._i, {"value": value})
                await self.session.dispatch_event(control._i, "change", value)
                await self.settle()
                return
        raise LookupError(f"no field {label!r}")

    async def keys(self, digits: str) -> None:
        """Presses the number pad."""
        for digit in digits:
            await self.click(f"key-{digit}")

    async def code(self, digits: str) -> None:
        """Types a code without waiting for what is drawn in between, and presses the last key."""
        keys = {digit: self.find(f"key-{digit}").content._i for digit in set(digits)}
        for digit in digits:
            await self.session.dispatch_event(keys[digit], "click", None)
        await self.settle()
        await Headless.click(self, "key-main")
        await self.settle(0.05)


def spoken(control: ft.Semantics) -> str:
    """The name that a screen reader says: the label, and the texts inside."""
    parts = [control.label] if control.label else []
    for inside in _walk(control.content, set()):
        if isinstance(inside, ft.Text):
            parts.append(inside.semantics_label or inside.value or "")
        elif isinstance(inside, ft.Icon) and inside.semantics_label:
            parts.append(inside.semantics_label)
    return " ".join(parts)


def _pressable(control: BaseControl) -> bool:
    return isinstance(control, ft.Semantics) and (bool(control.button) or control.checked is not None)


def _walk(value: Any, seen: set[int]) -> Iterator[BaseControl]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item, seen)
    elif isinstance(value, Component):
        yield from _walk(value._b, seen)
    elif isinstance(value, BaseControl) and id(value) not in seen:
        seen.add(id(value))
        yield value
        for field in dataclasses.fields(value):
            if field.name in ("controls", "content", "actions", "spans", "views"):
                yield from _walk(getattr(value, field.name, None), seen)

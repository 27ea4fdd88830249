"""One tap opens the dialler."""

import flet as ft

from tests.headless import Headless
from views.components import button
from views.model.dial import dial
from views.theme import use_look


@ft.component
def Page() -> ft.Control:  # noqa: N802 - a component
    look = use_look()
    return button(look, "Ring", dial(look, "070-174 06 05"))


async def test_the_dialler_opens_with_the_number() -> None:
    async with Headless(Page) as screen:
        await screen.click("Ring")
        await screen.click("Ring")
    assert [(name, given["url"]) for name, given in screen.wire.calls] == [
        ("launch_url", "tel:0701740605"),
        ("launch_url", "tel:0701740605"),
    ]

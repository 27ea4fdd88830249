"""Every component on a few pages, for the tests and for the eye. Run: python -m tests.browser.gallery
PORT."""

import os
import sys
from functools import partial
from pathlib import Path

import flet as ft

from tests.browser.gallery_pages import PAGES
from views.texts import Texts
from views.theme import DARK, FONTS, LIGHT, Look, LookContext, flet_theme, use_measured

ASSETS = Path(__file__).parents[2] / "assets"


@ft.component
def gallery_page(name: str) -> ft.Control:
    return PAGES[name]()


@ft.component
def gallery() -> list[ft.View]:
    page = ft.context.page
    measured, probe = use_measured()
    name = page.route.strip("/") or "fall"
    language = os.environ.get("GALLERY_LANGUAGE", "sv")
    look = Look(
        palette=DARK if measured.dark else LIGHT,
        texts=Texts.load(language),
        scale=measured.scale,
        width=measured.width,
        height=measured.height,
        web=True,
        call_112=lambda: None,
    )
    content = LookContext(look, partial(gallery_page, name))
    return [
        ft.View(
            route=page.route,
            padding=0,
            bgcolor=look.palette.bg,
            controls=[ft.Stack([content, probe], expand=True)],
        )
    ]


def main(page: ft.Page) -> None:
    page.fonts = FONTS
    page.theme = flet_theme(LIGHT)
    page.dark_theme = flet_theme(DARK)
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.render_views(gallery)


if __name__ == "__main__":
    ft.run(main, host="127.0.0.1", port=int(sys.argv[1]), view=None, no_cdn=True, assets_dir=str(ASSETS))

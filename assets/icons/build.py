"""Draws every size of Rapp's mark from rapp.svg with Chromium: `python assets/icons/build.py`.

A rounded square in a browser's tab, a full square where the system cuts the corners itself, and for the
splash the bubble alone in the colours of the ground it stands on.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
ASSETS = HERE.parent
PINE, PAPER, MINT, NIGHT = "#0E5A58", "#FFFDF8", "#83D2C6", "#161310"


class Drawing(NamedTuple):
    """`share` is how much of the picture the 1024 units of the mark take; the rest is the ground's."""

    path: Path
    size: int
    ground: str | None
    bubble: str
    check: str
    share: float = 1.0
    rounded: bool = False


SAFE = 0.86
"""Launchers cut a circle out of the picture: the bubble stays within 80 % of it."""

DRAWINGS = (
    Drawing(ASSETS / "icon.png", 1024, PINE, PAPER, PINE),
    Drawing(ASSETS / "icon_android.png", 1024, PINE, PAPER, PINE, share=SAFE),
    Drawing(ASSETS / "splash.png", 1152, None, PINE, PAPER, share=0.8),
    Drawing(ASSETS / "splash_dark.png", 1152, None, MINT, NIGHT, share=0.8),
    Drawing(ASSETS / "favicon.png", 64, PINE, PAPER, PINE, rounded=True),
    Drawing(HERE / "apple-touch-icon-192.png", 192, PINE, PAPER, PINE),
    *(Drawing(HERE / f"icon-{size}.png", size, PINE, PAPER, PINE, rounded=True) for size in (192, 512)),
    *(
        Drawing(HERE / f"icon-maskable-{size}.png", size, PINE, PAPER, PINE, share=SAFE)
        for size in (192, 512)
    ),
)


def picture(drawing: Drawing) -> str:
    """The page that shows one drawing: the source's own shapes, in the drawing's colours."""
    square, bubble, check = (line for line in SOURCE.splitlines() if "<rect" in line or "<path" in line)
    parts = [
        bubble.replace(PAPER, drawing.bubble),
        check.replace(PINE, drawing.check),
    ]
    if drawing.ground:
        shape = square if drawing.rounded else square.replace(' rx="228"', "")
        parts.insert(0, shape.replace(PINE, drawing.ground))
    middle = 512 * (1 - drawing.share)
    around = f'<g transform="translate({middle} {middle}) scale({drawing.share})">'
    inside = parts[0] + around + "".join(parts[1:]) if drawing.ground else around + "".join(parts)
    size = drawing.size
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 1024 1024">'
    return f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg}{inside}</g></svg>"


def draw(page: Page, drawing: Drawing) -> None:
    page.set_viewport_size({"width": drawing.size, "height": drawing.size})
    page.set_content(picture(drawing))
    page.screenshot(path=drawing.path, omit_background=True)


SOURCE = (HERE / "rapp.svg").read_text(encoding="utf-8")

if __name__ == "__main__":
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page()
        for drawing in DRAWINGS:
            draw(page, drawing)
        chromium.close()

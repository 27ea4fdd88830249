"""A drawn chart, read again: its words, and how long, high and where its marks are."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

_BOX = re.compile(r"M([-\d.]+),([-\d.]+)h([-\d.]+)v([-\d.]+)h")
_AT = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)")


@dataclass(frozen=True)
class Box:
    fill: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Dot:
    fill: str
    x: float
    y: float


class Svg:
    def __init__(self, inner: str) -> None:
        self.root = ElementTree.fromstring(f"<svg>{inner}</svg>")
        legends = [one for one in self.root.iter("g") if "role-legend" in one.get("class", "")]
        of_legends = {part for one in legends for part in one.iter()}
        self.paths = [one for one in self.root.iter("path") if one not in of_legends]

    @property
    def words(self) -> list[str]:
        """Every text; one of several lines with spaces between."""
        return [" ".join(text.itertext()) for text in self.root.iter("text")]

    @property
    def numbers(self) -> list[int]:
        return [int(word.replace("\N{NO-BREAK SPACE}", "")) for word in self.words if word[:1].isdigit()]

    def boxes(self, fill: str) -> list[Box]:
        """The rectangles of a colour: `now`, `then`, `late` or a shade."""
        found = [
            (one.get("fill", ""), _BOX.match(one.get("d", "")))
            for one in self.paths
            if one.get("class") != "background"
        ]
        return [
            Box(colour, *(float(part) for part in box.groups()))
            for colour, box in found
            if box and colour.startswith(f"var(--{fill}")
        ]

    def dots(self, fill: str) -> list[Dot]:
        found = [
            (one.get("fill", ""), _AT.match(one.get("transform", "")))
            for one in self.paths
            if "A" in one.get("d", "")
        ]
        return [
            Dot(colour, *(float(part) for part in at.groups()))
            for colour, at in found
            if at and colour.startswith(f"var(--{fill}")
        ]

"""Unpacks web fonts to TTF, with tabular figures baked in.

Usage: build.py LICENCE OUT.ttf IN.woff2 [LICENCE OUT.ttf IN.woff2 ...]

Flutter reads TTF, not woff2, and gives no way to ask a font for a feature. Doses and measured values must
stand in columns, so the characters 0-9 are pointed at the font's own tabular glyphs (its `tnum` feature).
The licence text is copied beside the font, as the Open Font License asks.
"""

import shutil
import sys
from pathlib import Path

from fontTools.ttLib import TTFont


def tabular_figures(font: TTFont) -> dict[str, str]:
    """The substitutions of the font's `tnum` feature: proportional glyph -> tabular glyph."""
    if "GSUB" not in font:
        return {}
    table = font["GSUB"].table
    lookups = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    found: dict[str, str] = {}
    for index in lookups:
        for subtable in table.LookupList.Lookup[index].SubTable:
            found.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return found


def convert(source: Path, target: Path) -> None:
    font = TTFont(source)
    font.flavor = None
    tabular = tabular_figures(font)
    for subtable in font["cmap"].tables:
        if subtable.isUnicode():
            for code in range(ord("0"), ord("9") + 1):
                if subtable.cmap.get(code) in tabular:
                    subtable.cmap[code] = tabular[subtable.cmap[code]]
    font.save(target)


def main(arguments: list[str]) -> None:
    for licence, target, source in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        convert(Path(source), Path(target))
        shutil.copy(licence, Path(target).with_suffix(".OFL.txt"))


if __name__ == "__main__":
    main(sys.argv[1:])

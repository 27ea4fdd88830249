"""Colours that can be read, and type that can be told apart."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from views.texts import Texts
from views.theme import DARK, FONTS, LIGHT, ROLES, Look, flet_theme, tone
from views.theme.tokens import OUTLINE_PAIRS, TEXT_PAIRS, contrast
from views.theme.type import size

ASSETS = Path(__file__).parents[1] / "assets"
PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@PALETTES
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_is_readable_on_its_ground(palette, text, ground):
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@PALETTES
@pytest.mark.parametrize(("outline", "ground"), OUTLINE_PAIRS)
def test_every_control_is_told_from_its_ground(palette, outline, ground):
    assert contrast(getattr(palette, outline), getattr(palette, ground)) >= 3


@PALETTES
def test_every_tone_has_its_three_colours(palette):
    for name in ("quiet", "accent", "late", "done", "danger", "offline"):
        assert contrast(tone(palette, name).on_soft, tone(palette, name).soft) >= 4.5


@PALETTES
def test_material_wears_our_colours(palette):
    theme = flet_theme(palette)
    assert theme.color_scheme.primary == palette.fill
    assert theme.text_theme.body_large.letter_spacing == 0


def test_nothing_is_smaller_than_15():
    assert min(kind.size for kind in ROLES.values()) >= 15


def test_columns_give_way_before_a_word_is_broken():
    look = Look(palette=LIGHT, texts=Texts.load("sv"))
    words = ["Gick", "Reste sig", "Flyttades"]
    assert look.columns(3, words, "label", 24) == 3
    assert look.with_(scale=1.3).columns(3, words, "label", 24) == 2
    assert look.with_(scale=2.0).columns(3, words, "label", 24) == 1
    assert look.columns(3, ["Sjuksköterskan har pausat"], "label", 24) == 2


def test_big_roles_stop_growing_and_never_end_under_the_body_text():
    assert size("body", 2.0) * 2.0 == 36
    assert size("numeral", 2.0) * 2.0 == pytest.approx(56 * 1.4)
    assert size("numeral", 1.3) == 56
    for role in ("h1", "h2", "dose", "numeral"):
        assert size(role, 2.0) * 2.0 >= 36


@pytest.mark.parametrize("path", FONTS.values())
def test_the_fonts_are_there_with_their_licence_and_all_weights(path):
    file = ASSETS / path
    axis = TTFont(file)["fvar"].axes[0]
    assert axis.axisTag == "wght"
    assert axis.minValue <= 400 < 700 <= axis.maxValue
    assert file.with_suffix(".OFL.txt").exists() or file.name == "AtkinsonExt.ttf"


def test_digits_stand_in_columns_and_swedish_is_complete():
    font = TTFont(ASSETS / FONTS["Atkinson"])
    glyphs = font.getBestCmap()
    assert len({font["hmtx"][glyphs[ord(digit)]][0] for digit in "0123456789"}) == 1
    assert all(ord(letter) in glyphs for letter in "åäöÅÄÖéü·”–−²")

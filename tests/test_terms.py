"""One thing has one name, on the phone, in the forms and in the console."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import flet as ft
import pytest

from care.deviation import Category
from care.forms import Questionnaire
from views.components import sbar_stepper
from views.model.filling import CATEGORY_CODES
from views.model.phone import shipped_forms
from views.texts import Texts
from views.theme import LIGHT, Look

FORMS = shipped_forms(Path(__file__).parents[1] / "assets" / "forms")
LANGUAGES = ("sv", "en")

SAME = [
    *((f"category.{one}", f"console.category.{one}") for one in get_args(Category)),
    *((f"sbar.step_{letter}", f"console.letter.{letter}") for letter in "sbar"),
    *(
        (f"inbox.band_{band.replace('-', '_')}", f"console.news2.{band}")
        for band in ("low", "low-medium", "medium", "high", "incomplete")
    ),
    *(
        (f"inbox.tile_at_least_{band.replace('-', '_')}", f"console.news2.at_least_{band}")
        for band in ("low-medium", "medium", "high")
    ),
    *((f"news2.at_least_{band}", f"inbox.at_least_{band}") for band in ("low_medium", "medium", "high")),
    ("today.double_signed", "console.mark.double_signed"),
    ("today.double_signed", "signed.double"),
    ("today.given", "console.mark.given"),
    ("today.withheld", "console.mark.withheld"),
    ("today.later", "console.mark.later"),
    ("common.now", "console.mark.now"),
]
"""The phone's key and the console's."""


@pytest.mark.parametrize(("phone", "console"), SAME)
def test_the_phone_and_the_console_use_the_same_word(phone: str, console: str) -> None:
    for language in LANGUAGES:
        t = Texts.load(language)
        assert t(phone) == t(console)


def displays(form: Questionnaire, link_id: str, language: str) -> dict[str, str]:
    item = form.item(link_id)
    assert item is not None
    return {option.code: option.label(language) for option in item.options}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_calls_the_areas_what_the_tiles_do(language: str) -> None:
    t = Texts.load(language)
    for link_id in ("deviation.category", "deviation.closest"):
        found = displays(FORMS["deviation"], link_id, language)
        named = {code: t(f"category.{key}") for key, code in CATEGORY_CODES.items() if code in found}
        assert {code: found[code] for code in named} == named
        assert len(named) >= 11


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_says_how_awake_somebody_is_as_the_form_does(language: str) -> None:
    t = Texts.load(language)
    found = displays(FORMS["sbar"], "a.consciousness", language)
    assert found == {code: t(f"console.acvpu.{code}") for code in "ACVPU"}


def test_idag_is_a_page_and_i_dag_is_a_day() -> None:
    t = Texts.load("sv")
    assert (t("today.title"), t("date.today")) == ("Idag", "i dag")
    assert "idag" not in t("console.signing.empty")


@pytest.mark.parametrize(("width", "scale", "shown"), [(390, 1, True), (360, 1, True), (390, 1.4, False)])
def test_r_is_called_by_its_whole_name_where_there_is_room_and_else_by_its_letter(
    width: float, scale: float, shown: bool
) -> None:
    look = Look(palette=LIGHT, texts=Texts.load("sv"), width=width, scale=scale)
    words = [text for text in texts_in(sbar_stepper(look, "r", frozenset())) if len(text) > 1]
    assert words == (["R Rekommendation"] if shown else [])


def texts_in(control: object) -> Iterator[str]:
    """Every text drawn within a control."""
    if isinstance(control, ft.Text):
        yield control.value
    for inside in (*getattr(control, "controls", ()), getattr(control, "content", None)):
        if inside is not None:
            yield from texts_in(inside)

"""The number pad: what digits read, when a number is complete, and numbers below zero."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from care.forms import Item, load
from care.forms import vocabulary as v
from tests.test_filling import FORMS, shown
from tests.test_forms_published import limits, open_form, publish, published
from views.forms.numbers import entry, possible, shown_of, takes_minus, typed_of

COLD: dict[str, Any] = {
    "linkId": "cold",
    "text": "Temperatur i kylen",
    "type": "integer",
    "extension": limits(-20, 50),
    "required": True,
}
FINE: dict[str, Any] = {
    "linkId": "fine",
    "text": "Temperatur i frysen",
    "type": "decimal",
    "extension": [*limits(-30, 50), {"url": v.DECIMAL_PLACES, "valueInteger": 1}],
}


def item(name: str) -> Item:
    found = {"cold": COLD, "fine": FINE}.get(name)
    form = load(published("7", found)) if found else FORMS["sbar"]
    asked = form.item(name)
    assert asked
    return asked


@pytest.mark.parametrize(
    ("name", "typed", "reads", "complete"),
    [
        ("a.respiration", "2", "2", False),
        ("a.respiration", "22", "22", True),
        ("a.respiration", "0", "0", True),
        ("a.spo2", "94", "94", True),
        ("a.spo2", "10", "10", False),
        ("a.pulse", "38", "38", True),
        ("a.pulse", "112", "112", True),
        ("a.temperature", "376", "37,6", True),
        ("cold", "-", "−", False),
        ("cold", "-2", "−2", False),
        ("cold", "-5", "−5", True),
        ("cold", "-18", "−18", True),
        ("cold", "0", "0", False),
        ("fine", "-185", "−18,5", True),
        ("fine", "-4", "−4,", False),
    ],
)
def test_what_is_typed_reads_as_the_number_and_ends_when_no_digit_more_can_follow(
    name: str, typed: str, reads: str, complete: bool
) -> None:
    found = entry(item(name), typed)
    assert (found.shown, found.complete) == (reads, complete)


@pytest.mark.parametrize(("name", "value"), [("cold", -18), ("cold", 4), ("fine", Decimal("-18.5"))])
def test_a_number_below_zero_is_shown_again_as_it_was_given(name: str, value: Any) -> None:
    asked = item(name)
    found = entry(asked, typed_of(asked, [value]))
    assert found.value == value
    assert shown_of(asked, [value]).replace("−", "-").replace(",", ".") == str(value)


def test_a_minus_is_offered_only_where_a_number_may_be_below_zero() -> None:
    assert takes_minus(item("cold"))
    assert not any(takes_minus(one) for form in FORMS.values() for one in form.walk())
    assert not possible(item("cold"), -21)


async def test_the_minus_key_turns_the_number_and_turns_it_back(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        publish(shift, "7", published("7", COLD))
        filling = await open_form(screen, shift)
        await screen.key("1")
        await screen.click("key-minus")
        assert filling.answers["cold"] == [-1]
        await screen.click("key-minus")
        assert filling.answers["cold"] == [1]
        await screen.click("key-minus")
        await screen.key("8")
        assert filling.answers["cold"] == [-18]
        assert screen.has("−18")

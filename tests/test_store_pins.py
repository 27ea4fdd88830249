"""What is guessed first may not be chosen, and hardly anything else is refused."""

import pytest

from storage import PinRule
from storage.pins import check_pin


def why(pin: str) -> str:
    """Why it may not be chosen; empty: it may."""
    try:
        check_pin(pin)
    except PinRule as rule:
        return rule.reason
    return ""


@pytest.mark.parametrize(
    "pin",
    [
        *("000000", "11111111", "121212", "112112", "444555", "123123", "1231231", "48164816"),
        *("123456", "654321", "890123", "210987", "112233", "332211", "123499", "991234", "777731"),
        *("123321", "482284", "147258", "789456", "159753"),
    ],
)
def test_runs_repeats_and_patterns_of_the_keys_are_easy(pin: str) -> None:
    assert why(pin) == "easy"


@pytest.mark.parametrize(
    "pin",
    [
        *("850412", "120485", "000229", "310199"),  # YYMMDD, DDMMYY, any century
        *("19850412", "12041985", "8504121730", "4850412"),
        *("198573", "731985", "200448", "482019"),
    ],
)
def test_what_could_be_a_date_or_year_of_birth_is_refused_whoever_it_is(pin: str) -> None:
    assert why(pin) == "birth"


@pytest.mark.parametrize(
    "pin", ["482913", "246813", "135790", "102938", "593817", "861432", "183047", "4829137", "850432"]
)
def test_an_ordinary_code_is_taken(pin: str) -> None:
    assert why(pin) == ""


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("12345", "length"),
        ("1234567a", "digits"),
        ("", "digits"),
        ("\u0661" * 6, "digits"),
        ("4" * 65, "length"),
    ],
)
def test_a_code_is_digits_and_not_too_few(pin: str, reason: str) -> None:
    assert why(pin) == reason


def test_nine_in_ten_codes_of_six_digits_remain() -> None:
    """Of the whole million, counted once: 906,027. Here every 31st, which no pattern follows."""
    every = 31
    taken = sum(not why(f"{number:06}") for number in range(0, 1_000_000, every))
    assert taken * every == pytest.approx(906_027, rel=0.005)

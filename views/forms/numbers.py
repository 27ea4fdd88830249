"""Entering a value on the number pad: what it reads, and when it is complete and the field leaves by itself.

Nothing here knows any one measurement; all is drawn from the limits that the form gives. With the shipped
SBAR that is: two digits for breath and oxygen (10 waits for 100), three for pulse and pressure that begin
with 1 or 2, and a temperature that sets its own comma (376 is 37,6).
"""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from care.forms import Item, Quantity, Value

PADDED = frozenset({"integer", "decimal", "quantity", "time", "date"})
"""The types that are entered with the pad."""

SCALE_STEPS = 11
"""As many numbers as can be told apart side by side: 0 to 10."""

LONGEST = 9
TIME_DIGITS = 4
DATE_DIGITS = 8


class Entry(Struct, frozen=True):
    """What the digits so far read, the value they stand for, if any, and whether no more are awaited."""

    shown: str
    value: Value | None = None
    complete: bool = False


def scale_of(item: Item) -> range | None:
    """The numbers of a short scale that the form wants as a slider, to be pressed one by one.

    A thumb with a wet glove on a slider lands beside; what is longer is entered with the pad.
    """
    low, high = _limit(item.minimum), _limit(item.maximum)
    if item.control != "slider" or item.type != "integer" or low is None or high is None:
        return None
    found = range(int(low), int(high) + 1)
    return found if 1 < len(found) <= SCALE_STEPS else None


def padded(item: Item) -> bool:
    """Whether the question is entered with the pad."""
    return item.type in PADDED and scale_of(item) is None


def entry(item: Item, typed: str) -> Entry:
    """The reading of what was typed: digits, a comma if one was pressed, a minus in front."""
    if item.type == "time":
        return _time(typed)
    if item.type == "date":
        return _date(typed)
    below, digits = typed.startswith("-"), typed.removeprefix("-")
    sign = "−" if below else ""
    if not digits:
        return Entry(sign)
    if _decimals(item) and "," not in digits:
        digits = _with_comma(item, digits, below)
    whole, comma, part = digits.partition(",")
    number = Decimal(f"{'-' if below else ''}{whole or '0'}.{part or '0'}")
    if item.type == "integer":
        return Entry(f"{sign}{whole}", int(number), _is_last_digit(item, int(number)))
    value: Value = Quantity(number, *_unit(item)) if item.type == "quantity" else number
    complete = bool(comma) and len(part) >= _decimals(item) > 0
    return Entry(f"{sign}{digits}", value, complete)


def typed_of(item: Item, values: list[Value]) -> str:
    """What was typed for an answer that is there."""
    if not values:
        return ""
    value = values[0]
    if isinstance(value, str):
        return "".join(c for c in value if c.isdigit())[: TIME_DIGITS if item.type == "time" else DATE_DIGITS]
    number = value.value if isinstance(value, Quantity) else value
    return f"{number}".replace(".", ",")


def shown_of(item: Item, values: list[Value]) -> str:
    """An answer as the field shows it."""
    return entry(item, typed_of(item, values)).shown


def takes_comma(item: Item) -> bool:
    """Whether the pad needs a comma: a number with decimals and no limit that could set it."""
    return item.type in ("decimal", "quantity") and (item.decimals is None or item.maximum is None)


def takes_minus(item: Item) -> bool:
    """Whether the pad needs a minus: where the form's limits let the number be below zero."""
    low = _limit(item.minimum)
    return item.type in ("integer", "decimal", "quantity") and low is not None and low < 0


def possible(item: Item, value: Value) -> bool:
    """Within the limits that no answer may pass."""
    number = _number(value)
    if number is None:
        return True
    low, high = _limit(item.minimum), _limit(item.maximum)
    return (low is None or number >= low) and (high is None or number <= high)


def unusual(item: Item, value: Value) -> bool:
    """Possible, but so rare that it is asked about once."""
    number = _number(value)
    return number is not None and item.is_unusual(number)


def _is_last_digit(item: Item, number: int) -> bool:
    """No digit more could make it another number that is as likely as this one."""
    low, high = _limit(item.minimum), _limit(item.maximum)
    if number == 0:
        return low is None or low >= 0
    longer = number * 10
    if (longer > high if high is not None else False) or (number < 0 and low is not None and longer < low):
        return True
    if number > 0 and low is not None and number < low:
        return False
    return not item.is_unusual(number) and item.is_unusual(longer)


def _with_comma(item: Item, digits: str, below: bool) -> str:
    """Sets the comma as soon as another digit before it would pass the highest possible, or the lowest."""
    limit = _limit(item.minimum if below else item.maximum)
    if limit is None:
        return digits
    high = abs(limit)
    at = next((n for n in range(1, len(digits) + 1) if int(digits[:n]) * 10 > high), None)
    return f"{digits[:at]},{digits[at:]}"[: at + 1 + _decimals(item)] if at else digits


def _decimals(item: Item) -> int:
    if item.type == "integer":
        return 0
    return item.decimals if item.decimals is not None else 0


def _unit(item: Item) -> tuple[str, str]:
    if item.units:
        return item.units[0].display, item.units[0].code
    return item.unit, item.unit_code


def _limit(limit: Decimal | str | Quantity | None) -> Decimal | None:
    return limit.value if isinstance(limit, Quantity) else limit if isinstance(limit, Decimal) else None


def _number(value: Value) -> Decimal | None:
    if isinstance(value, Quantity):
        return value.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _time(typed: str) -> Entry:
    """0520 is 05:20; a first digit above 2 can only be an hour of its own."""
    digits = f"0{typed}" if typed[:1] > "2" else typed
    digits = digits[:TIME_DIGITS]
    shown = f"{digits[:2]}:{digits[2:]}" if len(digits) > 2 else digits
    fits = len(digits) == TIME_DIGITS and digits[:2] < "24" and digits[2:] < "60"
    return Entry(shown, f"{shown}:00" if fits else None, len(digits) == TIME_DIGITS)


def _date(typed: str) -> Entry:
    """20260314 is 2026-03-14."""
    digits = typed[:DATE_DIGITS]
    shown = "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)
    try:
        value = date.fromisoformat(shown).isoformat() if len(digits) == DATE_DIGITS else None
    except ValueError:
        value = None
    return Entry(shown, value, len(digits) == DATE_DIGITS)

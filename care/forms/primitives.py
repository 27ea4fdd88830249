"""The syntax of FHIR R4's primitive types (https://hl7.org/fhir/R4/datatypes.html#primitive)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

# What every receiver must be able to hold (FHIR R4, decimal).
MAX_DIGITS = 18
MAX_EXPONENT = 300

_CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
# A minute may have a leap second.
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?")
_OFFSET_AT_END = re.compile(r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))\Z")
# What no text may hold, of all that stands before the space.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


def is_decimal(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        return False
    return len(number.as_tuple().digits) <= MAX_DIGITS


def is_string(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _CONTROL.search(value)


def is_code(value: Any) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value))


def is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def is_uri(value: Any) -> bool:
    """An absolute URI: a relative one means nothing on a phone."""
    return isinstance(value, str) and bool(_ABSOLUTE_URI.fullmatch(value))


def is_language(value: Any) -> bool:
    return isinstance(value, str) and bool(_LANGUAGE.fullmatch(value))


def is_date(value: Any) -> bool:
    """YYYY, YYYY-MM or YYYY-MM-DD, and a day that exists."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value + "-01" * ((10 - len(value)) // 3))
    except ValueError:
        return False
    return True


def is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(_CLOCK.fullmatch(value))


def is_date_time(value: Any) -> bool:
    """A date, whole or in part, or a moment with seconds and an offset."""
    if not isinstance(value, str) or "T" not in value:
        return is_date(value)
    day, clock = value[:10], value[11:]
    offset = _OFFSET_AT_END.search(clock)
    if value[10:11] != "T" or offset is None:
        return False
    return len(day) == 10 and is_date(day) and is_time(clock[: offset.start()])

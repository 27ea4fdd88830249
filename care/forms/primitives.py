"""The syntax of FHIR R4's primitive types (https://hl7.org/fhir/R4/datatypes.html#primitive)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

# A JSON number travels as a double in most receivers; fifteen digits survive that unchanged.
MAX_DIGITS = 15
MAX_EXPONENT = 300

_CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d{1,6})?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")


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
    return isinstance(value, str) and bool(value.strip())


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
    return _parses(date.fromisoformat, value + "-01" * ((10 - len(value)) // 3))


def is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(_CLOCK.fullmatch(value)) and _parses(time.fromisoformat, value)


def is_date_time(value: Any) -> bool:
    """A date, whole or in part, or a moment with seconds and an offset."""
    if is_date(value):
        return True
    return (
        isinstance(value, str) and bool(_MOMENT.fullmatch(value)) and _parses(datetime.fromisoformat, value)
    )


def _parses(read: Callable[[str], Any], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True

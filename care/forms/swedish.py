"""How a value is written in Swedish.

The record is in Swedish whatever language the screen is in, so these words belong to the summary, not to the
catalogue of texts on the screen.
"""

from __future__ import annotations

from decimal import Decimal

from care.forms.values import Coding, Quantity, Value

_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip


def in_swedish(value: Value, type_: str = "") -> str:
    """The value as read by people: Ja, 37,6, 14 mars 2026, 06:40. `type_` is the item's."""
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, int | Decimal):
        return f"{value}".replace(".", ",").replace("-", "\N{MINUS SIGN}")
    if isinstance(value, Coding):
        return value.display or value.code
    if isinstance(value, Quantity):
        return f"{in_swedish(value.value)} {value.unit or value.code}"
    if type_ == "date":
        return _date(value)
    if type_ == "time":
        return value[:5]
    if type_ == "dateTime":
        day, _, clock = value.partition("T")
        return f"{_date(day)} {clock[:5]}".strip()
    return value


def _date(value: str) -> str:
    year, *rest = value.split("-")
    month = [_MONTHS[int(rest[0]) - 1]] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join([*day, *month, year])

"""Numbers as they are written in Sweden, and at the beginning of an amount."""

import re

NUMBER = re.compile(r"\d{1,7}(?:[.,]\d{1,4})?")


def number_of(text: str) -> float | None:
    """The number that a text is; None: it is none."""
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def leading(amount: str) -> float:
    """The number that an amount begins with: 1.5 of "1,5 tabletter"; 0: none."""
    found = NUMBER.match(amount.strip())
    return float(found[0].replace(",", ".")) if found else 0.0


def number(value: float) -> str:
    """A number as it is written in Sweden: 1,5; 3000."""
    return f"{value:.4f}".rstrip("0").rstrip(".").replace(".", ",")
